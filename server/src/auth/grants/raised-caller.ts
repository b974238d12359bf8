import { Injectable } from '@nestjs/common';
import type { AssignmentKind, Role } from '@dibs/shared';
import { Database, type Statement } from '../../database/database.js';
import { permissionsOf, strongestOf } from '../../domain/access/permissions.js';
import { UUID } from '../../platform/page.js';
import type { Caller } from '../caller.js';

/** What a route is about, so that grants on it, and on what it is in, count. */
export type GrantPlace = AssignmentKind | 'job' | 'moduleRun' | 'scopeRun';

/** $1 organization, $2 kind of place, $3 its id, $4 grantee */
const ROLES_AT: Statement = {
  name: 'grant-roles-at',
  text: /* sql */ `
    WITH place AS (
      SELECT COALESCE(s.stack_id, n.stack_id, x.stack_id, CASE w.kind WHEN 'stack' THEN w.id END) AS stack_id,
        COALESCE(s.namespace_id, n.id, x.namespace_id) AS namespace_id, COALESCE(s.module_id, m.id) AS module_id
      FROM (SELECT $2::text AS kind, $3::uuid AS id) w
      LEFT JOIN job_submissions s ON w.kind = 'job' AND s.organization_id = $1 AND s.id = w.id
      LEFT JOIN module_runs r ON w.kind = 'moduleRun' AND r.organization_id = $1 AND r.id = w.id
      LEFT JOIN scope_runs x ON w.kind = 'scopeRun' AND x.organization_id = $1 AND x.id = w.id
      LEFT JOIN modules m ON m.organization_id = $1 AND m.id = CASE w.kind WHEN 'module' THEN w.id ELSE r.module_id END
      LEFT JOIN namespaces n ON n.organization_id = $1
        AND n.id = CASE w.kind WHEN 'namespace' THEN w.id ELSE m.namespace_id END
    )
    SELECT g.role FROM place p
    JOIN role_grants g ON g.organization_id = $1 AND g.grantee_id = $4
      AND g.node_id IN (p.stack_id, p.namespace_id, p.module_id)`,
};

/** The one place where grants on stacks, namespaces and modules are asked. */
@Injectable()
export class RaisedCaller {
  constructor(private readonly database: Database) {}

  /**
   * The caller with all that grants give at this place; the same caller when there are none, or no such place: who may
   * not is not told which.
   */
  async at(caller: Caller, place: GrantPlace, id: string | undefined): Promise<Caller> {
    if (id === undefined || !UUID.test(id)) return caller;
    const values = [caller.organizationId, place, id, caller.id];
    const granted = await this.database.query<{ role: Role }>(ROLES_AT, values);
    const role = strongestOf(caller.role, ...granted.map((grant) => grant.role));
    return role === caller.role ? caller : { ...caller, role, permissions: permissionsOf(role) };
  }
}
