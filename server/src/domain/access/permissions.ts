import { ROLES } from '@dibs/shared';
import type { Permission, Role } from '@dibs/shared';

const VIEWER = ['jobs:read', 'runners:read', 'modules:read'] as const satisfies readonly Permission[];
const OPERATOR = [...VIEWER, 'jobs:submit', 'jobs:control'] as const satisfies readonly Permission[];
const ADMINISTRATOR = [
  ...OPERATOR,
  'runners:manage',
  'modules:manage',
  'access:read',
  'access:manage',
] as const satisfies readonly Permission[];

/** Owners and administrators differ in whom they may make and change (`mayGrant`), not in what they may do. */
const PERMISSIONS_OF: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  administrator: ADMINISTRATOR,
  owner: ADMINISTRATOR,
};

export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS_OF[role];
}

/**
 * May somebody of role `own` hand out, change or take away `role`? At most one's own; `null` is a runner's principal,
 * which may do nothing here.
 */
export function mayGrant(own: Role, role: Role | null): boolean {
  // ROLES is ordered from the most to the least powerful
  return role === null || ROLES.indexOf(own) <= ROLES.indexOf(role);
}

/** Whose roles are several at one place may do what the strongest of them may. */
export function strongestOf(own: Role, ...granted: readonly Role[]): Role {
  return ROLES.find((role) => role === own || granted.includes(role)) ?? own;
}
