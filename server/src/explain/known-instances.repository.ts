import { Injectable } from '@nestjs/common';
import type { OrganizationId, Tool } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import type { Assignments, InstanceFacts } from '../domain/dispatch/eligibility.js';

/** $1: the ids of runners are `r.id`. Arrays, because a standing travels as one row. */
export const ASSIGNMENT_COLUMNS = /* sql */ `
  r.is_assigned_to_all_modules AS everything, a.stack_ids AS "stackIds", a.namespace_ids AS "namespaceIds",
  a.module_ids AS "moduleIds"`;

export const WITH_ASSIGNMENTS = /* sql */ `
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(x.stack_id) FILTER (WHERE x.stack_id IS NOT NULL), '{}') AS stack_ids,
      coalesce(array_agg(x.namespace_id) FILTER (WHERE x.namespace_id IS NOT NULL), '{}') AS namespace_ids,
      coalesce(array_agg(x.module_id) FILTER (WHERE x.module_id IS NOT NULL), '{}') AS module_ids
    FROM runner_assignments x WHERE x.runner_id = r.id
  ) a`;

const FACT_COLUMNS = /* sql */ `
  r.organization_id AS "organizationId", r.name AS "runnerName", i.slots, i.tools, i.labels, ${ASSIGNMENT_COLUMNS}`;

/** Processes of one pool are alike, so each kind is read once, however many there are. $2: limit. */
const KINDS: Statement = {
  name: 'explain.kinds',
  text: /* sql */ `
    SELECT ${FACT_COLUMNS}, '' AS "instanceName"
    FROM runners r
    CROSS JOIN LATERAL (SELECT DISTINCT slots, tools, labels FROM runner_instances WHERE runner_id = r.id) i
    ${WITH_ASSIGNMENTS}
    WHERE r.organization_id = $1 AND r.disabled_at IS NULL
    LIMIT $2`,
};

/** $2: names. */
const NAMED: Statement = {
  name: 'explain.named',
  text: /* sql */ `
    SELECT ${FACT_COLUMNS}, i.name AS "instanceName"
    FROM runner_instances i JOIN runners r ON r.id = i.runner_id
    ${WITH_ASSIGNMENTS}
    WHERE i.organization_id = $1 AND i.name = ANY($2::text[]) AND r.disabled_at IS NULL`,
};

export interface AssignmentRow {
  readonly everything: boolean;
  readonly stackIds: readonly string[];
  readonly namespaceIds: readonly string[];
  readonly moduleIds: readonly string[];
}

interface KindRow extends AssignmentRow {
  readonly organizationId: OrganizationId;
  readonly runnerName: string;
  readonly instanceName: string;
  readonly slots: number;
  readonly tools: readonly Tool[];
  readonly labels: Readonly<Record<string, string>>;
}

/** More kinds of instances than any installation has; beyond them nobody can say that none would fit. */
export const MAX_KINDS = 2_000;

/** Instances that ever said hello under a record that is enabled, whether they are online or not. */
@Injectable()
export class KnownInstancesRepository {
  constructor(private readonly database: Database) {}

  /** One of each kind, without a name. @returns null: there are too many kinds to look at them all */
  async kinds(organizationId: OrganizationId): Promise<InstanceFacts[] | null> {
    const rows = await this.database.query<KindRow>(KINDS, [organizationId, MAX_KINDS + 1]);
    return rows.length > MAX_KINDS ? null : rows.map(toFacts);
  }

  async named(organizationId: OrganizationId, names: readonly string[]): Promise<InstanceFacts[]> {
    if (names.length === 0) return [];
    return (await this.database.query<KindRow>(NAMED, [organizationId, names])).map(toFacts);
  }
}

/** As if it were idle: only what lasts is asked of these. */
function toFacts(row: KindRow): InstanceFacts {
  return {
    organizationId: row.organizationId,
    runnerName: row.runnerName,
    runnerDisabled: false,
    assignments: toAssignments(row),
    instanceName: row.instanceName,
    online: true,
    draining: false,
    paused: null,
    unresponsive: false,
    slots: row.slots,
    freeSlots: row.slots,
    tools: toToolMap(row.tools),
    labels: row.labels,
  };
}

export function toAssignments({ everything, stackIds, namespaceIds, moduleIds }: AssignmentRow): Assignments {
  return {
    everything,
    stackIds: new Set(stackIds),
    namespaceIds: new Set(namespaceIds),
    moduleIds: new Set(moduleIds),
  };
}

export function toToolMap(tools: readonly Tool[]): ReadonlyMap<string, string | null> {
  return new Map(tools.map(({ name, version }) => [name, version]));
}
