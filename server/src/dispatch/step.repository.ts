import { Injectable } from '@nestjs/common';
import type { InstanceId, StepFinished, StepStarted } from '@dibs/shared';
import { numberArray, textArray } from '../database/array-literals.js';
import { Database, type Statement } from '../database/database.js';

export type ByInstance<Message> = Message & { readonly instanceId: InstanceId };

/** `fenced`: not this instance's attempt, a wrong token, or over. */
export type StepVerdict<Verdict extends string> = Verdict | 'fenced';

/** `no_such_step`: the spec has fewer. */
export type StartVerdict = 'recorded' | 'no_such_step';
/** `other_result`: it ended before, otherwise. */
export type FinishVerdict = 'recorded' | 'not_started' | 'other_result' | 'no_such_step';

/** The jobs (j) of the batch (g) whose current attempt it names with the right token, locked against its end. */
const FENCED_JOBS = /* sql */ `
      JOIN jobs j ON j.id = g.job_id AND j.attempt = g.attempt
        AND j.claim_token = g.claim_token AND j.instance_id = g.instance_id
      WHERE j.state IN ('claimed', 'running')
      ORDER BY j.id
      FOR NO KEY UPDATE OF j`;

const START: Statement = {
  name: 'dispatch.step.start',
  text: /* sql */ `
    WITH fenced AS MATERIALIZED (
      SELECT g.*, j.organization_id, j.state, g.step < j.step_count AS possible
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::integer[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, step, n)
      ${FENCED_JOBS}
    ), started AS (
      UPDATE jobs j SET state = 'running', started_at = clock_timestamp()
      FROM fenced f WHERE f.possible AND f.state = 'claimed' AND j.id = f.job_id
    ), recorded AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT job_id, attempt, step, organization_id, 'running', clock_timestamp() FROM fenced WHERE possible
      ON CONFLICT (job_id, attempt, step) DO NOTHING
    )
    SELECT n::integer, CASE WHEN possible THEN 'recorded' ELSE 'no_such_step' END AS verdict FROM fenced`,
};

/** A step that never ran is recorded as skipped; every other result needs a recorded start. */
const FINISH: Statement = {
  name: 'dispatch.step.finish',
  text: /* sql */ `
    WITH fenced AS MATERIALIZED (
      SELECT g.*, j.organization_id, j.step_count
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::integer[], $6::text[], $7::integer[],
        $8::text[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, step, state, exit_code, signal, n)
      ${FENCED_JOBS}
    ), judged AS MATERIALIZED (
      SELECT f.*, CASE
          WHEN s.step IS NULL AND f.state <> 'skipped' THEN 'not_started'
          WHEN s.step IS NULL AND f.step >= f.step_count THEN 'no_such_step'
          WHEN s.step IS NULL OR s.state = 'running' THEN 'write'
          WHEN s.state = f.state AND s.exit_code IS NOT DISTINCT FROM f.exit_code
            AND s.signal IS NOT DISTINCT FROM f.signal THEN 'recorded'
          ELSE 'other_result' END AS verdict
      FROM fenced f
      LEFT JOIN job_steps s ON s.job_id = f.job_id AND s.attempt = f.attempt AND s.step = f.step
    ), written AS (
      INSERT INTO job_steps AS s (job_id, attempt, step, organization_id, state, exit_code, signal, finished_at)
      SELECT job_id, attempt, step, organization_id, state, exit_code, signal, clock_timestamp()
      FROM judged WHERE verdict = 'write'
      ON CONFLICT (job_id, attempt, step) DO UPDATE
        SET state = excluded.state, exit_code = excluded.exit_code, signal = excluded.signal,
          finished_at = excluded.finished_at
        WHERE s.state = 'running'
    )
    SELECT n::integer, CASE WHEN verdict = 'write' THEN 'recorded' ELSE verdict END AS verdict FROM judged`,
};

@Injectable()
export class StepRepository {
  constructor(private readonly database: Database) {}

  /** @returns one verdict for each message, in order. A job must not repeat within one call. */
  async start(steps: readonly ByInstance<StepStarted>[]): Promise<StepVerdict<StartVerdict>[]> {
    return inOrder(steps.length, await this.database.query<Row<StartVerdict>>(START, fence(steps)));
  }

  /** @returns one verdict for each message, in order. A job must not repeat within one call. */
  async finish(steps: readonly ByInstance<StepFinished>[]): Promise<StepVerdict<FinishVerdict>[]> {
    const rows = await this.database.query<Row<FinishVerdict>>(FINISH, [
      ...fence(steps),
      textArray(steps, (step) => step.state),
      numberArray(steps, (step) => step.exitCode),
      textArray(steps, (step) => step.signal),
    ]);
    return inOrder(steps.length, rows);
  }
}

interface Row<Verdict extends string> {
  readonly n: number;
  readonly verdict: Verdict;
}

function fence(steps: readonly ByInstance<StepStarted>[]): string[] {
  return [
    textArray(steps, (step) => step.jobId),
    numberArray(steps, (step) => step.attempt),
    textArray(steps, (step) => step.claimToken),
    textArray(steps, (step) => step.instanceId),
    numberArray(steps, (step) => step.step),
  ];
}

/** No row: no such attempt, or not with this token and instance. */
function inOrder<Verdict extends string>(count: number, rows: readonly Row<Verdict>[]): StepVerdict<Verdict>[] {
  const verdicts = Array<StepVerdict<Verdict>>(count).fill('fenced');
  for (const { n, verdict } of rows) verdicts[n - 1] = verdict;
  return verdicts;
}
