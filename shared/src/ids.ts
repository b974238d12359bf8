declare const kind: unique symbol;

/** A UUID that the compiler keeps apart from the ids of other things. At run time it is a plain string. */
export type Id<Kind extends string> = string & { readonly [kind]: Kind };

export type OrganizationId = Id<'organization'>;
export type UserId = Id<'user'>;
export type ServicePrincipalId = Id<'servicePrincipal'>;
export type ApiTokenId = Id<'apiToken'>;
export type RunnerId = Id<'runner'>;
/** One named instance of a runner record; stable over reconnects and restarts. */
export type InstanceId = Id<'instance'>;
/** One authenticated socket of an instance; new for every connection. */
export type SessionId = Id<'session'>;
export type JobId = Id<'job'>;
/** Made by the runner for one claim, so that a repeated claim is the same claim. */
export type ClaimId = Id<'claim'>;
