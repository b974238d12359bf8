import type { Statement } from '../database/database.js';

/** Names that a list of changes shows of each; there may be thousands. */
const NAMES_SHOWN = 100;

/** Its row, since the first outputs have none yet. Nothing that is done to a module often takes this lock. */
export const LOCK_MODULE: Statement = {
  name: 'module-outputs.lock-module',
  text: 'SELECT id FROM modules WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE',
};

export const LIST: Statement = {
  name: 'module-outputs.list',
  text: 'SELECT name, value::text AS value, sealed FROM module_outputs WHERE organization_id = $1 AND module_id = $2',
};

export const VERSION: Statement = {
  name: 'module-outputs.version',
  text: /* sql */ `
    SELECT COALESCE(max(version), 0) AS version FROM module_output_sets WHERE organization_id = $1 AND module_id = $2`,
};

export const WRITE: Statement = {
  name: 'module-outputs.write',
  text: /* sql */ `
    INSERT INTO module_outputs (organization_id, module_id, name, value, sealed)
    SELECT $1, $2, g.name, g.value::json, g.sealed
    FROM unnest($3::text[], $4::text[], $5::bytea[]) AS g (name, value, sealed)
    ON CONFLICT (organization_id, module_id, name) DO UPDATE SET value = EXCLUDED.value, sealed = EXCLUDED.sealed`,
};

export const REMOVE: Statement = {
  name: 'module-outputs.remove',
  text: 'DELETE FROM module_outputs WHERE organization_id = $1 AND module_id = $2 AND name = ANY($3)',
};

export const ADD_SET: Statement = {
  name: 'module-outputs.add-set',
  text: /* sql */ `
    INSERT INTO module_output_sets (organization_id, module_id, version, job_id, changed)
    SELECT $1, $2, COALESCE(max(version), 0) + 1, $3, $4::text[]
    FROM module_output_sets WHERE organization_id = $1 AND module_id = $2
    RETURNING version`,
};

/** One snapshot, so that the version is that of the values. */
export const READ: Statement = {
  name: 'module-outputs.read',
  text: /* sql */ `
    SELECT s.version, s.job_id AS "jobId", s.changed_at AS "changedAt", COALESCE((
        SELECT json_object_agg(o.name, CASE WHEN o.sealed IS NULL
          THEN json_build_object('sensitive', false, 'value', o.value)
          ELSE json_build_object('sensitive', true) END ORDER BY o.name)
        FROM module_outputs o WHERE o.organization_id = m.organization_id AND o.module_id = m.id), '{}') AS outputs
    FROM modules m LEFT JOIN LATERAL (
      SELECT version, job_id, changed_at FROM module_output_sets
      WHERE organization_id = m.organization_id AND module_id = m.id ORDER BY version DESC LIMIT 1) s ON true
    WHERE m.organization_id = $1 AND m.id = $2`,
};

/** One row without a set: the module is there, and there are no (more) changes of it. */
export const SETS: Statement = {
  name: 'module-outputs.sets',
  text: /* sql */ `
    SELECT s.version, s.job_id AS "jobId", s.changed_at AS "changedAt", s.changed[1:${NAMES_SHOWN}] AS changed,
      cardinality(s.changed) AS "changedCount"
    FROM modules m LEFT JOIN LATERAL (
      SELECT * FROM module_output_sets
      WHERE organization_id = m.organization_id AND module_id = m.id AND version < COALESCE($3::integer, 2147483647)
      ORDER BY version DESC LIMIT $4) s ON true
    WHERE m.organization_id = $1 AND m.id = $2
    ORDER BY s.version DESC`,
};

export const FIND: Statement = {
  name: 'module-outputs.find',
  text: /* sql */ `
    SELECT g.n::integer, o.name, o.value::text AS value, o.sealed
    FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS g (module_id, name, n)
    JOIN module_outputs o ON o.organization_id = $1 AND o.module_id = g.module_id AND o.name = g.name`,
};
