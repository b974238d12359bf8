import { Injectable } from '@nestjs/common';
import type { AttemptOutcome, JobFinished, JobId } from '@dibs/shared';
import { numberArray, textArray } from '../database/array-literals.js';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { ByInstance } from './step.repository.js';

/** A result that leaves nothing to decide but whether it is tried again. A lost attempt goes through LostAttemptRepository. */
export type FinalResult = ByInstance<JobFinished> & { readonly outcome: Exclude<AttemptOutcome, 'lost'> };

export type ResultVerdict =
  | 'ended'
  /** May be ended, but the job says that some failures are tried again: nothing is written yet. */
  | 'undecided'
  /** The same result again. */
  | 'again'
  /** Not this instance's attempt, a wrong token, or given up by the server. */
  | 'fenced'
  /** Another result was accepted before. */
  | 'terminal'
  /** Log lines are missing up to `lastSeq`. */
  | 'gap'
  /** `succeeded` without every step recorded as succeeded. */
  | 'steps_missing';

export interface ResultWritten {
  readonly verdict: ResultVerdict;
  /** Last log line that is stored. */
  readonly storedSeq: number;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
}

/**
 * The attempts of these results, whether current or over. `$1` … `$8` as `values` gives them, `$9`: nothing is left to
 * decide. A noop job has no
 * recorded steps, because nothing of it ever ran.
 */
const LOCKED_AND_JUDGED = /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT g.*, a.ended_at, a.outcome AS ended_outcome, a.reason AS ended_reason, a.exit_code AS ended_exit_code,
        a.last_seq AS stored_seq, j.step_count, j.noop, j.retries, j.concurrency_key, j.parent_id
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::integer[], $8::bigint[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, outcome, reason, exit_code, last_seq, n)
      JOIN job_attempts a ON a.job_id = g.job_id AND a.attempt = g.attempt
        AND a.claim_token = g.claim_token AND a.instance_id = g.instance_id
      JOIN jobs j ON j.id = g.job_id
      ORDER BY a.job_id
      FOR NO KEY UPDATE OF a
    ), judged AS MATERIALIZED (
      SELECT l.*, CASE
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = l.outcome AND l.ended_reason = l.reason
            AND l.ended_exit_code IS NOT DISTINCT FROM l.exit_code THEN 'again'
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = 'lost' THEN 'fenced'
          WHEN l.ended_at IS NOT NULL THEN 'terminal'
          WHEN l.stored_seq < l.last_seq THEN 'gap'
          WHEN l.outcome = 'succeeded' AND (l.exit_code IS DISTINCT FROM 0 OR NOT l.noop
            AND (SELECT count(*) FROM job_steps s
                WHERE s.job_id = l.job_id AND s.attempt = l.attempt AND s.state = 'succeeded') < l.step_count)
            THEN 'steps_missing'
          WHEN l.outcome IN ('failed', 'timed_out') AND l.retries AND NOT $9 THEN 'undecided'
          ELSE 'ended' END AS verdict
      FROM locked l
    )`;

const ANSWER = /* sql */ `
    SELECT n::integer, verdict, stored_seq AS "storedSeq", concurrency_key AS "concurrencyKey", parent_id AS "parentId"
    FROM judged`;

/**
 * Attempt, job and steps left open in one statement; the time line is read from these rows. That the attempt is current
 * is judged under its lock; asking for it once more would make the planner walk through every current attempt.
 */
const FINISH: Statement = {
  name: 'dispatch.result.finish',
  text: /* sql */ `${LOCKED_AND_JUDGED}, attempts AS (
      UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = d.outcome, reason = d.reason,
        exit_code = d.exit_code, log_complete = true
      FROM judged d
      WHERE d.verdict = 'ended' AND a.job_id = d.job_id AND a.attempt = d.attempt
    ), jobs_ended AS (
      UPDATE jobs j SET state = d.outcome, exit_code = d.exit_code, finished_at = clock_timestamp(),
        reason = CASE WHEN d.outcome = 'canceled' AND j.superseded_by IS NOT NULL THEN 'superseded' ELSE d.reason END
      FROM judged d
      WHERE d.verdict = 'ended' AND j.id = d.job_id AND j.attempt = d.attempt AND j.state IN ('claimed', 'running')
    ), steps AS (
      UPDATE job_steps s SET finished_at = clock_timestamp(),
        state = CASE WHEN d.outcome IN ('canceled', 'timed_out') THEN d.outcome ELSE 'failed' END
      FROM judged d
      WHERE d.verdict = 'ended' AND d.outcome <> 'succeeded'
        AND s.job_id = d.job_id AND s.attempt = d.attempt AND s.state = 'running'
    )${ANSWER}`,
};

/** Only locks and judges: the caller decides and writes within the same transaction. */
const JUDGE: Statement = { name: 'dispatch.result.judge', text: `${LOCKED_AND_JUDGED}${ANSWER}` };

@Injectable()
export class ResultRepository {
  constructor(private readonly database: Database) {}

  /** @returns one result for each message, in order. A job must not repeat within one call. */
  async finish(results: readonly FinalResult[]): Promise<ResultWritten[]> {
    return inOrder(results.length, await this.database.query<Row>(FINISH, [...values(results), false]));
  }

  /** Ends for good what was `undecided`. */
  async finishDecided(tx: Queryable, results: readonly FinalResult[]): Promise<ResultWritten[]> {
    return inOrder(results.length, await tx.query<Row>(FINISH, [...values(results), true]));
  }

  /** Locks the attempts until the transaction ends. `ended` and `undecided` mean: may be ended now. */
  async judge(tx: Queryable, results: readonly ByInstance<JobFinished>[]): Promise<ResultWritten[]> {
    return inOrder(results.length, await tx.query<Row>(JUDGE, [...values(results), false]));
  }
}

type Row = ResultWritten & { readonly n: number };

const FENCED: ResultWritten = { verdict: 'fenced', storedSeq: 0, concurrencyKey: null, parentId: null };

function values(results: readonly ByInstance<JobFinished>[]): string[] {
  return [
    textArray(results.map((result) => result.jobId)),
    numberArray(results.map((result) => result.attempt)),
    textArray(results.map((result) => result.claimToken)),
    textArray(results.map((result) => result.instanceId)),
    textArray(results.map((result) => result.outcome)),
    textArray(results.map((result) => result.reason)),
    numberArray(results.map((result) => result.exitCode)),
    numberArray(results.map((result) => result.lastSeq)),
  ];
}

/** No row: no such attempt, or not with this token and instance. */
function inOrder(count: number, rows: readonly Row[]): ResultWritten[] {
  const written = Array<ResultWritten>(count).fill(FENCED);
  for (const row of rows) written[row.n - 1] = row;
  return written;
}
