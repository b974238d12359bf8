import type { OrganizationId, Permission, Role } from '@dibs/shared';

/** Who asks, as proven by its credentials. The organization never comes from anywhere else. */
export interface Caller {
  readonly organizationId: OrganizationId;
  readonly kind: 'user' | 'servicePrincipal' | 'apiToken';
  readonly id: string;
  /** E-mail address, client id or token name. */
  readonly name: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
}
