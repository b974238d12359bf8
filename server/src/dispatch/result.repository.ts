import { Injectable } from '@nestjs/common';
import type { AttemptOutcome, InstanceId, JobFinished, OrganizationId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { ByInstance } from './step.repository.js';

/** A result that leaves nothing to decide. A lost attempt goes through LostAttemptRepository. */
export type FinalResult = ByInstance<JobFinished> & { readonly outcome: Exclude<AttemptOutcome, 'lost'> };

export type ResultVerdict =
  | 'ended'
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
  readonly organizationId: OrganizationId | null;
  /** Last log line that is stored. */
  readonly storedSeq: number;
}

/** The attempts of these results, whether current or over. `$1` … `$8` as `values` gives them. */
const LOCKED_AND_JUDGED = /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::integer[],
        $8::bigint[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, outcome, reason, exit_code, last_seq, n)
    ), locked AS MATERIALIZED (
      SELECT g.*, a.organization_id, a.ended_at, a.outcome AS ended_outcome, a.reason AS ended_reason,
        a.exit_code AS ended_exit_code, a.last_seq AS stored_seq
      FROM given g
      JOIN job_attempts a ON a.job_id = g.job_id AND a.attempt = g.attempt
        AND a.claim_token = g.claim_token AND a.instance_id = g.instance_id
      ORDER BY a.job_id
      FOR NO KEY UPDATE OF a
    ), judged AS MATERIALIZED (
      SELECT l.*, CASE
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = l.outcome AND l.ended_reason = l.reason
            AND l.ended_exit_code IS NOT DISTINCT FROM l.exit_code THEN 'again'
          WHEN l.ended_at IS NOT NULL AND l.ended_outcome = 'lost' THEN 'fenced'
          WHEN l.ended_at IS NOT NULL THEN 'terminal'
          WHEN l.stored_seq < l.last_seq THEN 'gap'
          WHEN l.outcome = 'succeeded' AND (l.exit_code IS DISTINCT FROM 0
            OR (SELECT count(*) FROM job_steps s
                WHERE s.job_id = l.job_id AND s.attempt = l.attempt AND s.state = 'succeeded')
              < (SELECT jsonb_array_length(j.spec->'steps') FROM jobs j WHERE j.id = l.job_id)) THEN 'steps_missing'
          ELSE 'ended' END AS verdict
      FROM locked l
    )`;

const ANSWER = /* sql */ `
    SELECT g.n, COALESCE(d.verdict, 'fenced') AS verdict, d.organization_id AS "organizationId",
      COALESCE(d.stored_seq, 0) AS "storedSeq"
    FROM given g LEFT JOIN judged d ON d.n = g.n`;

/** Attempt, job, steps left open and timeline in one statement. */
const FINISH: Statement = {
  name: 'dispatch.result.finish',
  text: /* sql */ `${LOCKED_AND_JUDGED}, attempts AS (
      UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = d.outcome, reason = d.reason,
        exit_code = d.exit_code, log_complete = true
      FROM judged d
      WHERE d.verdict = 'ended' AND a.job_id = d.job_id AND a.attempt = d.attempt AND a.ended_at IS NULL
    ), jobs_ended AS (
      UPDATE jobs j SET state = d.outcome, reason = d.reason, exit_code = d.exit_code, finished_at = clock_timestamp()
      FROM judged d
      WHERE d.verdict = 'ended' AND j.id = d.job_id AND j.attempt = d.attempt AND j.state IN ('claimed', 'running')
      RETURNING j.organization_id, j.id, j.attempt, j.state, j.reason, j.exit_code
    ), steps AS (
      UPDATE job_steps s SET finished_at = clock_timestamp(),
        state = CASE WHEN d.outcome IN ('canceled', 'timed_out') THEN d.outcome ELSE 'failed' END
      FROM judged d
      WHERE d.verdict = 'ended' AND d.outcome <> 'succeeded'
        AND s.job_id = d.job_id AND s.attempt = d.attempt AND s.state = 'running'
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, attempt, 'finished',
        jsonb_build_object('state', state, 'reason', reason, 'exitCode', exit_code)
      FROM jobs_ended
    )${ANSWER}`,
};

/** Only locks and judges: the caller decides and writes within the same transaction. */
const JUDGE: Statement = { name: 'dispatch.result.judge', text: `${LOCKED_AND_JUDGED}${ANSWER}` };

@Injectable()
export class ResultRepository {
  constructor(private readonly database: Database) {}

  /** @returns one result for each message, in order. A job must not repeat within one call. */
  async finish(results: readonly FinalResult[]): Promise<ResultWritten[]> {
    return inOrder(await this.database.query<ResultWritten & { n: number }>(FINISH, values(results)));
  }

  /** Locks the attempts until the transaction ends. `ended` means: may be ended now. */
  async judge(tx: Queryable, results: readonly ByInstance<JobFinished>[]): Promise<ResultWritten[]> {
    return inOrder(await tx.query<ResultWritten & { n: number }>(JUDGE, values(results)));
  }
}

function values(results: readonly ByInstance<JobFinished>[]): unknown[][] {
  const instanceIds: InstanceId[] = results.map((result) => result.instanceId);
  return [
    results.map((result) => result.jobId),
    results.map((result) => result.attempt),
    results.map((result) => result.claimToken),
    instanceIds,
    results.map((result) => result.outcome),
    results.map((result) => result.reason),
    results.map((result) => result.exitCode),
    results.map((result) => result.lastSeq),
  ];
}

function inOrder<Row extends { readonly n: number }>(rows: Row[]): Row[] {
  return rows.sort((a, b) => a.n - b.n);
}
