import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { JobDetail, JobId, Me, Page, PauseView } from '@dibs/shared';
import { withClient } from '../support/access-fixtures.js';
import { FakeRunner, createRunner, eventually, submitJob } from '../support/fake-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let organizationId: string;
const open: FakeRunner[] = [];

beforeAll(async () => {
  server = await startTestServer();
  organizationId = (await server.request<Me>('GET', '/api/v1/session')).body.organization.id;
});
afterEach(async () => {
  open.splice(0).forEach((fake) => fake.close());
  const { body } = await server.request<Page<PauseView>>('GET', '/api/v1/pauses');
  for (const { id } of body.items) await resume(id);
});
afterAll(() => server.stop());

/** As another server would, which tells this one nothing. */
const sql = (text: string, ...values: unknown[]): Promise<unknown> =>
  withClient(server.databaseUrl, (client) => client.query(text, values));
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const pause = async (type: string, id: string): Promise<PauseView> =>
  (await server.request<PauseView>('POST', '/api/v1/pauses', { target: { type, id }, note: 'rack 7 moves' })).body;
const resume = (id: string) => server.request('DELETE', `/api/v1/pauses/${id}`);

let sequence = 0;
async function pool(standing: boolean) {
  const name = `paused-${++sequence}`;
  const runner = await createRunner(server, { name });
  const fake = await FakeRunner.online(server, runner, { hello: { slots: 4, standing } });
  open.push(fake);
  return { name, runner, fake };
}

const heard = (fake: FakeRunner, id: JobId): boolean => JSON.stringify(fake.received).includes(id);

/** Two sweeps and more have gone by, shown by another pool that was served meanwhile: nothing started because nothing may. */
async function aWhile(): Promise<void> {
  await withClient(server.databaseUrl, (client) => client.query('SELECT pg_sleep(0.8)'));
}

const TARGETS = [
  ['runner', (_: string, runnerId: string) => runnerId],
  ['lane', (lane: string) => lane],
  ['organization', () => organizationId],
] as const;

describe.each([
  ['standing claims', true],
  ['offers', false],
] as const)('a pause holds %s', (_, standing) => {
  test.each(TARGETS)('of a %s, and lets them go when it is lifted', async (type, targetOf) => {
    const { name, runner, fake } = await pool(standing);
    // the first job tells the lane of all of them
    const { lane } = await detail(await submitJob(server, { runner: name, name: 'before' }));
    const { id: pauseId } = await pause(type, targetOf(lane, runner.runnerId));
    const id = await submitJob(server, { runner: name, name: 'held' });
    await aWhile();
    expect(heard(fake, id)).toBe(false);
    expect(await detail(id)).toMatchObject({ state: 'queued', attempt: 0 });
    expect((await resume(pauseId)).status).toBe(204);
    await eventually(
      () => Promise.resolve(heard(fake, id)),
      (yes) => yes,
    );
  });
});

describe('a claim of a job that is held', () => {
  test.each(TARGETS)('by a pause of its %s is refused with the note', async (type, targetOf) => {
    const { name, runner, fake } = await pool(false);
    const id = await submitJob(server, { runner: name });
    const { lane } = await detail(id);
    await pause(type, targetOf(lane, runner.runnerId));
    const answer = await fake.claim(id);
    expect(answer).toMatchObject({
      ok: false,
      retryable: false,
      code: 'E_PAUSED',
      message: expect.stringContaining('rack 7 moves'),
    });
    expect(await detail(id)).toMatchObject({ state: 'queued', attempt: 0 });
  });
});

describe('what runs already', () => {
  test('goes on and ends while its runner is paused', async () => {
    const { name, runner, fake } = await pool(false);
    const job = await fake.take(await submitJob(server, { runner: name }));
    await pause('runner', runner.runnerId);
    await fake.complete(job);
    expect(await detail(job.jobId)).toMatchObject({ state: 'succeeded' });
  });
});

describe('maintenance', () => {
  test('holds every job, accepts new ones, and ends', async () => {
    const { name, fake } = await pool(true);
    expect((await server.request('POST', '/api/v1/maintenance', { note: 'new disks' })).status).toBe(201);
    const id = await submitJob(server, { runner: name });
    await aWhile();
    expect(heard(fake, id)).toBe(false);
    expect((await server.request('DELETE', '/api/v1/maintenance')).status).toBe(200);
    await eventually(
      () => Promise.resolve(heard(fake, id)),
      (yes) => yes,
    );
  });
});

describe('a pause made on another server', () => {
  test('holds here within a sweep, and is lifted within one', async () => {
    const { name, runner, fake } = await pool(true);
    await sql(
      `INSERT INTO pauses (id, organization_id, target_kind, target_id, runner_id, note, who)
       VALUES ($1, $2, 'runner', $3::text, $3::uuid, 'elsewhere', 'somebody')`,
      randomUUID(),
      organizationId,
      runner.runnerId,
    );
    await aWhile();
    const id = await submitJob(server, { runner: name });
    await aWhile();
    expect(heard(fake, id)).toBe(false);
    await sql(`UPDATE pauses SET ended_at = clock_timestamp() WHERE note = 'elsewhere'`);
    await eventually(
      () => Promise.resolve(heard(fake, id)),
      (yes) => yes,
    );
  });
});

describe('a drain', () => {
  test('of all instances with a deadline is told with the renewal, survives a reconnect, and is taken back', async () => {
    const { name, runner, fake } = await pool(false);
    const path = `/api/v1/runners/${runner.runnerId}/drain`;
    expect((await server.request('POST', path, { deadlineSeconds: -1 })).status).toBe(400);
    const asked = await server.request('POST', path, { deadlineSeconds: 60 });
    expect(asked).toMatchObject({ status: 202, body: { items: [{ name: fake.instance, drainRequested: true }] } });
    await fake.until('runner:drain');
    const told = await fake.renew();
    expect(told).toMatchObject({ ok: true, drain: true });
    expect(told.ok && told.drainDeadlineMs).toBeGreaterThan(30_000);
    expect(told.ok && told.drainDeadlineMs).toBeLessThanOrEqual(60_000);
    fake.close();
    const { instance, bootId } = fake;
    const again = await FakeRunner.online(server, runner, { instance, bootId });
    open.push(again);
    expect(await again.renew()).toMatchObject({ drain: true, drainDeadlineMs: expect.any(Number) });
    const id = await submitJob(server, { runner: name });
    expect(await again.claim(id)).toMatchObject({ ok: false, code: 'E_DRAINING' });
    expect((await server.request('DELETE', path)).status).toBe(200);
    expect(await again.renew()).toMatchObject({ drain: false, drainDeadlineMs: null });
    await again.take(id);
  });

  test('asked for by another server is told with the next renewal', async () => {
    const { fake } = await pool(false);
    await sql('UPDATE runner_instances SET drain_requested = true WHERE name = $1', fake.instance);
    expect(await fake.renew()).toMatchObject({ drain: true, drainDeadlineMs: null });
  });
});
