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
  'modules:read',
  'modules:manage',
  'access:read',
  'access:manage',
] as const;
/**
 * `jobs:control`: cancel and retry. `modules:*`: stacks, namespaces and modules with their settings. `access:*`: users,
 * service principals, API tokens.
 */
export type Permission = (typeof PERMISSIONS)[number];

/** Roles that can be granted for a part of the hierarchy: viewers see all of it, and owners are of the organization. */
export const GRANTABLE_ROLES = ['administrator', 'operator'] as const satisfies readonly Role[];
export type GrantableRole = (typeof GRANTABLE_ROLES)[number];

export const GRANTEE_KINDS = ['user', 'servicePrincipal', 'apiToken'] as const satisfies readonly Me['kind'][];

/** A role that holds for a stack, namespace or module and all inside it: `…/{id}/role-grants`. */
export interface RoleGrantView {
  readonly id: string;
  readonly role: GrantableRole;
  readonly grantee: { readonly kind: Me['kind']; readonly id: string; readonly name: string };
  readonly createdAt: string;
}

export interface CreateRoleGrantBody {
  role: GrantableRole;
  grantee: { kind: Me['kind']; id: string };
}

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
  /** What the log of an attempt may take, in MiB of text; of a longer one the middle is left out. null: what the server allows. */
  readonly logLimitMib: number | null;
}

export interface UpdateOrganizationBody {
  name?: string;
  maxRunningJobs?: number | null;
  logLimitMib?: number | null;
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

/** `PUT /api/v1/session/password`: one's own. */
export interface ChangePasswordBody {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export const AUDIT_ACTIONS = [
  'token.issued',
  'session.created',
  'session.ended',
  'organization.updated',
  'retention.updated',
  'user.created',
  'user.updated',
  'user.password_changed',
  'service_principal.created',
  'service_principal.updated',
  'service_principal.deleted',
  'service_principal.secret_rotated',
  'api_token.created',
  'api_token.revoked',
  'runner.created',
  'runner.registered',
  'runner.updated',
  'runner.deleted',
  'runner.assigned',
  'runner.unassigned',
  'runner.drain_requested',
  'runner.drain_ended',
  'pause.created',
  'pause.ended',
  'maintenance.started',
  'maintenance.ended',
  'module_settings.updated',
  'stack.created',
  'stack.updated',
  'stack.deleted',
  'namespace.created',
  'namespace.updated',
  'namespace.deleted',
  'module.created',
  'module.updated',
  'module.deleted',
  'module_run.started',
  'module_run.approved',
  'module_run.rejected',
  'module_run.canceled',
  'source.notified',
  'scope_run.started',
  'scope_run.canceled',
  'role_grant.created',
  'role_grant.deleted',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One security-relevant success: `GET /api/v1/audit`. */
export interface AuditEventView {
  readonly id: string;
  readonly at: string;
  /** `user`, `servicePrincipal`, `apiToken`, or `system` for the server's own start. */
  readonly actorKind: string;
  readonly actorId: string;
  /** E-mail address or name, as it is now; null: it is gone. */
  readonly actorName: string | null;
  readonly action: string;
  /** Id of what it was done to. */
  readonly target: string;
  /** What that is called now, or was when it was done; null: unknown. */
  readonly targetName: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
