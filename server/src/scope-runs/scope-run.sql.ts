import type { Statement } from '../database/database.js';

const PATH = `s.name || COALESCE('/' || n.name, '')`;
const MODULE_PATH = `s.name || '/' || n.name || '/' || m.name`;
const WITH_PLACE = /* sql */ `
  scope_runs r
  JOIN stacks s ON s.organization_id = r.organization_id AND s.id = r.stack_id
  LEFT JOIN namespaces n ON n.organization_id = r.organization_id AND n.id = r.namespace_id`;
const COLUMNS = /* sql */ `
  r.id, r.organization_id AS "organizationId", r.stack_id AS "stackId", r.namespace_id AS "namespaceId",
  ${PATH} AS path, r.operation, r.on_failure AS "onFailure", r.state,
  r.cancel_requested_at AS "cancelRequestedAt", r.created_by AS "createdBy", r.created_at AS "createdAt",
  r.ended_at AS "endedAt",
  (SELECT COALESCE(jsonb_object_agg(c.state, c.count), '{}') FROM (
    SELECT state, count(*)::int AS count FROM scope_run_modules WHERE scope_run_id = r.id GROUP BY state) c) AS counts`;

/** $2 `stack` or `namespace`, $3 its id */
const PLACE = /* sql */ `
  SELECT s.id AS "stackId", n.id AS "namespaceId", ${PATH} AS path
  FROM stacks s
  LEFT JOIN namespaces n ON $2::text = 'namespace' AND n.organization_id = s.organization_id AND n.stack_id = s.id
    AND n.id = $3
  WHERE s.organization_id = $1 AND CASE $2::text WHEN 'stack' THEN s.id = $3 ELSE n.id = $3 END`;

export const FIND_PLACE: Statement = { name: 'scope-run.place', text: PLACE };

/** Whoever begins a run in the same stack at this moment waits. */
export const LOCK_PLACE: Statement = { name: 'scope-run.lock-place', text: `${PLACE} FOR NO KEY UPDATE OF s` };

/** Of a stack every one inside counts, of a namespace that of its stack too. $2 stack, $3 namespace or null */
export const FIND_OVERLAPPING: Statement = {
  name: 'scope-run.overlapping',
  text: /* sql */ `
    SELECT r.id, ${PATH} AS path FROM ${WITH_PLACE}
    WHERE r.organization_id = $1 AND r.stack_id = $2 AND r.ended_at IS NULL
      AND ($3::uuid IS NULL OR r.namespace_id IS NULL OR r.namespace_id = $3)
    ORDER BY r.id LIMIT 1`,
};

export const INSERT_RUN: Statement = {
  name: 'scope-run.insert',
  text: /* sql */ `
    INSERT INTO scope_runs (organization_id, id, stack_id, namespace_id, operation, on_failure, dependencies, created_by,
      actor_kind, actor_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)`,
};

/** $3 modules, in the order in which they are applied; those that are deleted at this moment are left out. */
export const INSERT_MODULES: Statement = {
  name: 'scope-run.insert-modules',
  text: /* sql */ `
    INSERT INTO scope_run_modules (organization_id, scope_run_id, module_id, position)
    SELECT m.organization_id, $2, m.id, w.position
    FROM unnest($3::uuid[]) WITH ORDINALITY AS w (module_id, position)
    JOIN modules m ON m.organization_id = $1 AND m.id = w.module_id
    FOR KEY SHARE OF m`,
};

export const FIND_RUN: Statement = {
  name: 'scope-run.find',
  text: /* sql */ `
    SELECT ${COLUMNS}, r.dependencies, r.actor_kind AS "actorKind", r.actor_id AS "actorId",
      r.cancel_requested_by AS "cancelRequestedBy"
    FROM ${WITH_PLACE} WHERE r.organization_id = $1 AND r.id = $2`,
};

/** In the order in which they are applied. No state of a run: none has begun, or it was removed. */
export const MODULES_OF_RUN: Statement = {
  name: 'scope-run.modules',
  text: /* sql */ `
    SELECT x.module_id AS "moduleId", ${MODULE_PATH} AS path, x.state, x.run_id AS "runId", x.note,
      r.state AS "runState", r.cancel_requested_at IS NOT NULL AS "runCancelRequested"
    FROM scope_run_modules x
    JOIN modules m ON m.organization_id = x.organization_id AND m.id = x.module_id
    JOIN namespaces n ON n.organization_id = m.organization_id AND n.id = m.namespace_id
    JOIN stacks s ON s.organization_id = n.organization_id AND s.id = n.stack_id
    LEFT JOIN module_runs r ON r.organization_id = x.organization_id AND r.id = x.run_id
    WHERE x.organization_id = $1 AND x.scope_run_id = $2
    ORDER BY x.position`,
};

/** Newest first, of exactly this place. $2 stack, $3 namespace or null, $4 id of the last one seen or null, $5 limit */
export const LIST_RUNS: Statement = {
  name: 'scope-run.list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM ${WITH_PLACE}
    WHERE r.organization_id = $1 AND r.stack_id = $2 AND r.namespace_id IS NOT DISTINCT FROM $3::uuid
      AND ($4::uuid IS NULL OR r.id < $4)
    ORDER BY r.id DESC LIMIT $5`,
};

/** Those that have not ended. $1 id of the last one seen, $2 limit */
export const OPEN_RUNS: Statement = {
  name: 'scope-run.open',
  text: /* sql */ `
    SELECT id, organization_id AS "organizationId" FROM scope_runs
    WHERE ended_at IS NULL AND id > $1 ORDER BY id LIMIT $2`,
};

/** The run that a run of a module is part of. */
export const RUN_OF_MODULE_RUN: Statement = {
  name: 'scope-run.of-module-run',
  text: /* sql */ `
    SELECT scope_run_id AS id, organization_id AS "organizationId" FROM scope_run_modules
    WHERE organization_id = $1 AND run_id = $2`,
};

/**
 * In the transaction that makes the run of the module. A cancel that comes at this moment waits, and then finds it running.
 * $3 module, $4 its run. No row: it is not to begin (any more), or another server has begun it.
 */
export const BEGIN_MODULE: Statement = {
  name: 'scope-run.begin-module',
  text: /* sql */ `
    WITH run AS MATERIALIZED (
      SELECT id FROM scope_runs
      WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND cancel_requested_at IS NULL FOR SHARE
    )
    UPDATE scope_run_modules x SET state = 'running', run_id = $4 FROM run
    WHERE x.scope_run_id = run.id AND x.module_id = $3 AND x.state = 'waiting'
    RETURNING x.module_id`,
};

/** $3 module, $4 state it must be in, $5 the next one, $6 note */
export const MOVE_MODULE: Statement = {
  name: 'scope-run.move-module',
  text: /* sql */ `
    UPDATE scope_run_modules SET state = $5, note = $6
    WHERE organization_id = $1 AND scope_run_id = $2 AND module_id = $3 AND state = $4
    RETURNING module_id`,
};

export const END_RUN: Statement = {
  name: 'scope-run.end',
  text: /* sql */ `
    UPDATE scope_runs r SET state = $3, ended_at = clock_timestamp()
    WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND NOT EXISTS (
      SELECT FROM scope_run_modules x WHERE x.scope_run_id = r.id AND x.state IN ('waiting', 'running'))
    RETURNING id`,
};

/** $3 by whom. No row: it is over, or was canceled before. */
export const CANCEL_RUN: Statement = {
  name: 'scope-run.cancel',
  text: /* sql */ `
    UPDATE scope_runs SET cancel_requested_at = clock_timestamp(), cancel_requested_by = $3
    WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND cancel_requested_at IS NULL
    RETURNING id`,
};

/** Whether something of a module may be there. */
export const IS_APPLIED: Statement = {
  name: 'scope-run.is-applied',
  text: 'SELECT applied_at IS NOT NULL AS "isApplied" FROM modules WHERE organization_id = $1 AND id = $2',
};
