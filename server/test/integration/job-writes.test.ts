import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobDetail, JobId } from '@dibs/shared';
import { createRunner, heldOf, submitJob, succeeded } from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { connect } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let database: pg.Client;
const { online } = fakeRunners();
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const count = async (from: string, id: JobId): Promise<number> => {
  const { rows } = await database.query<{ n: number }>(`SELECT count(*) AS n FROM ${from} WHERE job_id = $1`, [id]);
  return rows[0]!.n;
};

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  database = await connect(server.databaseUrl);
});
afterAll(async () => {
  await database.end();
  await server.stop();
});

describe('a noop job', () => {
  test('succeeds without any step recorded, and tells its steps as succeeded', async () => {
    const fake = await online(server, await createRunner(server));
    const id = await submitJob(server, { executor: { type: 'noop' }, steps: [{ run: 'true' }, { run: 'false' }] });
    const job = await fake.take(id);
    expect(await detail(id)).toMatchObject({ state: 'running', startedAt: expect.any(String) });
    expect(await fake.finish(succeeded(job))).toEqual({ ok: true });
    expect(await detail(id)).toMatchObject({
      state: 'succeeded',
      steps: [{ state: 'succeeded' }, { state: 'succeeded' }],
    });
    expect(await count('job_steps', id)).toBe(0);
  });
});

describe('the normal life of a job', () => {
  test('writes no event, and is told in full', async () => {
    const fake = await online(server, await createRunner(server));
    const id = await submitJob(server);
    await fake.complete(await fake.take(id));
    expect(await count('job_events', id)).toBe(0);
    const told = (await detail(id)).timeline.map(({ type }) => type).filter((type) => !type.includes('runner'));
    expect(told).toEqual([
      ...['submitted', 'queued', 'claimed', 'started', 'step_started', 'step_finished', 'finished'],
    ]);
  });

  test('leaves nothing without its job, and nothing in another organization', async () => {
    for (const table of ['earlier_attempts', 'job_steps', 'log_chunks']) {
      const { rows } = await database.query(
        `SELECT c.job_id FROM ${table} c LEFT JOIN jobs j ON j.id = c.job_id AND j.organization_id = c.organization_id
         WHERE j.id IS NULL`,
      );
      expect(rows).toEqual([]);
    }
    const { rows } = await database.query(
      `SELECT id FROM jobs j FULL JOIN job_submissions s USING (organization_id, id)
       WHERE j.state IS NULL OR s.name IS NULL`,
    );
    expect(rows).toEqual([]);
    const { rows: attempts } = await database.query<{ n: number }>('SELECT count(*) AS n FROM job_attempts');
    expect(attempts[0]!.n).toBeGreaterThan(1);
  });
});

describe('a batch of results', () => {
  test('is answered one by one, in order', async () => {
    const fake = await online(server, await createRunner(server), { hello: { slots: 3 } });
    const ids = [await submitJob(server), await submitJob(server), await submitJob(server)];
    const jobs = [];
    for (const id of ids) jobs.push(await fake.take(id));
    for (const job of jobs) await fake.request('step:started', { ...heldOf(job), step: 0, atMs: 1 });
    const failed = jobs.map((job) => {
      return { ...succeeded(job), outcome: 'failed' as const, reason: 'step_failed' as const, exitCode: 3 };
    });
    const replies = await fake.finishAll([
      failed[0]!,
      { ...failed[1]!, claimToken: 'x'.repeat(32) },
      { ...failed[2]!, lastSeq: 7 },
      failed[1]!,
    ]);
    expect(replies).toMatchObject([{ ok: true }, { code: 'E_FENCED' }, { code: 'E_GAP', ackedSeq: 0 }, { ok: true }]);
    expect(await Promise.all(ids.map(async (id) => (await detail(id)).state))).toEqual(['failed', 'failed', 'running']);
  });
});
