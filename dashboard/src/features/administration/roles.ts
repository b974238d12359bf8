import { ROLES, type Role } from '@dibs/shared';

/** What each role may do, for those who hand it out. */
export const ROLE_WORDS = {
  owner: 'Everything, and only owners make and change owners',
  administrator: 'Also runners, users, service principals, tokens and the audit trail',
  operator: 'Also submits, cancels and retries jobs, and pauses what they use',
  viewer: 'Sees jobs, logs and runners, changes nothing',
} as const satisfies Record<Role, string>;

/** Nobody hands out, changes or takes away more than they hold; the server refuses it too. `null`: a runner's principal. */
export function mayGrant(own: Role | undefined, role: Role | null): boolean {
  if (own === undefined) return false;
  return role === null || ROLES.indexOf(own) <= ROLES.indexOf(role);
}
