import type { Role } from '@dibs/shared';
import { mayGrant } from '../domain/access/permissions.js';
import { forbidden } from '../platform/errors.js';
import type { Caller } from './caller.js';

/**
 * Nobody hands out, changes or takes away more than they hold themselves. Called with the role something has and with
 * the one it is to get.
 *
 * @throws AppError 403
 */
export function demandMayGrant(caller: Caller, ...roles: readonly (Role | null)[]): void {
  for (const role of roles) {
    if (!mayGrant(caller.role, role)) throw forbidden(`The role ${caller.role} may not manage the role ${role}.`);
  }
}
