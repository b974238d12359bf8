import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobDetail, JobId } from '@dibs/shared';
import { withClient } from '../support/access-fixtures.js';
import { enforceTransitions } from '../support/enforce-transitions.js';
import { FakeRunner, createRunner, eventually, submitJob, type RunnerCredentials } from '../support/fake-runner.js';
import { failWith, obligingRunner } from '../support/obliging-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;

const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const inState = (id: string, state: JobDetail['state']): Promise<JobDetail> =>
  eventually(
    () => detail(id),
    (job) => job.state === state,
  );
const name = async ({ runnerId }: RunnerCredentials): Promise<string> =>
  (await server.request<{ name: string }>('GET', `/api/v1/runners/${runnerId}`)).body.name;

/** As if nothing had renewed it for so long. */
const endLease = (id: string): Promise<unknown> =>
  withClient(server.databaseUrl, (client) =>
    client.query('UPDATE jobs SET lease_expires_at = clock_timestamp() WHERE id = $1', [id]),
  );
const isOffline = (id: string): Promise<boolean> =>
  withClient(server.databaseUrl, async (client) => {
    const { rows } = await client.query<{ session: string | null }>(
      `SELECT i.session_id AS session FROM jobs j JOIN runner_instances i ON i.id = j.instance_id WHERE j.id = $1`,
      [id],
    );
    return rows[0]?.session === null;
  });

beforeAll(async () => {
  // a back-off of 3 s is one of 0.6, and a lease (12 s) outlives what a busy machine may take to renew it
  server = await startTestServer({ TIME_SCALE: '0.2' });
  await enforceTransitions(server.databaseUrl);
});
afterAll(() => server.stop());

describe('a job that fails by itself', () => {
  test('is tried again up to its limit, with a pause that doubles', async () => {
    const pool = await createRunner(server);
    const fake = await obligingRunner(server, pool, 1, (it, job) => failWith(it, job, 75));
    const retry = { maxAttempts: 3, onExitCodes: [75], backoffSeconds: 3 };
    const job = await inState(await submitJob(server, { retry, runner: await name(pool) }), 'failed');
    expect(job).toMatchObject({ reason: 'step_failed', exitCode: 75, attempt: 3 });
    expect(job.attempts.map(({ outcome, reason, exitCode }) => [outcome, reason, exitCode])).toEqual(
      Array(3).fill(['failed', 'step_failed', 75]),
    );
    expect(job.attempts.map(({ steps }) => steps.map(({ state, exitCode }) => [state, exitCode]))).toEqual(
      Array(3).fill([['failed', 75]]),
    );
    const pauses = job.attempts.slice(1).map(({ claimedAt }, index) => {
      return Date.parse(claimedAt) - Date.parse(job.attempts[index]!.finishedAt!);
    });
    expect(pauses[0]).toBeGreaterThanOrEqual(590);
    expect(pauses[1]).toBeGreaterThanOrEqual(1_190);
    expect(job.timeline.filter(({ type }) => type === 'retry_scheduled')).toHaveLength(2);
    fake.close();
  });

  test('succeeds with the attempt that does', async () => {
    const pool = await createRunner(server);
    const fake = await obligingRunner(server, pool, 1, (it, job) =>
      job.attempt === 1 ? failWith(it, job, 75) : it.complete(job),
    );
    const retry = { onExitCodes: [75], backoffSeconds: 0 };
    const job = await inState(await submitJob(server, { retry, runner: await name(pool) }), 'succeeded');
    expect(job).toMatchObject({ attempt: 2, exitCode: 0, reason: 'completed' });
    fake.close();
  });

  test('is not tried again for another exit code', async () => {
    const pool = await createRunner(server);
    const fake = await obligingRunner(server, pool, 1, (it, job) => failWith(it, job, 1));
    const retry = { maxAttempts: 5, onExitCodes: [75] };
    const job = await inState(await submitJob(server, { retry, runner: await name(pool) }), 'failed');
    expect(job).toMatchObject({ attempt: 1, exitCode: 1 });
    fake.close();
  });

  test('is canceled while it pauses, and never starts again', async () => {
    const pool = await createRunner(server);
    const fake = await obligingRunner(server, pool, 1, (it, job) => failWith(it, job, 75));
    const job = await submitJob(server, { retry: { maxAttempts: 9, backoffSeconds: 3600 }, runner: await name(pool) });
    expect(await inState(job, 'waiting')).toMatchObject({ reason: 'retry_backoff', attempt: 1, finishedAt: null });
    await server.request('POST', `/api/v1/jobs/${job}/cancel`);
    expect(await detail(job)).toMatchObject({ state: 'canceled', reason: 'canceled', attempt: 1 });
    fake.close();
  });

  test('is not tried again after somebody asked to cancel it', async () => {
    const pool = await createRunner(server);
    const fake = await FakeRunner.online(server, pool);
    const retry = { maxAttempts: 9, backoffSeconds: 0 };
    const id = await submitJob(server, { retry, runner: await name(pool) });
    await fake.offerOf(id);
    const job = await fake.take(id);
    await server.request('POST', `/api/v1/jobs/${id}/cancel`);
    expect(await failWith(fake, job, 75)).toEqual({ ok: true });
    expect(await detail(id)).toMatchObject({ state: 'failed', attempt: 1 });
    fake.close();
  });

  test('gives its place in the group to the next while it pauses, and comes before younger ones after that', async () => {
    const pool = await createRunner(server);
    const concurrency = { key: 'paused' };
    const runner = await name(pool);
    const fake = await FakeRunner.online(server, pool);
    const take = async (id: JobId) => {
      await fake.offerOf(id);
      return fake.take(id);
    };
    const first = await submitJob(server, { concurrency, runner, retry: { backoffSeconds: 10, onExitCodes: [75] } });
    const failed = await take(first);
    const [second, third] = [
      await submitJob(server, { concurrency, runner }),
      await submitJob(server, { concurrency, runner }),
    ];
    await failWith(fake, failed, 75);
    const held = await take(second);
    expect(await detail(third)).toMatchObject({ state: 'waiting', reason: 'concurrency_group' });
    // the pause is over, but the place is taken
    await eventually(
      () => detail(first),
      ({ reason }) => reason === 'concurrency_group',
    );
    fake.received.length = 0;
    await fake.complete(held);
    await fake.complete(await take(first));
    await fake.complete(await take(third));
    expect(await detail(first)).toMatchObject({ state: 'succeeded', attempt: 2 });
    fake.close();
  });

  test('has its losses and its own failures counted apart', async () => {
    const pool = await createRunner(server);
    const fake = await obligingRunner(server, pool, 1, async (it, job) => {
      const { jobId, attempt, claimToken } = job;
      if (job.attempt % 2 === 0) return failWith(it, job, 75);
      const lost = { outcome: 'lost', reason: 'runner_restarted', exitCode: null, lastSeq: 0, atMs: 1 } as const;
      return it.finish({ jobId, attempt, claimToken, ...lost });
    });
    // lost, failed, lost, failed: the second failure is the last that retry allows, the third loss would be the last, too
    const body = { maxAttempts: 3, retry: { maxAttempts: 2, backoffSeconds: 0 }, runner: await name(pool) };
    const job = await inState(await submitJob(server, body), 'failed');
    expect(job.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'failed', 'lost', 'failed']);
    fake.close();
  });
});

describe('a lost job', () => {
  test('that waits for its instance is taken by nobody else', async () => {
    const pool = await createRunner(server);
    const lossy = await FakeRunner.online(server, pool, { instance: 'lossy', renews: false });
    const id = await submitJob(server, { onLost: 'wait', runner: await name(pool) });
    await lossy.offerOf(id);
    await lossy.take(id);
    lossy.close();
    await eventually(() => isOffline(id), Boolean);
    await endLease(id);
    const other = await FakeRunner.online(server, pool, { instance: 'other' });
    const requeued = await inState(id, 'queued');
    expect(requeued).toMatchObject({ reason: 'lease_expired', attempts: [{ reason: 'lease_expired' }] });
    expect(requeued.timeline.find(({ type }) => type === 'requeued')?.text).toMatch(/connection had ended/);
    // offered to no other: a job that came later is, and by then this one would have been
    const later = await submitJob(server, { runner: await name(pool) });
    await other.offerOf(later);
    expect(JSON.stringify(other.received)).not.toContain(id);
    const back = await FakeRunner.online(server, pool, { instance: 'lossy' });
    await back.offerOf(id);
    const job = await back.take(id);
    expect(job.attempt).toBe(2);
    await back.complete(job);
    expect(await detail(id)).toMatchObject({ state: 'succeeded' });
    [other, back].forEach((fake) => fake.close());
  });

  test('says that its runner was revoked', async () => {
    const pool = await createRunner(server);
    const fake = await FakeRunner.online(server, pool);
    const id = await submitJob(server, { onLost: 'fail', runner: await name(pool) });
    await fake.offerOf(id);
    await fake.take(id);
    await server.request('PATCH', `/api/v1/runners/${pool.runnerId}`, { disabled: true });
    await fake.disconnected;
    await endLease(id);
    expect(await inState(id, 'lost')).toMatchObject({ reason: 'revoked', attempts: [{ outcome: 'lost' }] });
  });

  test('says that its runner was there but did not renew it', async () => {
    const pool = await createRunner(server);
    const fake = await FakeRunner.online(server, pool);
    const id = await submitJob(server, { onLost: 'fail', runner: await name(pool) });
    await fake.offerOf(id);
    await fake.take(id);
    fake.held.clear();
    await endLease(id);
    expect(await inState(id, 'lost')).toMatchObject({ reason: 'lease_not_renewed' });
    fake.close();
  });
});
