import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, OrganizationId, StepFinished, StepStarted } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

export type ByInstance<Message> = Message & { readonly instanceId: InstanceId };

export interface StepWritten<Verdict extends string> {
  readonly verdict: Verdict | 'fenced';
  /** Absent when fenced. */
  readonly organizationId?: OrganizationId;
  /** The job became `running` by this. */
  readonly jobStarted?: boolean;
}

/** `no_such_step`: the spec has fewer. */
export type StartVerdict = 'recorded' | 'no_such_step';
/** `other_result`: it ended before, otherwise. */
export type FinishVerdict = 'recorded' | 'not_started' | 'other_result' | 'no_such_step';

/** Attempts named by the batch that are current and whose token is right, locked against their own end. */
const FENCED_ATTEMPTS = /* sql */ `
      SELECT g.*, a.organization_id
      FROM given g
      JOIN job_attempts a ON a.job_id = g.job_id AND a.attempt = g.attempt
        AND a.claim_token = g.claim_token AND a.instance_id = g.instance_id
      WHERE a.ended_at IS NULL
      ORDER BY a.job_id
      FOR NO KEY UPDATE OF a`;

const START: Statement = {
  name: 'dispatch.step.start',
  text: /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::integer[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, step, n)
    ), fenced AS MATERIALIZED (${FENCED_ATTEMPTS}
    ), possible AS MATERIALIZED (
      SELECT f.*, j.state FROM fenced f JOIN jobs j ON j.id = f.job_id
      WHERE f.step < jsonb_array_length(j.spec->'steps')
    ), started AS (
      UPDATE jobs j SET state = 'running', started_at = clock_timestamp()
      FROM possible p WHERE j.id = p.job_id AND j.attempt = p.attempt AND j.state = 'claimed'
      RETURNING j.id, j.organization_id, j.attempt
    ), recorded AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT job_id, attempt, step, organization_id, 'running', clock_timestamp() FROM possible
      ON CONFLICT (job_id, attempt, step) DO NOTHING
      RETURNING job_id, attempt, step, organization_id
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, attempt, 'started', '{}' FROM started
      UNION ALL
      SELECT organization_id, job_id, attempt, 'step_started', jsonb_build_object('step', step) FROM recorded
    )
    SELECT g.n, f.organization_id AS "organizationId",
      CASE WHEN f.n IS NULL THEN 'fenced' WHEN p.n IS NULL THEN 'no_such_step' ELSE 'recorded' END AS verdict,
      EXISTS (SELECT FROM started s WHERE s.id = g.job_id) AS "jobStarted"
    FROM given g LEFT JOIN fenced f ON f.n = g.n LEFT JOIN possible p ON p.n = g.n`,
};

/** A step that never ran is recorded as skipped; every other result needs a recorded start. */
const FINISH: Statement = {
  name: 'dispatch.step.finish',
  text: /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::integer[], $6::text[],
        $7::integer[], $8::text[])
        WITH ORDINALITY AS g (job_id, attempt, claim_token, instance_id, step, state, exit_code, signal, n)
    ), fenced AS MATERIALIZED (${FENCED_ATTEMPTS}
    ), judged AS MATERIALIZED (
      SELECT f.*, CASE
          WHEN s.step IS NULL AND f.state <> 'skipped' THEN 'not_started'
          WHEN s.step IS NULL AND f.step >= (SELECT jsonb_array_length(j.spec->'steps') FROM jobs j WHERE j.id = f.job_id)
            THEN 'no_such_step'
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
      RETURNING s.organization_id, s.job_id, s.attempt, s.step, s.state, s.exit_code, s.signal
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, job_id, attempt, 'step_finished',
        jsonb_build_object('step', step, 'state', state, 'exitCode', exit_code, 'signal', signal)
      FROM written
    )
    SELECT g.n, j.organization_id AS "organizationId",
      CASE WHEN j.n IS NULL THEN 'fenced' WHEN j.verdict = 'write' THEN 'recorded' ELSE j.verdict END AS verdict
    FROM given g LEFT JOIN judged j ON j.n = g.n`,
};

@Injectable()
export class StepRepository {
  constructor(private readonly database: Database) {}

  /** @returns one result for each message, in order. A job must not repeat within one call. */
  async start(steps: readonly ByInstance<StepStarted>[]): Promise<StepWritten<StartVerdict>[]> {
    const rows = await this.database.query<StepWritten<StartVerdict> & { n: number }>(START, fence(steps));
    return inOrder(rows);
  }

  /** @returns one result for each message, in order. A job must not repeat within one call. */
  async finish(steps: readonly ByInstance<StepFinished>[]): Promise<StepWritten<FinishVerdict>[]> {
    const rows = await this.database.query<StepWritten<FinishVerdict> & { n: number }>(FINISH, [
      ...fence(steps),
      steps.map((step) => step.state),
      steps.map((step) => step.exitCode),
      steps.map((step) => step.signal),
    ]);
    return inOrder(rows);
  }
}

function fence(steps: readonly ByInstance<StepStarted>[]): unknown[][] {
  const jobIds: JobId[] = steps.map((step) => step.jobId);
  return [
    jobIds,
    steps.map((step) => step.attempt),
    steps.map((step) => step.claimToken),
    steps.map((step) => step.instanceId),
    steps.map((step) => step.step),
  ];
}

function inOrder<Row extends { readonly n: number }>(rows: Row[]): Row[] {
  return rows.sort((a, b) => a.n - b.n);
}
