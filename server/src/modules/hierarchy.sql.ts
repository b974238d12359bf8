import type { AssignmentKind } from '@dibs/shared';
import type { Statement } from '../database/database.js';

/** Where a kind of node is kept and what it is in. Names of tables cannot be parameters; these are all of ours. */
const TABLES = {
  stack: { table: 'stacks', parent: 'organization_id' },
  namespace: { table: 'namespaces', parent: 'stack_id' },
  module: { table: 'modules', parent: 'namespace_id' },
} as const satisfies Record<AssignmentKind, { readonly table: string; readonly parent: string }>;

const PARENT_TABLES = { stack: 'organizations', namespace: 'stacks', module: 'namespaces' } as const;
const CHILDREN = { stack: TABLES.namespace, namespace: TABLES.module, module: null } as const;

/**
 * A node and everything around it, outermost first, the organization included. $1 organization, $2 kind, $3 id. A node
 * that is not there, or is foreign, leaves the organization alone in the answer.
 */
export const CHAIN = chain('hierarchy-chain', '');

/** The same with the secrets of each level, sealed. */
export const CHAIN_WITH_SECRETS = chain('hierarchy-chain-secrets', ', sealed_settings AS sealed');

function chain(name: string, more: string): Statement {
  const text = /* sql */ `
    WITH place AS (
      SELECT s.id AS stack_id, n.id AS namespace_id, m.id AS module_id
      FROM (SELECT $2::text AS kind, $3::uuid AS id) w
      LEFT JOIN modules m ON w.kind = 'module' AND m.organization_id = $1 AND m.id = w.id
      LEFT JOIN namespaces n ON n.organization_id = $1
        AND n.id = CASE w.kind WHEN 'namespace' THEN w.id ELSE m.namespace_id END
      LEFT JOIN stacks s ON s.organization_id = $1 AND s.id = CASE w.kind WHEN 'stack' THEN w.id ELSE n.stack_id END
    )
    SELECT 'organization' AS level, id, name, settings, NULL::timestamptz AS "createdAt",
      NULL::timestamptz AS "updatedAt", 0 AS depth${more}
    FROM organizations WHERE id = $1
    UNION ALL
    SELECT 'stack', id, name, settings, created_at, updated_at, 1${more}
    FROM stacks JOIN place ON stack_id = id
    UNION ALL
    SELECT 'namespace', x.id, name, settings, created_at, updated_at, 2${more}
    FROM namespaces x JOIN place ON place.namespace_id = x.id
    UNION ALL
    SELECT 'module', x.id, name, settings, created_at, updated_at, 3${more}
    FROM modules x JOIN place ON place.module_id = x.id
    ORDER BY depth`;
  return { name, text };
}

/** By name, byte by byte, so that a page goes on where the one before ended. $2 parent, $3 last name or null, $4 limit */
export const LIST = perKind(
  'hierarchy-list',
  ({ table, parent }) => /* sql */ `
    SELECT id, name, created_at AS "createdAt", updated_at AS "updatedAt" FROM ${table}
    WHERE organization_id = $1 AND ${parent} = $2::uuid AND ($3::text IS NULL OR name COLLATE "C" > $3)
    ORDER BY name COLLATE "C" LIMIT $4`,
);

/** $2 id, $3 parent, $4 name, $5 settings, $6 secrets. No row: there is no such parent, also when it is deleted at this moment. */
export const INSERT = perKind('', ({ table, parent }, kind) =>
  kind === 'stack'
    ? `INSERT INTO stacks (id, organization_id, name, settings, sealed_settings)
       SELECT $2, id, $4, $5::jsonb, $6 FROM organizations WHERE id = $1 AND id = $3 FOR KEY SHARE RETURNING id`
    : `INSERT INTO ${table} (id, organization_id, ${parent}, name, settings, sealed_settings)
       SELECT $2, organization_id, id, $4, $5::jsonb, $6 FROM ${PARENT_TABLES[kind]}
       WHERE organization_id = $1 AND id = $3 FOR KEY SHARE RETURNING id`,
);

/** Against other changes of it and its deletion; nodes may be made inside it meanwhile. */
export const LOCK = perKind(
  '',
  ({ table }) =>
    `SELECT name, settings, sealed_settings AS sealed FROM ${table} WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
);

/**
 * Leaves word, in the same transaction, that what counts for the modules inside may be another now (see module-triggers).
 * `node` are the rows whose settings changed.
 */
const NOTED = /* sql */ `
  INSERT INTO changed_definitions AS c (organization_id, node_id) SELECT organization_id, id FROM node
  ON CONFLICT (organization_id, node_id) DO UPDATE
    SET version = c.version + 1, changed_at = clock_timestamp(), claimed_until = NULL`;

export const UPDATE = perKind(
  '',
  ({ table }) => /* sql */ `
    WITH node AS (
      SELECT organization_id, id FROM ${table} WHERE organization_id = $1 AND id = $2
        AND (settings IS DISTINCT FROM $4::jsonb OR sealed_settings IS DISTINCT FROM $5::bytea)
    ), noted AS (${NOTED})
    UPDATE ${table} SET name = $3, settings = $4::jsonb, sealed_settings = $5, updated_at = clock_timestamp()
    WHERE organization_id = $1 AND id = $2`,
);

/** Whoever makes a node inside it at this moment waits, and then finds no parent. */
export const LOCK_FOR_DELETION = perKind(
  '',
  ({ table }) => `SELECT name FROM ${table} WHERE organization_id = $1 AND id = $2 FOR UPDATE`,
);

export const COUNT_CHILDREN = perKind('', (_own, kind) => {
  const inner = CHILDREN[kind];
  return inner === null
    ? 'SELECT 0 AS count WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL'
    : `SELECT count(*)::int AS count FROM ${inner.table} WHERE organization_id = $1 AND ${inner.parent} = $2`;
});

const OPEN = /* sql */ `
  SELECT FROM job_submissions s JOIN jobs j ON j.organization_id = s.organization_id AND j.id = s.id
  WHERE s.organization_id = $1 AND j.state IN ('waiting', 'queued', 'claimed', 'running')`;

const OPEN_JOBS_OF: Record<AssignmentKind, string> = {
  stack: `${OPEN} AND s.stack_id = $2 AND s.module_id IS NULL`,
  namespace: `${OPEN} AND s.stack_id = (SELECT stack_id FROM namespaces WHERE id = $2)
    AND s.namespace_id = $2 AND s.module_id IS NULL`,
  module: `${OPEN} AND s.module_id = $2`,
};

/** Whether jobs of the node itself, not of those inside it, have not ended. */
export const HAS_OPEN_JOBS = perKind('', (_own, kind) => `SELECT EXISTS (${OPEN_JOBS_OF[kind]}) AS open`);

/** While a run waits for somebody's decision, no job of it is open. */
export const HAS_OPEN_RUNS = `
  SELECT EXISTS (
    SELECT FROM module_runs WHERE organization_id = $1 AND module_id = $2 AND ended_at IS NULL) AS open`;

export const DELETE = perKind('', ({ table }) => `DELETE FROM ${table} WHERE organization_id = $1 AND id = $2`);

export const LOCK_ORGANIZATION = `
  SELECT settings, sealed_settings AS sealed FROM organizations WHERE id = $1 FOR NO KEY UPDATE`;
export const UPDATE_ORGANIZATION = /* sql */ `
  WITH node AS (
    SELECT id AS organization_id, id FROM organizations
    WHERE id = $1 AND (settings IS DISTINCT FROM $2::jsonb OR sealed_settings IS DISTINCT FROM $3::bytea)
  ), noted AS (${NOTED})
  UPDATE organizations SET settings = $2::jsonb, sealed_settings = $3 WHERE id = $1`;

/** Of all that the settings of somebody take, $2 taker. */
export const FORGET_REFERENCES = 'DELETE FROM output_references WHERE organization_id = $1 AND taker_id = $2';
/** $2 taker, $3 modules whose outputs it takes; those that are not there, or are foreign, are missing in the answer. */
export const ADD_REFERENCES = /* sql */ `
  INSERT INTO output_references (organization_id, taker_id, module_id)
  SELECT organization_id, $2, id FROM modules WHERE organization_id = $1 AND id = ANY($3::uuid[]) FOR KEY SHARE
  RETURNING module_id`;
export const COUNT_TAKERS =
  'SELECT count(*)::int AS count FROM output_references WHERE organization_id = $1 AND module_id = $2';

/** @param name of prepared statements; '': not kept */
function perKind(
  name: string,
  text: (own: (typeof TABLES)[AssignmentKind], kind: AssignmentKind) => string,
): Readonly<Record<AssignmentKind, Statement>> {
  const statement = (kind: AssignmentKind): Statement => ({
    name: name === '' ? '' : `${name}-${kind}`,
    text: text(TABLES[kind], kind),
  });
  return { stack: statement('stack'), namespace: statement('namespace'), module: statement('module') };
}
