import type { Statement } from '../database/database.js';
import { usesUpGroup, waitsForGroup } from '../jobs/job-stage.sql.js';

/** The newest unfinished job of the target `t` whose `supersede` passes. */
const newestOf = (passes: string): string => /* sql */ `
  SELECT id FROM (
    (SELECT j.id FROM jobs j
      WHERE j.organization_id = t.organization_id AND ${usesUpGroup('t.key')} AND j.supersede ${passes}
      ORDER BY j.id DESC LIMIT 1)
    UNION ALL
    (SELECT j.id FROM jobs j
      WHERE j.organization_id = t.organization_id AND j.concurrency_key = t.key AND j.stage = 'waiting' AND j.supersede ${passes}
      ORDER BY j.id DESC LIMIT 1)
  ) AS newest ORDER BY id DESC LIMIT 1`;

/**
 * Older jobs that a newer one of their group takes the place of, locked. It is read from the rows and not told by the
 * submit, so that a server that dies between the two leaves nothing undone. The caller holds the lock of the group.
 *
 * $1, $2: locked targets. $3: at most so many.
 */
export const LOCK_SUPERSEDED: Statement = {
  name: 'admission.superseded.lock',
  text: /* sql */ `
    WITH newest AS MATERIALIZED (
      SELECT t.organization_id, t.key, n.id AS newest, a.id AS newest_all
      FROM unnest($1::uuid[], $2::text[]) AS t (organization_id, key)
      JOIN LATERAL (${newestOf('IS NOT NULL')}) AS n ON true
      LEFT JOIN LATERAL (${newestOf("= 'all'")}) AS a ON true
    ), older AS (
      SELECT j.id, n.newest AS newer FROM newest n
      CROSS JOIN LATERAL (
        SELECT j.id FROM jobs j
        WHERE j.organization_id = n.organization_id AND ${waitsForGroup('n.key')} AND j.id < n.newest
        ORDER BY j.id LIMIT $3) AS j
      UNION ALL
      SELECT j.id, CASE WHEN j.state = 'queued' THEN n.newest ELSE n.newest_all END FROM newest n
      CROSS JOIN LATERAL (
        SELECT j.id, j.state FROM jobs j
        WHERE j.organization_id = n.organization_id AND ${usesUpGroup('n.key')}
          AND (j.state = 'queued' AND j.id < n.newest
            OR (j.state IN ('claimed', 'running') OR j.stage = 'fan_out') AND j.id < n.newest_all
              AND j.cancel_requested_at IS NULL)
        ORDER BY j.id LIMIT $3) AS j
      ORDER BY 1 LIMIT $3
    )
    SELECT j.id AS "jobId", o.newer FROM older o JOIN jobs j ON j.id = o.id
    WHERE j.state IN ('waiting', 'queued', 'claimed', 'running')
    ORDER BY j.id
    FOR NO KEY UPDATE OF j`,
};

/**
 * What an operator's cancel does: at once where nobody holds the job, else through its runner. A job that was claimed
 * between the look and the lock is left to the next look, which knows whether it may be stopped. The children of a
 * fan-out are asked by whoever drives it.
 */
export const CANCEL_SUPERSEDED: Statement = {
  name: 'admission.superseded.cancel',
  text: /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS g (job_id, newer)
    ), canceled AS (
      UPDATE jobs j SET superseded_by = g.newer, cancel_mode = 'graceful', cancel_requested_at = clock_timestamp(),
        state = CASE WHEN j.state IN ('waiting', 'queued') AND j.stage <> 'fan_out' THEN 'canceled' ELSE j.state END,
        reason = CASE WHEN j.state IN ('waiting', 'queued') AND j.stage <> 'fan_out' THEN 'superseded' ELSE j.reason END,
        finished_at = CASE WHEN j.state IN ('waiting', 'queued') AND j.stage <> 'fan_out' THEN clock_timestamp() END,
        wake_at = NULL
      FROM given g
      WHERE j.id = g.job_id AND (j.state IN ('waiting', 'queued') AND j.stage <> 'fan_out'
        OR (j.state IN ('claimed', 'running') OR j.stage = 'fan_out') AND j.cancel_requested_at IS NULL
          AND EXISTS (SELECT FROM jobs n WHERE n.id = g.newer AND n.supersede = 'all'))
      RETURNING j.organization_id, j.id, j.state, j.reason, j.attempt, j.concurrency_key, j.parent_id, j.instance_id,
        g.newer
    ), told AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, NULLIF(attempt, 0), 'cancel_requested',
        jsonb_build_object('mode', 'graceful', 'supersededBy', newer)
      FROM canceled ORDER BY id
    )
    SELECT c.organization_id AS "organizationId", c.id AS "jobId", c.state, c.reason, c.attempt,
      c.concurrency_key AS "concurrencyKey", c.parent_id AS "parentId",
      CASE WHEN c.state IN ('claimed', 'running') THEN c.instance_id END AS "instanceId"
    FROM canceled c
    ORDER BY c.id`,
};
