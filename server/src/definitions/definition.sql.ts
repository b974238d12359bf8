import type { AssignmentKind, HierarchyLevel } from '@dibs/shared';

const TABLES = {
  stack: { table: 'stacks', parent: 'organization_id' },
  namespace: { table: 'namespaces', parent: 'stack_id' },
  module: { table: 'modules', parent: 'namespace_id' },
} as const satisfies Record<AssignmentKind, { readonly table: string; readonly parent: string }>;

const INSIDE_STACK = '(SELECT id FROM namespaces WHERE organization_id = $1 AND stack_id = $2)';
const EVERYTHING = '$2::uuid IS NOT NULL';

/** Which rows of a table are what a definition is of, or inside it: by what the definition is of. $2 its id */
const WITHIN: Readonly<Record<AssignmentKind, Partial<Record<HierarchyLevel, string>>>> = {
  stack: { organization: EVERYTHING, stack: 'id = $2' },
  namespace: { organization: EVERYTHING, stack: 'stack_id = $2', namespace: 'id = $2' },
  module: {
    organization: EVERYTHING,
    stack: `namespace_id IN ${INSIDE_STACK}`,
    namespace: 'namespace_id = $2',
    module: 'id = $2',
  },
};

/**
 * Stacks, namespaces or modules, each with its settings. null: there can be none.
 *
 * @param locked against changes and deletion, in one order; others may make nodes inside them meanwhile
 */
export function nodesWithin(kind: AssignmentKind, root: HierarchyLevel, locked: boolean): string | null {
  const within = WITHIN[kind][root];
  const { table, parent } = TABLES[kind];
  return within === undefined
    ? null
    : `SELECT id, ${parent} AS "parentId", name, settings FROM ${table}
       WHERE organization_id = $1 AND ${within} ORDER BY id ${locked ? 'FOR NO KEY UPDATE' : ''}`;
}

/** Of their settings as JSON, in sum. */
export function bytesWithin(kind: AssignmentKind, root: HierarchyLevel): string | null {
  const within = WITHIN[kind][root];
  return within === undefined
    ? null
    : `SELECT COALESCE(sum(octet_length(settings::text)), 0)::float8 AS bytes FROM ${TABLES[kind].table}
       WHERE organization_id = $1 AND ${within}`;
}

export const ORGANIZATION = 'SELECT settings FROM organizations WHERE id = $1';
export const ORGANIZATION_LOCKED = `${ORGANIZATION} FOR NO KEY UPDATE`;

/** $2 paths; those with more or fewer than three names are of no module. */
export const MODULES_AT = `
  SELECT m.id, w.names[1] || '/' || w.names[2] || '/' || w.names[3] AS path
  FROM (SELECT string_to_array(path, '/') AS names FROM unnest($2::text[]) AS path) w
  JOIN stacks s ON s.organization_id = $1 AND s.name = w.names[1]
  JOIN namespaces n ON n.organization_id = $1 AND n.stack_id = s.id AND n.name = w.names[2]
  JOIN modules m ON m.organization_id = $1 AND m.namespace_id = n.id AND m.name = w.names[3]
  WHERE cardinality(w.names) = 3`;

/** $2 ids */
export const PATHS_OF = `
  SELECT m.id, s.name || '/' || n.name || '/' || m.name AS path
  FROM modules m JOIN namespaces n ON n.id = m.namespace_id JOIN stacks s ON s.id = n.stack_id
  WHERE m.organization_id = $1 AND m.id = ANY($2::uuid[])`;

/** One import at a time in an organization: two would wait for each other's rows. */
export const TAKE_TURN = `SELECT pg_try_advisory_xact_lock(hashtextextended('dibs.definition ' || $1, 0)) AS taken`;
