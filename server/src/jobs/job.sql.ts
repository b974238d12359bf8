import type { Statement } from '../database/database.js';

/** Nobody could ever serve the lane: that is noted on the lane, not on each of its jobs (docs/decisions/0010). */
const SHOWN_REASON = /* sql */ `
  CASE WHEN j.queued AND EXISTS (SELECT FROM lane_warnings w WHERE w.lane = j.lane AND w.cleared_at IS NULL)
    THEN 'no_matching_runner' ELSE j.reason END AS reason`;

/** What a JobRow is made of; `j` is the job, `a` its current or last attempt. */
export const JOB_COLUMNS = /* sql */ `
  j.id, j.name, j.state, ${SHOWN_REASON}, j.priority, j.attempt, j.exit_code, j.cancel_mode, j.cancel_requested_at,
  j.retry_of, j.parent_id, j.submitted_by, j.created_at, j.queued_at, j.started_at, j.finished_at,
  a.runner_id, a.runner_name, a.instance_id, a.instance_name, a.claimed_at`;

export const JOB_WITH_ATTEMPT = /* sql */ `
  jobs j LEFT JOIN job_attempts a ON a.job_id = j.id AND a.attempt = j.attempt`;

/**
 * Many new jobs and their first events in one statement ($1: a JSON array). A job whose idempotency key is taken is
 * left out of the answer. The order of insertion is that of the unique index, so that two statements with the same
 * keys wait for each other instead of deadlocking.
 */
export const INSERT_JOBS: Statement = {
  name: 'insert-jobs',
  text: /* sql */ `
    WITH input AS (
      SELECT *, clock_timestamp() AS now
      FROM json_to_recordset($1::json) AS i (
        id uuid, organization_id uuid, spec jsonb, lane text, secrets text, secret_names jsonb,
        idempotency_key text, idempotency_hash text, retry_of uuid, submitted_by text, rank bigint, state text,
        reason text, parent_id uuid)
    ), inserted AS (
      INSERT INTO jobs (id, organization_id, name, state, reason, spec, secrets, secret_names, lane, rank, priority,
        on_lost, max_attempts, slots, concurrency_key, concurrency_limit, stack_id, namespace_id, module_id, parent_id,
        idempotency_key, idempotency_hash, retry_of, submitted_by, created_at, queued_at, queue_expires_at)
      SELECT id, organization_id, spec->>'name', state, reason, spec, decode(secrets, 'base64'),
        ARRAY(SELECT jsonb_array_elements_text(secret_names)), lane, rank, (spec->>'priority')::integer,
        spec->>'onLost', (spec->>'maxAttempts')::integer, COALESCE((spec->>'slots')::integer, 1),
        spec->'concurrency'->>'key', (spec->'concurrency'->>'limit')::integer,
        (spec->'scope'->>'stackId')::uuid, (spec->'scope'->>'namespaceId')::uuid, (spec->'scope'->>'moduleId')::uuid,
        parent_id, idempotency_key, idempotency_hash, retry_of, submitted_by, now,
        CASE WHEN state = 'queued' THEN now END, now + make_interval(secs => (spec->>'queueTimeoutSeconds')::integer)
      FROM input
      ORDER BY organization_id, idempotency_key, id
      ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING *
    ), told AS (
      INSERT INTO job_events (organization_id, job_id, at, type, data)
      SELECT j.organization_id, j.id, j.created_at, e.type, e.data
      FROM inserted j CROSS JOIN LATERAL (VALUES
        (1, 'submitted', jsonb_build_object('by', j.submitted_by, 'retryOf', j.retry_of)),
        (2, 'queued', '{}'::jsonb)
      ) AS e (position, type, data)
      WHERE e.type <> 'queued' OR j.state = 'queued'
      ORDER BY j.id, e.position
    )
    SELECT id, name, state, reason, priority, attempt, exit_code, cancel_mode, cancel_requested_at, retry_of, parent_id,
      submitted_by, created_at, queued_at, started_at, finished_at, NULL::uuid AS runner_id,
      NULL AS runner_name, NULL::uuid AS instance_id, NULL AS instance_name, NULL::timestamptz AS claimed_at
    FROM inserted`,
};

export const FIND_JOB: Statement = {
  name: 'find-job',
  text: /* sql */ `SELECT ${JOB_COLUMNS} FROM ${JOB_WITH_ATTEMPT} WHERE j.organization_id = $1 AND j.id = $2`,
};

/** Everything a new job can be made from again, or compared with. */
export const FIND_SUBMISSION: Statement = {
  name: 'find-submission',
  text: /* sql */ `
    SELECT id, state, spec, secrets, secret_names, lane, idempotency_hash
    FROM jobs WHERE organization_id = $1 AND id = $2`,
};

export const FIND_SUBMISSION_BY_KEY: Statement = {
  name: 'find-submission-by-key',
  text: /* sql */ `
    SELECT id, state, spec, secrets, secret_names, lane, idempotency_hash
    FROM jobs WHERE organization_id = $1 AND idempotency_key = $2`,
};

/** Events told on the job page; a job has a handful, unless somebody tries to make it endless. */
const MAX_TIMELINE_EVENTS = 2000;

/** One snapshot of all that belongs to a job, so that steps, attempts and timeline agree with its state. */
export const FIND_JOB_DETAIL: Statement = {
  name: 'find-job-detail',
  text: /* sql */ `
    SELECT ${JOB_COLUMNS}, j.spec, j.lane, j.secret_names,
      COALESCE((
        SELECT json_agg(json_build_object('step', s.step, 'state', s.state, 'exitCode', s.exit_code,
          'signal', s.signal, 'startedAt', s.started_at, 'finishedAt', s.finished_at) ORDER BY s.step)
        FROM job_steps s WHERE s.job_id = j.id AND s.attempt = j.attempt), '[]') AS steps,
      COALESCE((
        SELECT json_agg(json_build_object('attempt', t.attempt, 'runnerId', t.runner_id, 'runner', t.runner_name,
          'instanceId', t.instance_id, 'instance', t.instance_name, 'outcome', t.outcome, 'reason', t.reason,
          'exitCode', t.exit_code, 'claimedAt', t.claimed_at, 'finishedAt', t.ended_at, 'lastSeq', t.last_seq,
          'logComplete', t.log_complete) ORDER BY t.attempt)
        FROM job_attempts t WHERE t.job_id = j.id), '[]') AS attempts,
      COALESCE((
        SELECT json_agg(json_build_object('at', e.at, 'type', e.type, 'attempt', e.attempt, 'data', e.data) ORDER BY e.id)
        FROM (SELECT * FROM job_events WHERE job_id = j.id ORDER BY id DESC LIMIT ${MAX_TIMELINE_EVENTS}) e), '[]') AS events
    FROM ${JOB_WITH_ATTEMPT}
    WHERE j.organization_id = $1 AND j.id = $2`,
};

/**
 * Locks the job until the transaction ends. It is read by a statement of its own after that: a lock that had to wait
 * for a claim would answer with the new job row beside the attempt of before.
 */
export const LOCK_JOB: Statement = {
  name: 'lock-job',
  text: /* sql */ `SELECT id FROM jobs WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
};

/** Nobody holds the job, so it ends at once. */
export const CANCEL_UNCLAIMED_JOB: Statement = {
  name: 'cancel-unclaimed-job',
  text: /* sql */ `
    WITH ended AS (
      UPDATE jobs SET state = 'canceled', reason = 'canceled', cancel_mode = $3,
        cancel_requested_at = clock_timestamp(), finished_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'queued')
      RETURNING organization_id, id
    )
    INSERT INTO job_events (organization_id, job_id, type, data)
    SELECT ended.organization_id, ended.id, e.type, e.data
    FROM ended CROSS JOIN LATERAL (VALUES
      (1, 'cancel_requested', jsonb_build_object('mode', $3::text, 'by', $4::text)),
      (2, 'finished', jsonb_build_object('state', 'canceled', 'reason', 'canceled'))
    ) AS e (position, type, data)
    ORDER BY e.position
    RETURNING id`,
};

/** The children are asked and the parent ends with them: the request stays in its row until then. */
export const REQUEST_FAN_OUT_CANCEL: Statement = {
  name: 'request-fan-out-cancel',
  text: /* sql */ `
    WITH asked AS (
      UPDATE jobs SET cancel_mode = $3, cancel_requested_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2 AND fans_out
      RETURNING organization_id, id
    )
    INSERT INTO job_events (organization_id, job_id, type, data)
    SELECT organization_id, id, 'cancel_requested', jsonb_build_object('mode', $3::text, 'by', $4::text)
    FROM asked
    RETURNING id`,
};

/** The runner that holds the job is asked; the request stays in the row until the attempt has ended. */
export const REQUEST_CANCEL: Statement = {
  name: 'request-cancel',
  text: /* sql */ `
    WITH asked AS (
      UPDATE jobs SET cancel_mode = $3, cancel_requested_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2 AND state IN ('claimed', 'running')
      RETURNING organization_id, id, attempt
    )
    INSERT INTO job_events (organization_id, job_id, attempt, type, data)
    SELECT organization_id, id, attempt, 'cancel_requested', jsonb_build_object('mode', $3::text, 'by', $4::text)
    FROM asked
    RETURNING id`,
};
