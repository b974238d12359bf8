import type { Statement } from '../database/database.js';

/** Parents that wait for their children, or to be fanned out at all. $1 id of the last one seen, $2 limit */
export const OPEN_FAN_OUTS: Statement = {
  name: 'fan-out.open',
  text: /* sql */ `
    SELECT id AS "jobId", organization_id AS "organizationId" FROM jobs
    WHERE stage = 'fan_out' AND id > $1 ORDER BY id LIMIT $2`,
};

/**
 * Locks the parent, and with it everything that is decided about its children as a whole: whoever else drives it, on
 * this server or another one, waits and then sees what was done.
 */
export const LOCK_PARENT: Statement = {
  name: 'fan-out.lock-parent',
  text: /* sql */ `
    SELECT j.id AS "jobId", j.organization_id AS "organizationId", s.spec, s.secrets, s.secret_names AS "secretNames",
      s.submitted_by AS "submittedBy", j.lane, j.rank, j.cancel_mode AS "cancelMode",
      j.concurrency_key AS "concurrencyKey"
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.organization_id = $1 AND j.id = $2 AND j.stage = 'fan_out'
    FOR NO KEY UPDATE OF j`,
};

export const FIND_PLAN: Statement = {
  name: 'fan-out.find-plan',
  text: /* sql */ `SELECT batch_size AS "batchSize" FROM fan_outs WHERE job_id = $1`,
};

/** Neither the parent nor a child that waits for its turn times out meanwhile (dispatch/expiry.repository.ts). $4: JSON */
export const RECORD_PLAN: Statement = {
  name: 'fan-out.record-plan',
  text: /* sql */ `
    WITH plan AS (
      INSERT INTO fan_outs (job_id, organization_id, batch_size, skipped) VALUES ($2, $1, $3, $4::jsonb)
    ), started AS (
      UPDATE jobs SET started_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2
    )
    INSERT INTO job_events (organization_id, job_id, type, data)
    VALUES ($1, $2, 'fanned_out', jsonb_build_object('count', $5::integer, 'skipped', jsonb_array_length($4::jsonb),
      'batchSize', $3::integer))`,
};

export const COUNT_CHILDREN: Statement = {
  name: 'fan-out.count-children',
  text: /* sql */ `
    SELECT state, count(*)::int AS count, (count(*) FILTER (WHERE reason = 'fan_out_turn'))::int AS turns
    FROM jobs WHERE organization_id = $1 AND parent_id = $2 GROUP BY state`,
};

/**
 * The next children in line become claimable, or wait for the quota of their organization like every job that does not
 * belong to a group. $3: how many
 */
export const RELEASE_CHILDREN: Statement = {
  name: 'fan-out.release',
  text: /* sql */ `
    WITH due AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE organization_id = $1 AND parent_id = $2 AND state = 'waiting' AND reason = 'fan_out_turn'
      ORDER BY id LIMIT $3
      FOR NO KEY UPDATE
    )
    UPDATE jobs j SET
      state = CASE WHEN o.max_running_jobs IS NULL THEN 'queued' ELSE 'waiting' END,
      reason = CASE WHEN o.max_running_jobs IS NULL THEN NULL ELSE 'quota' END,
      queued_at = CASE WHEN o.max_running_jobs IS NULL THEN clock_timestamp() END,
      queue_expires_at = clock_timestamp() + make_interval(secs => (s.spec->>'queueTimeoutSeconds')::integer)
    FROM due d, organizations o, job_submissions s
    WHERE j.id = d.id AND j.state = 'waiting' AND o.id = j.organization_id
      AND s.organization_id = j.organization_id AND s.id = j.id
    RETURNING j.id AS "jobId", j.state, j.reason, j.lane, j.priority, j.rank`,
};

/**
 * Some children that are not asked to end as harshly yet: those that nobody holds end, the others are asked for through
 * their runners. $3 mode, $4 limit. The modes are listed from the mildest, as in jobs/cancel-mode.ts.
 */
export const CANCEL_CHILDREN: Statement = {
  name: 'fan-out.cancel-children',
  text: /* sql */ `
    WITH open AS MATERIALIZED (
      SELECT id, state FROM jobs
      WHERE organization_id = $1 AND parent_id = $2 AND state IN ('waiting', 'queued', 'claimed', 'running')
        AND (cancel_mode IS NULL
          OR array_position('{after_step,graceful,kill}', cancel_mode) < array_position('{after_step,graceful,kill}', $3))
      ORDER BY id LIMIT $4
      FOR NO KEY UPDATE
    ), changed AS (
      UPDATE jobs j SET cancel_mode = $3, cancel_requested_at = clock_timestamp(),
        state = CASE WHEN o.state IN ('waiting', 'queued') THEN 'canceled' ELSE j.state END,
        reason = CASE WHEN o.state IN ('waiting', 'queued') THEN 'canceled' ELSE j.reason END,
        finished_at = CASE WHEN o.state IN ('waiting', 'queued') THEN clock_timestamp() ELSE j.finished_at END
      FROM open o WHERE j.id = o.id
      RETURNING j.id, j.organization_id, j.state, j.reason, j.attempt, j.instance_id
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, NULLIF(attempt, 0), 'cancel_requested',
        jsonb_build_object('mode', $3::text, 'by', 'the cancel of its fan-out')
      FROM changed
    )
    SELECT id AS "jobId", state, reason, attempt,
      CASE WHEN state IN ('claimed', 'running') THEN instance_id END AS "instanceId"
    FROM changed`,
};

export const END_PARENT: Statement = {
  name: 'fan-out.end-parent',
  text: /* sql */ `
    UPDATE jobs SET state = $3::text, finished_at = clock_timestamp(),
      reason = CASE WHEN $3::text = 'canceled' AND superseded_by IS NOT NULL THEN 'superseded' ELSE $4::text END
    WHERE organization_id = $1 AND id = $2 AND stage = 'fan_out'`,
};

/** What a parent's page tells of its children. No row: it was not fanned out. */
export const SUMMARIZE_CHILDREN: Statement = {
  name: 'fan-out.summarize',
  text: /* sql */ `
    SELECT f.batch_size AS "batchSize", f.skipped, COALESCE((
      SELECT json_object_agg(c.state, c.count) FROM (
        SELECT state, count(*)::int AS count FROM jobs
        WHERE organization_id = $1 AND parent_id = $2 GROUP BY state) c), '{}') AS "byState"
    FROM fan_outs f WHERE f.organization_id = $1 AND f.job_id = $2`,
};

/** Every instance that was ever seen, with what decides whether it matches. $2 offlineAfterMs */
export const KNOWN_INSTANCES: Statement = {
  name: 'fan-out.instances',
  text: /* sql */ `
    SELECT r.name AS "runnerName", i.name AS "instanceName", i.slots, i.tools, i.labels,
      r.disabled_at IS NOT NULL AS "runnerDisabled", r.is_assigned_to_all_modules AS "everything",
      (i.session_id IS NOT NULL AND i.last_seen_at > clock_timestamp() - make_interval(secs => $2 / 1000.0)) AS online,
      i.draining OR i.drain_requested AS draining,
      ARRAY(SELECT stack_id::text FROM runner_assignments s
        WHERE s.runner_id = r.id AND s.stack_id IS NOT NULL) AS "stackIds",
      ARRAY(SELECT namespace_id::text FROM runner_assignments s
        WHERE s.runner_id = r.id AND s.namespace_id IS NOT NULL) AS "namespaceIds",
      ARRAY(SELECT module_id::text FROM runner_assignments s
        WHERE s.runner_id = r.id AND s.module_id IS NOT NULL) AS "moduleIds"
    FROM runner_instances i JOIN runners r ON r.id = i.runner_id
    WHERE i.organization_id = $1
    ORDER BY r.name, i.name`,
};
