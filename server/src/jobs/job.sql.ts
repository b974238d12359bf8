import type { Statement } from '../database/database.js';

/** Nobody could ever serve the lane: that is noted on the lane, not on each of its jobs (docs/decisions/0010). */
const SHOWN_REASON = /* sql */ `
  CASE WHEN j.state = 'queued' AND EXISTS (SELECT FROM lane_warnings w WHERE w.lane = j.lane AND w.cleared_at IS NULL)
    THEN 'no_matching_runner' ELSE j.reason END AS reason`;

/** Of children only, and from the spec only while nobody has claimed it: a spec may have a megabyte. */
const meantFor = (part: 'runner' | 'instance'): string =>
  `CASE WHEN j.parent_id IS NOT NULL THEN COALESCE(j.${part}_name, s.spec->>'${part}') END`;

/** What a JobRow is made of; `j` is the job with its current or last attempt, `s` its submission. */
export const JOB_COLUMNS = /* sql */ `
  j.id, s.name, j.state, ${SHOWN_REASON}, j.priority, j.attempt, j.exit_code, j.cancel_mode, j.cancel_requested_at,
  s.retry_of, j.parent_id, j.concurrency_key, s.submitted_by, s.created_at, j.queued_at, j.started_at, j.finished_at,
  j.runner_id, j.runner_name, j.instance_id, j.instance_name, j.claimed_at,
  ${meantFor('runner')} AS for_runner, ${meantFor('instance')} AS for_instance`;

export const JOB_WITH_SUBMISSION = /* sql */ `
  jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id`;

export const FIND_JOB: Statement = {
  name: 'find-job',
  text: /* sql */ `SELECT ${JOB_COLUMNS} FROM ${JOB_WITH_SUBMISSION} WHERE j.organization_id = $1 AND j.id = $2`,
};

/** Everything a new job can be made from again, or compared with. */
export const FIND_SUBMISSION: Statement = {
  name: 'find-submission',
  text: /* sql */ `
    SELECT j.id, j.state, s.spec, s.secrets, s.secret_names, j.lane, s.idempotency_hash
    FROM ${JOB_WITH_SUBMISSION} WHERE s.organization_id = $1 AND s.id = $2`,
};

export const FIND_SUBMISSION_BY_KEY: Statement = {
  name: 'find-submission-by-key',
  text: /* sql */ `
    SELECT j.id, j.state, s.spec, s.secrets, s.secret_names, j.lane, s.idempotency_hash
    FROM ${JOB_WITH_SUBMISSION} WHERE s.organization_id = $1 AND s.idempotency_key = $2`,
};

/** Events told on the job page; a job has a handful, unless somebody tries to make it endless. */
export const MAX_TIMELINE_EVENTS = 2000;
/** Stretches of time in which nobody could have taken it. */
const MAX_WARNINGS = 50;

/** One snapshot of all that belongs to a job, so that steps, attempts and timeline agree with its state. */
export const FIND_JOB_DETAIL: Statement = {
  name: 'find-job-detail',
  text: /* sql */ `
    SELECT ${JOB_COLUMNS}, s.spec, j.lane, s.secret_names,
      (SELECT json_build_object('commit', r.source_commit, 'engine', r.engine)
        FROM engine_results r WHERE r.job_id = j.id ORDER BY r.attempt DESC LIMIT 1) AS engine_result,
      COALESCE((
        SELECT json_agg(json_build_object('attempt', p.attempt, 'step', p.step, 'state', p.state, 'exitCode', p.exit_code,
          'signal', p.signal, 'startedAt', p.started_at, 'finishedAt', p.finished_at) ORDER BY p.attempt, p.step)
        FROM job_steps p WHERE p.job_id = j.id), '[]') AS steps,
      COALESCE((
        SELECT json_agg(json_build_object('attempt', t.attempt, 'runnerId', t.runner_id, 'runner', t.runner_name,
          'instanceId', t.instance_id, 'instance', t.instance_name, 'outcome', t.outcome, 'reason', t.reason,
          'exitCode', t.exit_code, 'claimedAt', t.claimed_at, 'finishedAt', t.ended_at, 'lastSeq', t.last_seq,
          'logComplete', t.log_complete) ORDER BY t.attempt)
        FROM job_attempts t WHERE t.job_id = j.id), '[]') AS attempts,
      COALESCE((
        SELECT json_agg(json_build_object('at', e.at, 'type', e.type, 'attempt', e.attempt, 'data', e.data) ORDER BY e.id)
        FROM (SELECT * FROM job_events WHERE job_id = j.id ORDER BY id DESC LIMIT ${MAX_TIMELINE_EVENTS}) e), '[]') AS events,
      COALESCE((
        SELECT json_agg(json_build_object('raisedAt', w.raised_at, 'clearedAt', w.cleared_at) ORDER BY w.raised_at)
        FROM (
          SELECT raised_at, cleared_at FROM lane_warnings
          WHERE lane = j.lane AND (cleared_at IS NULL OR cleared_at > s.created_at)
            AND (j.state = 'queued' OR raised_at < COALESCE(j.claimed_at, j.finished_at))
          ORDER BY raised_at DESC LIMIT ${MAX_WARNINGS}) w), '[]') AS warnings
    FROM ${JOB_WITH_SUBMISSION}
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
      UPDATE jobs SET state = 'canceled', reason = 'canceled', cancel_mode = $3, wake_at = NULL,
        cancel_requested_at = clock_timestamp(), finished_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'queued')
      RETURNING organization_id, id
    )
    INSERT INTO job_events (organization_id, job_id, type, data)
    SELECT organization_id, id, 'cancel_requested', jsonb_build_object('mode', $3::text, 'by', $4::text)
    FROM ended
    RETURNING id`,
};

/** The children are asked and the parent ends with them: the request stays in its row until then. */
export const REQUEST_FAN_OUT_CANCEL: Statement = {
  name: 'request-fan-out-cancel',
  text: /* sql */ `
    WITH asked AS (
      UPDATE jobs SET cancel_mode = $3, cancel_requested_at = clock_timestamp()
      WHERE organization_id = $1 AND id = $2 AND stage = 'fan_out'
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
