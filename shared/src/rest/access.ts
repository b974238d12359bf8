import type { ApiTokenId, OrganizationId, ServicePrincipalId, UserId } from '../ids.js';

export const ROLES = ['owner', 'administrator', 'operator', 'viewer'] as const;
/** What a person or machine may do in its organization; each role may do all that the later ones may. */
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  'jobs:read',
  'jobs:submit',
  'jobs:control',
  'runners:read',
  'runners:manage',
  'access:read',
  'access:manage',
] as const;
/** `jobs:control`: cancel and retry. `access:*`: users, service principals, API tokens. */
export type Permission = (typeof PERMISSIONS)[number];

/** Who is signed in: `GET /api/v1/session`, also the answer of `POST /api/v1/session` (sign in). */
export interface Me {
  readonly kind: 'user' | 'servicePrincipal' | 'apiToken';
  readonly id: string;
  /** E-mail address, client id or token name. */
  readonly name: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  readonly organization: { readonly id: OrganizationId; readonly name: string };
}

/** `GET /api/v1/organization`: the caller's own. */
export interface OrganizationView {
  readonly id: OrganizationId;
  readonly name: string;
  /** Jobs that may be queued, claimed and running at a time; the others wait. null: any number. */
  readonly maxRunningJobs: number | null;
}

export interface UpdateOrganizationBody {
  maxRunningJobs?: number | null;
}

export interface SignInBody {
  readonly email: string;
  readonly password: string;
}

export interface UserView {
  readonly id: UserId;
  readonly email: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: string;
}

export interface ServicePrincipalView {
  readonly id: ServicePrincipalId;
  readonly name: string;
  readonly clientId: string;
  /** null: a runner's principal, which may use nothing but the runner link. */
  readonly role: Role | null;
  readonly disabled: boolean;
  readonly createdAt: string;
}

/** Shown once, when it is made. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface ServicePrincipalCreated extends ServicePrincipalView {
  readonly credentials: ClientCredentials;
}

export interface ApiTokenView {
  readonly id: ApiTokenId;
  readonly name: string;
  readonly role: Role;
  /** First characters of the token, to recognise it by. */
  readonly prefix: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface ApiTokenCreated extends ApiTokenView {
  /** Shown once. */
  readonly token: string;
}

/** One security-relevant success: `GET /api/v1/audit`. */
export interface AuditEventView {
  readonly id: string;
  readonly at: string;
  /** `user`, `servicePrincipal`, `apiToken`, or `system` for the server's own start. */
  readonly actorKind: string;
  readonly actorId: string;
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  readonly data: Readonly<Record<string, unknown>>;
}
