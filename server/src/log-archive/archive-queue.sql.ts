import type { Statement } from '../database/database.js';
import { weekStatement } from '../logs/partitions/week-statement.js';

export const SWEPT_AT_ONCE = 2_000;

/** Longer than the work for one log may take (store/s3-store.ts: written and read back within five minutes each). */
const CLAIM = `interval '15 minutes'`;
const TERMINAL = `('succeeded', 'failed', 'canceled', 'timed_out', 'lost', 'expired')`;

/**
 * The next jobs by their ids, of every organization, into the queue; not those of the last hour, of which some may not be
 * committed yet, or have an id by a clock that is late. Left out is what has nothing to copy: no lines, a log that was
 * removed, or that was copied before. One server at a time: the others find nothing to do.
 */
export const SWEEP: Statement = {
  name: 'log-archive.sweep',
  text: /* sql */ `
    WITH progress AS MATERIALIZED (SELECT swept_to FROM log_archive_progress FOR UPDATE SKIP LOCKED),
    until AS MATERIALIZED (
      SELECT (lpad(to_hex((extract(epoch FROM statement_timestamp() - interval '1 hour') * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid AS id),
    ids AS MATERIALIZED (
      SELECT next.id FROM progress CROSS JOIN until CROSS JOIN LATERAL (
        SELECT id FROM jobs WHERE jobs.id > progress.swept_to AND jobs.id < until.id ORDER BY id LIMIT ${SWEPT_AT_ONCE}) AS next),
    queued AS (
      INSERT INTO log_archive_queue (job_id, organization_id, due_at)
      SELECT j.id, j.organization_id, clock_timestamp()
      FROM ids CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = ids.id OFFSET 0) AS j
      LEFT JOIN retention r ON r.organization_id = j.organization_id
      WHERE (j.state NOT IN ${TERMINAL} OR j.attempt > 1 OR j.last_seq > 0)
        AND (r.log_floor IS NULL OR j.id >= r.log_floor OR EXISTS (SELECT FROM retained_logs l WHERE l.job_id = j.id))
        AND NOT EXISTS (SELECT FROM log_archives x WHERE x.job_id = j.id AND x.attempt = j.attempt)
      ON CONFLICT DO NOTHING),
    swept AS (
      UPDATE log_archive_progress p SET swept_to = GREATEST(p.swept_to,
        CASE WHEN (SELECT count(*) FROM ids) = ${SWEPT_AT_ONCE} THEN (SELECT id FROM ids ORDER BY id DESC LIMIT 1)
          ELSE (SELECT id FROM until) END)
      WHERE EXISTS (SELECT FROM progress))
    SELECT count(*)::integer AS jobs FROM ids`,
};

export const SWEPT_TO: Statement = {
  name: 'log-archive.swept-to',
  text: 'SELECT swept_to AS "sweptTo" FROM log_archive_progress',
};

/** Jobs that ended just now; $2: seconds until they are due. */
export const ADD: Statement = {
  name: 'log-archive.add',
  text: /* sql */ `
    INSERT INTO log_archive_queue AS q (job_id, organization_id, due_at)
    SELECT j.id, j.organization_id, clock_timestamp() + make_interval(secs => $2) FROM jobs j
    WHERE j.id = ANY($1::uuid[]) AND (j.attempt > 1 OR j.last_seq > 0) ORDER BY j.id
    ON CONFLICT (job_id) DO UPDATE SET due_at = LEAST(q.due_at, EXCLUDED.due_at) WHERE q.claim IS NULL`,
};

/** The claim of a server that died ends with its time. */
export const CLAIM_DUE: Statement = {
  name: 'log-archive.claim',
  text: /* sql */ `
    WITH due AS MATERIALIZED (
      SELECT job_id FROM log_archive_queue WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT $1
      FOR UPDATE SKIP LOCKED)
    UPDATE log_archive_queue q SET claim = $2, due_at = clock_timestamp() + ${CLAIM} FROM due
    WHERE q.job_id = due.job_id
    RETURNING q.job_id AS "jobId", q.organization_id AS "organizationId", q.failures, q.claim`,
};

/** The attempts of a job whose logs are to be copied. */
export const ATTEMPTS: Statement = {
  name: 'log-archive.attempts',
  text: /* sql */ `
    SELECT j.state IN ${TERMINAL} AS "hasEnded", a.attempt
    FROM jobs j LEFT JOIN job_attempts a ON a.job_id = j.id AND a.last_seq > 0
      AND NOT EXISTS (SELECT FROM log_archives x WHERE x.job_id = a.job_id AND x.attempt = a.attempt)
    WHERE j.id = $1 ORDER BY a.attempt`,
};

export const DONE: Statement = {
  name: 'log-archive.done',
  text: 'DELETE FROM log_archive_queue WHERE job_id = $1 AND claim = $2',
};

/** A job that has not ended is looked at again when it is twice as old; its end is heard of before. */
export const LATER: Statement = {
  name: 'log-archive.later',
  text: /* sql */ `
    UPDATE log_archive_queue q SET claim = NULL,
      due_at = clock_timestamp() + GREATEST(interval '5 minutes', clock_timestamp() - s.created_at)
    FROM job_submissions s WHERE q.job_id = $1 AND q.claim = $2 AND s.organization_id = q.organization_id AND s.id = q.job_id`,
};

/** $3: failures so far; $4: seconds to wait. */
export const FAILED: Statement = {
  name: 'log-archive.failed',
  text: /* sql */ `
    UPDATE log_archive_queue SET claim = NULL, failures = $3, due_at = clock_timestamp() + make_interval(secs => $4)
    WHERE job_id = $1 AND claim = $2`,
};

/** More are not counted: the page of metrics is for a glance. */
const MOST_COUNTED = 10_000;
export const WAITING: Statement = {
  name: 'log-archive.waiting',
  text: /* sql */ `
    SELECT
      (SELECT count(*)::integer FROM (
        SELECT FROM log_archive_queue WHERE due_at <= statement_timestamp() LIMIT ${MOST_COUNTED}) AS due) AS due,
      (SELECT count(*)::integer FROM (
        SELECT FROM log_archive_queue WHERE failures > 0 LIMIT ${MOST_COUNTED}) AS failed) AS failed`,
};

/** About a megabyte of chunks that go on behind a line, with what the index of the object needs. */
export const CHUNKS = weekStatement(
  'log-archive.chunks',
  (isInWeek) => /* sql */ `
    SELECT first_seq, last_seq, lines, min_step, max_step, is_cut FROM (
      SELECT *, sum(octet_length(lines)) OVER (ORDER BY first_seq) - octet_length(lines) AS bytes_before FROM (
        SELECT first_seq, last_seq, lines, min_step, max_step, is_cut FROM log_chunks
        WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND last_seq > $3
          AND first_seq >= COALESCE((
            SELECT max(first_seq) FROM log_chunks WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND first_seq <= $3 + 1), 0)
        ORDER BY first_seq LIMIT 256) AS window_of_chunks
    ) AS sized
    WHERE bytes_before < 1048576 ORDER BY first_seq`,
);
