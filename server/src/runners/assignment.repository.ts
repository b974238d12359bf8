import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AssignmentKind, OrganizationId, RunnerId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import type { RunnerStanding } from '../dispatch/connected-instance.js';

export interface AssignmentRow {
  readonly id: string;
  readonly kind: AssignmentKind;
  readonly targetId: string;
  readonly path: string;
  readonly createdAt: Date;
}

export interface NewAssignment {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly runnerId: RunnerId;
  readonly kind: AssignmentKind;
  readonly targetId: string;
}

const COLUMNS = /* sql */ `
  a.id, a.created_at AS "createdAt", COALESCE(a.stack_id, a.namespace_id, a.module_id) AS "targetId",
  CASE WHEN a.stack_id IS NOT NULL THEN 'stack' WHEN a.namespace_id IS NOT NULL THEN 'namespace' ELSE 'module' END
    AS kind,
  concat_ws('/', s.name, n.name, m.name) AS path`;

const WITH_NAMES = /* sql */ `
  runner_assignments a
  LEFT JOIN modules m ON m.id = a.module_id
  LEFT JOIN namespaces n ON n.id = COALESCE(a.namespace_id, m.namespace_id)
  LEFT JOIN stacks s ON s.id = COALESCE(a.stack_id, n.stack_id)`;

const LIST: Statement = {
  name: 'assignment.list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM ${WITH_NAMES}
    WHERE a.organization_id = $1 AND a.runner_id = $2 ORDER BY path, a.id`,
};

/** Which table and column a kind of target is kept in. Names of columns cannot be parameters; these are all of ours. */
const TARGETS: Readonly<Record<AssignmentKind, { readonly table: string; readonly column: string }>> = {
  stack: { table: 'stacks', column: 'stack_id' },
  namespace: { table: 'namespaces', column: 'namespace_id' },
  module: { table: 'modules', column: 'module_id' },
};

const STANDINGS: Statement = {
  name: 'assignment.standings',
  text: /* sql */ `
    SELECT r.id AS "runnerId", r.name, r.priority, r.is_assigned_to_all_modules AS everything,
      array_remove(array_agg(a.stack_id), NULL) AS "stackIds",
      array_remove(array_agg(a.namespace_id), NULL) AS "namespaceIds",
      array_remove(array_agg(a.module_id), NULL) AS "moduleIds"
    FROM runners r LEFT JOIN runner_assignments a ON a.runner_id = r.id
    WHERE r.id = ANY($1::uuid[]) GROUP BY r.id`,
};

interface StandingRow {
  readonly runnerId: RunnerId;
  readonly name: string;
  readonly priority: number;
  readonly everything: boolean;
  readonly stackIds: readonly string[];
  readonly namespaceIds: readonly string[];
  readonly moduleIds: readonly string[];
}

@Injectable()
export class AssignmentRepository {
  constructor(private readonly database: Database) {}

  /** By their paths. */
  list(organizationId: OrganizationId, runnerId: string): Promise<AssignmentRow[]> {
    return this.database.query(LIST, [organizationId, runnerId]);
  }

  async count(manager: EntityManager, runnerId: RunnerId): Promise<number> {
    const [row]: { count: number }[] = await manager.query(
      'SELECT count(*)::int AS count FROM runner_assignments WHERE runner_id = $1',
      [runnerId],
    );
    return row?.count ?? 0;
  }

  /**
   * Makes the assignment, or finds the one that is there.
   *
   * @returns null: the organization has no such target
   */
  async ensure(manager: EntityManager, wanted: NewAssignment): Promise<{ id: string; created: boolean } | null> {
    const { table, column } = TARGETS[wanted.kind];
    const { id, organizationId, runnerId, targetId } = wanted;
    const inserted: { id: string }[] = await manager.query(
      `INSERT INTO runner_assignments (id, organization_id, runner_id, ${column})
       SELECT $1, organization_id, $3, id FROM ${table} WHERE organization_id = $2 AND id = $4
       ON CONFLICT (runner_id, ${column}) WHERE ${column} IS NOT NULL DO NOTHING RETURNING id`,
      [id, organizationId, runnerId, targetId],
    );
    if (inserted[0] !== undefined) return { id: inserted[0].id, created: true };
    const found: { id: string }[] = await manager.query(
      `SELECT id FROM runner_assignments WHERE organization_id = $1 AND runner_id = $2 AND ${column} = $3`,
      [organizationId, runnerId, targetId],
    );
    return found[0] === undefined ? null : { id: found[0].id, created: false };
  }

  /** @returns false: the runner has no such assignment */
  async delete(
    manager: EntityManager,
    organizationId: OrganizationId,
    runnerId: RunnerId,
    id: string,
  ): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      'DELETE FROM runner_assignments WHERE organization_id = $1 AND runner_id = $2 AND id = $3',
      [organizationId, runnerId, id],
    );
    return count > 0;
  }

  /** What dispatch needs to know of these runner records; records that are gone are left out. */
  async standings(runnerIds: readonly RunnerId[]): Promise<Map<RunnerId, RunnerStanding>> {
    if (runnerIds.length === 0) return new Map();
    const rows = await this.database.query<StandingRow>(STANDINGS, [runnerIds]);
    return new Map(rows.map((row) => [row.runnerId, toStanding(row)]));
  }
}

function toStanding({ name, priority, everything, ...ids }: StandingRow): RunnerStanding {
  const { stackIds, namespaceIds, moduleIds } = ids;
  return {
    name,
    priority,
    assignments: {
      everything,
      stackIds: new Set(stackIds),
      namespaceIds: new Set(namespaceIds),
      moduleIds: new Set(moduleIds),
    },
  };
}
