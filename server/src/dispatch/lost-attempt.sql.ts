import type { Statement } from '../database/database.js';
import { DEMANDS } from './demands.sql.js';

/**
 * Leases that ran out by the clock of the database, and what is known of why. SKIP LOCKED: another server may be
 * sweeping, a renewal may win.
 */
export const LOCK_EXPIRED: Statement = {
  name: 'dispatch.lost.expired',
  text: /* sql */ `
    SELECT j.id AS "jobId", j.attempt, j.instance_id AS "instanceId",
      CASE WHEN i.session_id IS NULL THEN i.disconnect_reason END AS disconnect,
      CASE WHEN r.disabled_at IS NOT NULL OR p.disabled_at IS NOT NULL OR p.revoked_before > i.connected_at
          OR r.id IS NULL THEN 'revoked'
        WHEN i.session_id IS NULL THEN 'lease_expired'
        ELSE 'lease_not_renewed' END AS loss
    FROM jobs j
    LEFT JOIN runner_instances i ON i.id = j.instance_id
    LEFT JOIN runners r ON r.id = j.runner_id
    LEFT JOIN service_principals p ON p.id = r.service_principal_id
    WHERE j.stage = 'held' AND j.lease_expires_at < clock_timestamp()
    ORDER BY j.id LIMIT $1
    FOR NO KEY UPDATE OF j SKIP LOCKED`,
};

/** Demands are read only where the job must be pinned to the instance it was lost with. */
export const LOCK_JOBS: Statement = {
  name: 'dispatch.lost.jobs',
  text: /* sql */ `
    SELECT j.id AS "jobId", j.organization_id AS "organizationId", j.attempt, s.on_lost AS "onLost",
      s.max_attempts AS "maxAttempts", j.cancel_requested_at IS NOT NULL AS "cancelRequested",
      j.superseded_by IS NOT NULL AS superseded, j.lane, j.priority, j.rank,
      j.concurrency_key AS "concurrencyKey", j.parent_id AS "parentId",
      1 + (SELECT count(*) FROM earlier_attempts lost WHERE lost.job_id = j.id AND lost.outcome = 'lost') AS losses,
      CASE WHEN s.on_lost = 'wait' THEN ${DEMANDS} END AS demands,
      COALESCE(r.name, j.runner_name) AS runner, j.instance_name AS instance
    FROM jobs j
    JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    LEFT JOIN runners r ON r.id = j.runner_id
    WHERE j.id = ANY($1::uuid[]) AND j.state IN ('claimed', 'running')
    ORDER BY j.id
    FOR NO KEY UPDATE OF j`,
};

/**
 * Back in the queue a job begins anew: its queue timeout too, because it did start in time. Only its place (`rank`) and
 * the number of the attempt go on, and with the number the fence.
 */
export const END: Statement = {
  name: 'dispatch.lost.end',
  text: /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::text[])
        AS g (job_id, attempt, loss, disconnect, state, reason, lane, pinned_runner, pinned_instance)
    ), steps AS (
      UPDATE job_steps s SET state = 'failed', finished_at = clock_timestamp()
      FROM given g WHERE s.job_id = g.job_id AND s.attempt = g.attempt AND s.state = 'running'
    ), changed AS (
      UPDATE jobs j SET state = g.state, reason = g.reason, exit_code = NULL, lane = g.lane,
        pinned_runner = COALESCE(g.pinned_runner, j.pinned_runner),
        pinned_instance = COALESCE(g.pinned_instance, j.pinned_instance),
        started_at = CASE WHEN g.state = 'queued' THEN NULL ELSE j.started_at END,
        finished_at = CASE WHEN g.state = 'queued' THEN NULL ELSE clock_timestamp() END,
        queued_at = CASE WHEN g.state = 'queued' THEN clock_timestamp() ELSE j.queued_at END,
        queue_expires_at = CASE WHEN g.state = 'queued'
          THEN clock_timestamp() + make_interval(secs => (s.spec->>'queueTimeoutSeconds')::double precision)
          ELSE j.queue_expires_at END,
        ended_at = clock_timestamp(), outcome = 'lost', ended_reason = g.loss
      FROM given g, job_submissions s
      WHERE j.id = g.job_id AND j.attempt = g.attempt AND j.state IN ('claimed', 'running')
        AND s.organization_id = j.organization_id AND s.id = j.id
      RETURNING j.id, j.organization_id, j.attempt, j.state, j.pinned_instance, g.loss, g.disconnect
    )
    INSERT INTO job_events (organization_id, job_id, attempt, type, data)
    SELECT organization_id, id, attempt, 'requeued', jsonb_strip_nulls(jsonb_build_object(
      'state', state, 'reason', loss, 'disconnect', disconnect, 'instance', pinned_instance))
    FROM changed WHERE state = 'queued' ORDER BY id`,
};
