import { setTimeout as delay } from 'node:timers/promises';
import type { JobSummary, SubmitJobBody } from '@dibs/shared';
import type { HttpApi } from './http-api.js';
import type { TestBed } from './test-bed.js';

/** The built-in executor that spawns nothing. */
export const NOOP_JOB: SubmitJobBody = { steps: [{ run: 'true' }], executor: { type: 'noop' } };

const PER_REQUEST = 1000;
const REQUESTS_AT_A_TIME = 4;

/** Through the bulk route, as somebody would who has thousands. @returns their ids */
export async function submitNoopJobs(api: HttpApi, count: number, body: SubmitJobBody = NOOP_JOB): Promise<string[]> {
  const ids: string[] = [];
  let left = count;
  const submitRest = async (): Promise<void> => {
    while (left > 0) {
      const jobs = Array<SubmitJobBody>(Math.min(left, PER_REQUEST)).fill(body);
      left -= jobs.length;
      const { items } = await api.call<{ items: JobSummary[] }>('POST', '/api/v1/jobs/bulk', { jobs });
      ids.push(...items.map(({ id }) => id));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_A_TIME }, submitRest));
  return ids;
}

const FIRST = '00000000-0000-0000-0000-000000000000';
/** The times are those of the rows, so looking seldom costs the figures nothing. Four looks a second at all jobs took a twentieth of the processors. */
const LOOK_EVERY_MS = 1_000;

export interface Drained {
  /** From the first claim to the last result, by the clock of the database. */
  readonly seconds: number;
  readonly claimsByInstance: Readonly<Record<string, number>>;
}

/**
 * Waits until all jobs of the database have ended and checks that each was claimed once and succeeded.
 * @param after looks only at the jobs behind this one
 * @throws when one did not
 */
export async function untilDrained({ database }: TestBed, jobs: number, after = FIRST): Promise<Drained> {
  const open = `SELECT EXISTS (SELECT FROM jobs WHERE state IN ('waiting', 'queued', 'claimed', 'running')) AS some`;
  while ((await database.query<{ some: boolean }>(open)).rows[0]!.some) await delay(LOOK_EVERY_MS);
  const { rows } = await database.query<{
    instance: string;
    claims: number;
    first: number;
    last: number;
    right: number;
  }>(
    `
    SELECT a.instance_name AS instance, count(*)::integer AS claims,
      extract(epoch FROM min(a.claimed_at))::float8 AS first, extract(epoch FROM max(j.finished_at))::float8 AS last,
      count(*) FILTER (WHERE j.state = 'succeeded' AND a.outcome = 'succeeded' AND a.attempt = 1)::integer AS right
    FROM jobs j JOIN job_attempts a ON a.job_id = j.id
    WHERE j.id > $1
    GROUP BY 1 ORDER BY 1`,
    [after],
  );
  const right = rows.reduce((sum, row) => sum + row.right, 0);
  const claims = rows.reduce((sum, row) => sum + row.claims, 0);
  if (right !== jobs || claims !== jobs) throw new Error(`${jobs} jobs: ${claims} claims, ${right} succeeded at once`);
  const seconds = Math.max(...rows.map(({ last }) => last)) - Math.min(...rows.map(({ first }) => first));
  return { seconds, claimsByInstance: Object.fromEntries(rows.map((row) => [row.instance, row.claims])) };
}
