import { Injectable } from '@nestjs/common';
import type { AttemptOutcome, JobFinished, JobId } from '@dibs/shared';
import { numberArray, textArray, uuidArray } from '../database/array-literals.js';
import { Database, type Queryable, type Statement } from '../database/database.js';
import { distinct } from '../database/distinct.js';
import { ENGINE_RESULTS, engineResultValues, tellsOfEngine } from './engine-results.sql.js';
import { lockingOrder } from './locking-order.js';
import { logCountsOf } from './log-counts.sql.js';
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

/** How nearly every attempt ends: what may be written without being judged first. */
function isSuccess(result: FinalResult): boolean {
  return result.outcome === 'succeeded' && result.exitCode === 0 && !tellsOfEngine(result);
}

/**
 * Successes about which there is nothing to say: one conditional UPDATE, which costs a fifth less than to lock the rows, judge
 * them and write then. It leaves out whatever is not so: that is judged (FINISH). Rows are locked in the order of the arrays, so
 * they have to come in the order of job ids, as everywhere.
 */
const SUCCEED: Statement = {
  name: 'dispatch.result.succeed',
  text: /* sql */ `
    WITH ended AS (
      UPDATE jobs j SET state = 'succeeded', reason = ($3::text[])[g.kind], exit_code = 0, finished_at = g.now,
        ended_at = g.now, outcome = 'succeeded', ended_reason = ($3::text[])[g.kind], ended_exit_code = 0, log_complete = true
      FROM (
        SELECT w.*, clock.now FROM (SELECT clock_timestamp() AS now OFFSET 0) AS clock,
          unnest($4::uuid[], $5::text[], $6::integer[], $7::bigint[], $8::text[])
          WITH ORDINALITY AS w (job_id, claim_token, kind, last_seq, log_counts, n)
      ) AS g
      WHERE j.id = g.job_id AND j.claim_token = g.claim_token AND j.attempt = ($1::integer[])[g.kind]
        AND j.instance_id = ($2::uuid[])[g.kind] AND j.ended_at IS NULL AND j.last_seq >= g.last_seq
        AND (j.noop OR (
          SELECT count(*) FROM job_steps s WHERE s.job_id = j.id AND s.attempt = j.attempt AND s.state = 'succeeded'
        ) >= j.step_count)
      RETURNING g.n, g.log_counts, j.id AS job_id, j.attempt, j.last_seq, j.concurrency_key, j.parent_id
    )${logCountsOf('ended d WHERE true')}
    SELECT n::integer, last_seq AS "storedSeq", concurrency_key AS "concurrencyKey", parent_id AS "parentId" FROM ended`,
};

/**
 * The jobs of these results, if the attempt is their current or last one. `$1` … `$9` as `values` gives them, `$10`:
 * nothing is left to decide. A noop job has no recorded steps, because nothing of it ever ran.
 */
const LOCKED_AND_JUDGED = /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT g.*, j.ended_at, j.outcome AS ended_outcome, j.ended_reason, j.ended_exit_code, j.last_seq AS stored_seq,
        j.step_count, j.noop, j.retries, j.concurrency_key, j.parent_id
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
        $9::text[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, outcome, reason, exit_code, last_seq, log_counts, n)
      JOIN jobs j ON j.id = g.job_id AND j.attempt = g.attempt
        AND j.claim_token = g.claim_token AND j.instance_id = g.instance_id
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), judged AS MATERIALIZED (
      SELECT l.*, clock_timestamp() AS now, CASE
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = l.outcome AND l.ended_reason = l.reason
            AND l.ended_exit_code IS NOT DISTINCT FROM l.exit_code THEN 'again'
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = 'lost' THEN 'fenced'
          WHEN l.ended_at IS NOT NULL THEN 'terminal'
          WHEN l.stored_seq < l.last_seq THEN 'gap'
          WHEN l.outcome = 'succeeded' AND (l.exit_code IS DISTINCT FROM 0 OR NOT l.noop
            AND (SELECT count(*) FROM job_steps s
                WHERE s.job_id = l.job_id AND s.attempt = l.attempt AND s.state = 'succeeded') < l.step_count)
            THEN 'steps_missing'
          WHEN l.outcome IN ('failed', 'timed_out') AND l.retries AND NOT $10 THEN 'undecided'
          ELSE 'ended' END AS verdict
      FROM locked l
    )`;

const ANSWER = /* sql */ `
    SELECT n::integer, verdict, stored_seq AS "storedSeq", concurrency_key AS "concurrencyKey", parent_id AS "parentId"
    FROM judged`;

/**
 * Job, attempt and steps left open in one statement; the time line is read from these rows. That the attempt is current
 * is judged under the lock.
 */
const FINISH_TEXT = /* sql */ `${LOCKED_AND_JUDGED}, jobs_ended AS (
      UPDATE jobs j SET state = d.outcome, exit_code = d.exit_code, finished_at = d.now,
        reason = CASE WHEN d.outcome = 'canceled' AND j.superseded_by IS NOT NULL THEN 'superseded' ELSE d.reason END,
        ended_at = d.now, outcome = d.outcome, ended_reason = d.reason, ended_exit_code = d.exit_code,
        log_complete = true
      FROM judged d
      WHERE d.verdict = 'ended' AND j.id = d.job_id
    ), steps AS (
      UPDATE job_steps s SET finished_at = clock_timestamp(),
        state = CASE WHEN d.outcome IN ('canceled', 'timed_out') THEN d.outcome ELSE 'failed' END
      FROM judged d
      WHERE d.verdict = 'ended' AND d.outcome <> 'succeeded'
        AND s.job_id = d.job_id AND s.attempt = d.attempt AND s.state = 'running'
    )${logCountsOf(`judged d WHERE d.verdict = 'ended'`)}`;

const FINISH: Statement = { name: 'dispatch.result.finish', text: `${FINISH_TEXT}${ANSWER}` };

/** Of a batch in which at least one runner tells of an engine or a commit; all others cost what they did without. */
const FINISH_WITH_ENGINES: Statement = {
  name: 'dispatch.result.finish-with-engines',
  text: `${FINISH_TEXT}${ENGINE_RESULTS}${ANSWER}`,
};

/** Attempts that another one has followed: nothing of them is written any more. */
const EARLIER: Statement = {
  name: 'dispatch.result.earlier',
  text: /* sql */ `
    SELECT g.n::integer, CASE
        WHEN a.outcome = g.outcome AND a.reason = g.reason AND a.exit_code IS NOT DISTINCT FROM g.exit_code THEN 'again'
        WHEN a.outcome = 'lost' THEN 'fenced'
        ELSE 'terminal' END AS verdict,
      a.last_seq AS "storedSeq", NULL AS "concurrencyKey", NULL AS "parentId"
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::integer[])
      WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, outcome, reason, exit_code, n)
    JOIN earlier_attempts a ON a.job_id = g.job_id AND a.attempt = g.attempt
      AND a.claim_token = g.claim_token AND a.instance_id = g.instance_id`,
};

/** Only locks and judges: the caller decides and writes within the same transaction. */
const JUDGE: Statement = { name: 'dispatch.result.judge', text: `${LOCKED_AND_JUDGED}${ANSWER}` };

@Injectable()
export class ResultRepository {
  constructor(private readonly database: Database) {}

  /** @returns one result for each message, in order; null: not written, it has to be judged (`finish`) */
  async succeed(results: readonly FinalResult[]): Promise<(ResultWritten | null)[]> {
    const written = Array<ResultWritten | null>(results.length).fill(null);
    const { sorted, places } = lockingOrder(results, isSuccess);
    if (sorted.length === 0) return written;
    for (const { n, storedSeq, concurrencyKey, parentId } of await this.writeSuccesses(sorted)) {
      written[places[n - 1]!] = { verdict: 'ended', storedSeq, concurrencyKey, parentId };
    }
    return written;
  }

  /** @returns one result for each message, in order. A job must not repeat within one call. */
  finish(results: readonly FinalResult[]): Promise<ResultWritten[]> {
    return results.length === 0 ? Promise.resolve([]) : this.end(this.database, results, false);
  }

  /** Ends for good what was `undecided`. */
  finishDecided(tx: Queryable, results: readonly FinalResult[]): Promise<ResultWritten[]> {
    return this.end(tx, results, true);
  }

  /** Locks the jobs until the transaction ends. `ended` and `undecided` mean: may be ended now. */
  judge(tx: Queryable, results: readonly ByInstance<JobFinished>[]): Promise<ResultWritten[]> {
    return this.judged(tx, JUDGE, results, [false]);
  }

  private writeSuccesses(results: readonly FinalResult[]): Promise<Omit<Row, 'verdict'>[]> {
    const { kinds, places } = distinct(results, kindOf);
    return this.database.query(SUCCEED, [
      numberArray(kinds, ({ attempt }) => attempt),
      uuidArray(kinds, ({ instanceId }) => instanceId),
      textArray(kinds, ({ reason }) => reason),
      uuidArray(results, ({ jobId }) => jobId),
      textArray(results, ({ claimToken }) => claimToken),
      numberArray(places),
      numberArray(results, ({ lastSeq }) => lastSeq),
      logCountsArray(results),
    ]);
  }

  private end(on: Queryable, results: readonly FinalResult[], isDecided: boolean): Promise<ResultWritten[]> {
    if (!results.some(tellsOfEngine)) return this.judged(on, FINISH, results, [isDecided]);
    return this.judged(on, FINISH_WITH_ENGINES, results, [isDecided, ...engineResultValues(results)]);
  }

  private async judged(
    on: Queryable,
    statement: Statement,
    results: readonly ByInstance<JobFinished>[],
    more: readonly unknown[],
  ): Promise<ResultWritten[]> {
    const given = values(results);
    const rows = await on.query<Row>(statement, [...given, ...more]);
    const written = Array<ResultWritten>(results.length).fill(FENCED);
    for (const row of rows) written[row.n - 1] = row;
    if (rows.length === results.length) return written;
    // found in no job: of an attempt that was followed by another, or of none
    const found = new Set(rows.map(({ n }) => n));
    for (const row of await on.query<Row>(EARLIER, given.slice(0, 7))) if (!found.has(row.n)) written[row.n - 1] = row;
    return written;
  }
}

type Row = ResultWritten & { readonly n: number };

/** An id put together of three would have to be hashed anew for each result; nearly all are of first attempts. */
function kindOf({ attempt, reason, instanceId }: FinalResult): string {
  return attempt === 1 && reason === 'completed' ? instanceId : `${attempt} ${reason} ${instanceId}`;
}

/** No such attempt, or not with this token and instance. */
const FENCED: ResultWritten = { verdict: 'fenced', storedSeq: 0, concurrencyKey: null, parentId: null };

function values(results: readonly ByInstance<JobFinished>[]): (string | null)[] {
  return [
    textArray(results, (result) => result.jobId),
    numberArray(results, (result) => result.attempt),
    textArray(results, (result) => result.claimToken),
    textArray(results, (result) => result.instanceId),
    textArray(results, (result) => result.outcome),
    textArray(results, (result) => result.reason),
    numberArray(results, (result) => result.exitCode),
    numberArray(results, (result) => result.lastSeq),
    logCountsArray(results),
  ];
}

function logCountsArray(results: readonly ByInstance<JobFinished>[]): string | null {
  if (results.every(({ log }) => log === undefined)) return null;
  return textArray(results, ({ log }) => (log === undefined ? null : JSON.stringify(log)));
}
