import type { Statement } from '../database/database.js';

/** One server looks at a change; when it dies over that, another one does. Nobody has to wait for this otherwise. */
const CLAIM_SECONDS = 30;

/** Modules whose outputs somebody takes, and changed since they were last looked at. */
export const PENDING_CHANGES: Statement = {
  name: 'output-trigger.pending',
  text: /* sql */ `
    SELECT taken.organization_id AS "organizationId", taken.module_id AS "moduleId"
    FROM (SELECT DISTINCT organization_id, module_id FROM output_references) taken
    CROSS JOIN LATERAL (
      SELECT version FROM module_output_sets s
      WHERE s.organization_id = taken.organization_id AND s.module_id = taken.module_id
      ORDER BY version DESC LIMIT 1) newest
    LEFT JOIN output_triggers t ON t.organization_id = taken.organization_id AND t.module_id = taken.module_id
    WHERE newest.version > COALESCE(t.handled_version, 0)`,
};

/** $2 whose outputs. No row: there is nothing new, or another server is at it. */
export const CLAIM_CHANGE: Statement = {
  name: 'output-trigger.claim',
  text: /* sql */ `
    WITH news AS (
      SELECT max(s.version) AS version, array_agg(DISTINCT n.name) AS changed
      FROM module_output_sets s CROSS JOIN LATERAL unnest(s.changed) AS n (name)
      WHERE s.organization_id = $1 AND s.module_id = $2 AND s.version > COALESCE(
        (SELECT handled_version FROM output_triggers WHERE organization_id = $1 AND module_id = $2), 0)
    )
    INSERT INTO output_triggers AS t (organization_id, module_id, handled_version, claimed_version, claimed_until)
    SELECT $1, $2, 0, version, clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS}) FROM news
    WHERE version IS NOT NULL
    ON CONFLICT (organization_id, module_id) DO UPDATE
      SET claimed_version = EXCLUDED.claimed_version, claimed_until = EXCLUDED.claimed_until
      WHERE t.handled_version < EXCLUDED.claimed_version
        AND (t.claimed_until IS NULL OR t.claimed_until < clock_timestamp())
    RETURNING claimed_version AS version, (SELECT changed FROM news) AS changed`,
};

/** $3 the version that was looked at */
export const FINISH_CHANGE: Statement = {
  name: 'output-trigger.finish',
  text: /* sql */ `
    UPDATE output_triggers SET handled_version = $3, claimed_version = NULL, claimed_until = NULL
    WHERE organization_id = $1 AND module_id = $2 AND handled_version < $3
    RETURNING module_id`,
};

/** The modules that may take outputs of $2: by settings of their own, or of what they are in. */
export const TAKERS: Statement = {
  name: 'output-trigger.takers',
  text: /* sql */ `
    SELECT m.id FROM output_references r
    JOIN namespaces n ON n.organization_id = r.organization_id
    JOIN modules m ON m.organization_id = n.organization_id AND m.namespace_id = n.id
      AND r.taker_id IN (m.organization_id, n.stack_id, n.id, m.id)
    WHERE r.organization_id = $1 AND r.module_id = $2 AND m.id <> $2
    GROUP BY m.id ORDER BY m.id`,
};

/**
 * Whether a run of the scope of module $2 sees to a change of the outputs of $3 up to version $4: it will apply the module
 * later, has begun that when it had put the version out itself, or destroys what is there.
 */
export const IS_SEEN_TO: Statement = {
  name: 'output-trigger.seen-to',
  text: /* sql */ `
    SELECT r.id FROM scope_run_modules taker JOIN scope_runs r ON r.id = taker.scope_run_id
    WHERE taker.organization_id = $1 AND taker.module_id = $2 AND (
      r.ended_at IS NULL AND (r.operation = 'destroy' OR (r.operation = 'apply' AND taker.state = 'waiting'))
      OR r.operation = 'apply' AND taker.run_id IS NOT NULL AND EXISTS (
        SELECT FROM scope_run_modules upstream
        JOIN module_runs m ON m.id = upstream.run_id
        JOIN module_output_sets s ON s.job_id = m.apply_job_id
        WHERE upstream.scope_run_id = r.id AND upstream.module_id = $3
          AND s.organization_id = $1 AND s.module_id = $3 AND s.version = $4))
    LIMIT 1`,
};
