import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  JobDetail,
  JobEventView,
  JobExplanation,
  JobId,
  JobState,
  JobSummary,
  Offer,
  OrganizationId,
  Page,
} from '@dibs/shared';
import { AdmissionService } from '../../src/admission/admission.service.js';
import { FanOutService } from '../../src/fan-out/fan-out.service.js';
import { createOrganization, insertInstance, withClient } from '../support/access-fixtures.js';
import { enforceTransitions } from '../support/enforce-transitions.js';
import { FakeRunner, createRunner, eventually, heldOf, submitJob } from '../support/fake-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
const open: FakeRunner[] = [];

beforeAll(async () => {
  // an instance that is not heard of for 6 s is offline: longer than a busy machine holds its renewals up
  server = await startTestServer({ TIME_SCALE: '0.2' });
  await enforceTransitions(server.databaseUrl);
});
afterEach(() => open.splice(0).forEach((fake) => fake.close()));
afterAll(() => server.stop());

const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const childrenOf = async (id: string): Promise<readonly JobSummary[]> =>
  (await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?parent=${id}&limit=200`)).body.items;
const untilEnded = (id: string): Promise<JobDetail> =>
  eventually(
    () => detail(id),
    ({ finishedAt }) => finishedAt !== null,
  );
const inStates = (children: readonly JobSummary[], ...states: JobState[]): JobSummary[] =>
  children.filter(({ state }) => states.includes(state));

const organizationOf = (id: JobId): Promise<OrganizationId> =>
  withClient(server.databaseUrl, async (client) => {
    const { rows } = await client.query<{ id: OrganizationId }>(
      'SELECT organization_id AS id FROM jobs WHERE id = $1',
      [id],
    );
    return rows[0]!.id;
  });

/** A pool of its own, so that the tests do not meet; instances are named 0, 1, 2 …, each a fake of one slot. */
async function pool(online: number, offline = 0) {
  const name = `pool-${++sequence}`;
  const runner = await createRunner(server, { name });
  const fakes = await Promise.all(
    Array.from({ length: online }, (_, n) => FakeRunner.online(server, runner, { instance: `i-${n}` })),
  );
  open.push(...fakes);
  for (let n = 0; n < offline; n += 1) {
    await insertInstance(server.databaseUrl, runner.runnerId, `off-${n}`, { connected: false, lastSeenSecondsAgo: 60 });
  }
  return { name, runner, fakes };
}
let sequence = 0;

/** Takes every offer and ends the job as `verdict` says; `failed` of the first step. */
function serve(fake: FakeRunner, verdict: 'succeeded' | 'failed'): void {
  const seen = new Set<JobId>();
  fake.socket.on('job:offer', ({ offers }: { offers: readonly Offer[] }) => {
    for (const { jobId } of offers.filter((offer) => !seen.has(offer.jobId))) {
      seen.add(jobId);
      void work(fake, jobId, verdict);
    }
  });
}

async function work(fake: FakeRunner, jobId: JobId, verdict: 'succeeded' | 'failed'): Promise<void> {
  const job = await fake.take(jobId);
  if (verdict === 'succeeded') return void (await fake.complete(job));
  await fake.request('step:started', { ...heldOf(job), step: 0, atMs: Date.now() });
  const ended = { ...heldOf(job), atMs: Date.now(), exitCode: 3 };
  await fake.request('step:finished', { ...ended, step: 0, state: 'failed', signal: null });
  await fake.finish({ ...ended, outcome: 'failed', reason: 'step_failed', lastSeq: 0 });
}

describe('a fan-out', () => {
  test('makes one child for each matching instance, pinned to it, and succeeds with them', async () => {
    const { name, fakes } = await pool(3);
    for (const fake of fakes) serve(fake, 'succeeded');
    const id = await submitJob(server, { runner: name, fanOut: true, name: 'patch', secrets: { KEY: 'abcdef' } });
    const parent = await untilEnded(id);
    expect(parent).toMatchObject({
      state: 'succeeded',
      reason: 'completed',
      attempt: 0,
      children: { total: 3, byState: { succeeded: 3 }, batchSize: null, skipped: [] },
    });
    const children = await childrenOf(id);
    expect(children.map(({ claimedBy }) => claimedBy?.instance).sort()).toEqual(['i-0', 'i-1', 'i-2']);
    for (const child of children) {
      expect(child).toMatchObject({ parentId: id, name: 'patch', state: 'succeeded' });
      expect(child.forInstance).toEqual({ runner: name, instance: child.claimedBy?.instance });
      const { spec, secretNames } = await detail(child.id);
      expect(spec).toMatchObject({ runner: name, instance: child.claimedBy?.instance, fanOut: null });
      expect(secretNames).toEqual(['KEY']);
    }
  });

  test('gives every child secrets of its own that open', async () => {
    const { name, fakes } = await pool(1);
    const id = await submitJob(server, { runner: name, fanOut: true, secrets: { KEY: 'abcdef' } });
    const [child] = await eventually(
      () => childrenOf(id),
      (children) => children.length === 1,
    );
    expect((await fakes[0]!.take(child!.id)).secrets).toEqual({ KEY: 'abcdef' });
  });

  test('rolls over 5 instances in batches of 2, leaves one offline out, and fails with the one that failed', async () => {
    const { name, fakes } = await pool(5, 1);
    const id = await submitJob(server, { runner: name, fanOut: { batchSize: 2 } });
    const first = await eventually(
      () => childrenOf(id),
      (children) => inStates(children, 'queued').length === 2,
    );
    expect(first).toHaveLength(5);
    // their turn is no business of admission
    await server.app.get(AdmissionService, { strict: false }).sweep();
    expect(inStates(await childrenOf(id), 'waiting')).toHaveLength(3);
    // what waits can be explained: the parent, and a child that waits for its turn
    for (const waiting of [id, inStates(first, 'waiting')[0]!.id]) {
      expect((await server.request('GET', `/api/v1/jobs/${waiting}/explain`)).status).toBe(200);
    }
    expect(inStates(first, 'waiting').map(({ reason }) => reason)).toEqual(Array(3).fill('fan_out_turn'));
    expect(first.map(({ forInstance }) => forInstance?.instance).sort()).toEqual(['i-0', 'i-1', 'i-2', 'i-3', 'i-4']);
    expect(new Set(first.map(({ forInstance }) => forInstance?.runner))).toEqual(new Set([name]));
    expect((await detail(id)).forInstance).toBeNull();
    let most = 0;
    const watch = setInterval(
      () =>
        void childrenOf(id).then((children) => {
          most = Math.max(most, inStates(children, 'queued', 'claimed', 'running').length);
        }),
      20,
    );
    // what was offered before the test listened is offered again
    fakes.forEach((fake, n) => serve(fake, n === 3 ? 'failed' : 'succeeded'));
    const parent = await untilEnded(id).finally(() => clearInterval(watch));
    expect(most).toBeLessThanOrEqual(2);
    expect(parent).toMatchObject({
      state: 'failed',
      reason: 'child_failed',
      children: { total: 5, byState: { succeeded: 4, failed: 1 }, batchSize: 2, skipped: [`${name}/off-0`] },
    });
    const told = parent.timeline.filter(({ type }: JobEventView) => type === 'fanned_out');
    expect(told.map(({ text }) => text)).toEqual([
      'Fanned out to 5 instances, at most 2 at a time; 1 offline instance left out.',
    ]);
  });

  test('waits for instances that are offline when it is told to', async () => {
    const { name, runner, fakes } = await pool(1, 1);
    serve(fakes[0]!, 'succeeded');
    const id = await submitJob(server, { runner: name, fanOut: { offline: 'wait' } });
    await eventually(
      () => detail(id),
      ({ children }) => children?.byState.succeeded === 1,
    );
    expect(await detail(id)).toMatchObject({ state: 'waiting', children: { total: 2, byState: { queued: 1 } } });
    const late = await FakeRunner.online(server, runner, { instance: 'off-0' });
    open.push(late);
    serve(late, 'succeeded');
    expect(await untilEnded(id)).toMatchObject({ state: 'succeeded' });
  });

  test('fails at once when nothing matches, and says so', async () => {
    const id = await submitJob(server, { runner: 'nobody-has-this-name', fanOut: true });
    expect(await untilEnded(id)).toMatchObject({
      state: 'failed',
      reason: 'no_matching_instance',
      reasonText: 'No known instance of any runner matched, so there was nothing to fan out to.',
      children: { total: 0, byState: {} },
    });
  });

  test('canceled in the middle ends the children that wait, asks the ones that run, and ends with them', async () => {
    const { name, fakes } = await pool(3);
    const id = await submitJob(server, { runner: name, fanOut: { batchSize: 1 } });
    const [running] = inStates(
      await eventually(
        () => childrenOf(id),
        (children) => inStates(children, 'queued').length === 1,
      ),
      'queued',
    );
    const holder = fakes.find((fake) => fake.instance === 'i-0')!;
    const job = await holder.take(running!.id);
    await holder.request('step:started', { ...heldOf(job), step: 0, atMs: Date.now() });
    const asked = await server.request<JobSummary>('POST', `/api/v1/jobs/${id}/cancel`, {});
    expect(asked).toMatchObject({ status: 202, body: { state: 'waiting', cancel: { mode: 'graceful' } } });
    await holder.until('job:cancel');
    expect(inStates(await childrenOf(id), 'canceled')).toHaveLength(2);
    expect(await detail(id)).toMatchObject({ state: 'waiting' });
    const ended = {
      ...heldOf(job),
      outcome: 'canceled',
      reason: 'canceled',
      exitCode: null,
      lastSeq: 0,
      atMs: 1,
    } as const;
    await holder.finish(ended);
    expect(await untilEnded(id)).toMatchObject({
      state: 'canceled',
      reason: 'canceled',
      children: { total: 3, byState: { canceled: 3 } },
    });
    const again = await server.request('POST', `/api/v1/jobs/${id}/cancel`, {});
    expect(again.status).toBe(409);
  });

  test('goes on when a child ended through another server that told nobody', async () => {
    const { name } = await pool(2);
    const id = await submitJob(server, { runner: name, fanOut: { batchSize: 1 } });
    for (let turn = 0; turn < 2; turn += 1) {
      const [child] = inStates(
        await eventually(
          () => childrenOf(id),
          (children) => inStates(children, 'queued').length === 1,
        ),
        'queued',
      );
      await withClient(server.databaseUrl, (client) =>
        client.query(
          `UPDATE jobs SET state = 'expired', reason = 'queue_timeout', finished_at = clock_timestamp() WHERE id = $1`,
          [child!.id],
        ),
      );
    }
    expect(await untilEnded(id)).toMatchObject({ state: 'failed', children: { byState: { expired: 2 } } });
  });

  test('is held by a pause of the lane that it shows, which none of its children is in', async () => {
    const { name, fakes } = await pool(2);
    for (const fake of fakes) serve(fake, 'succeeded');
    const body = { steps: [{ run: 'true' }], runner: name, fanOut: true };
    const { lane } = (await server.request<{ lane: string }>('POST', '/api/v1/jobs/explain', body)).body;
    const target = { type: 'lane', id: lane };
    const pause = await server.request<{ id: string }>('POST', '/api/v1/pauses', { target, note: 'bad image' });
    const id = await submitJob(server, body);
    const why = await eventually(
      async () => (await server.request<JobExplanation>('GET', `/api/v1/jobs/${id}/explain`)).body,
      ({ verdict }) => verdict === 'held_by_pause',
    );
    expect(why).toMatchObject({
      summary: expect.stringContaining('bad image'),
      fanOut: { total: 2, skipped: [] },
      pauses: [{ target: 'lane' }],
    });
    expect(why.runners.filter(({ runner }) => runner === name).map((each) => each.getsChild)).toEqual([true, true]);
    await server.app.get(FanOutService).drive({ organizationId: await organizationOf(id), jobId: id });
    expect(await detail(id)).toMatchObject({ state: 'waiting', children: null });
    await server.request('DELETE', `/api/v1/pauses/${pause.body.id}`);
    expect(await untilEnded(id)).toMatchObject({ state: 'succeeded', children: { byState: { succeeded: 2 } } });
  });

  test('can be canceled while a pause holds it, and lets no further batch go', async () => {
    const { name, fakes } = await pool(3);
    const concurrency = { key: `group of ${name}` };
    const id = await submitJob(server, { runner: name, fanOut: { batchSize: 1 }, concurrency });
    const [first] = inStates(
      await eventually(
        () => childrenOf(id),
        (children) => inStates(children, 'queued').length === 1,
      ),
      'queued',
    );
    const why = await server.request<JobExplanation>('GET', `/api/v1/jobs/${id}/explain`);
    expect(why.body).toMatchObject({
      verdict: 'fan_out',
      runners: [],
      concurrency: { active: { count: 1 }, heldBy: [] },
    });
    const target = { type: 'lane', id: (await detail(id)).lane };
    const pause = await server.request<{ id: string }>('POST', '/api/v1/pauses', { target, note: 'it failed twice' });
    for (const fake of fakes) serve(fake, 'succeeded');
    await eventually(
      () => detail(first!.id),
      ({ state }) => state === 'succeeded',
    );
    await server.app.get(FanOutService).drive({ organizationId: await organizationOf(id), jobId: id });
    expect((await detail(id)).children?.byState).toEqual({ succeeded: 1, waiting: 2 });
    await server.request('POST', `/api/v1/jobs/${id}/cancel`, {});
    expect(await untilEnded(id)).toMatchObject({ state: 'canceled', children: { byState: { canceled: 2 } } });
    await server.request('DELETE', `/api/v1/pauses/${pause.body.id}`);
  });

  test('does not take instances or children of another organization', async () => {
    const { name } = await pool(1);
    const other = await createOrganization(server.databaseUrl);
    const body = { steps: [{ run: 'true' }], runner: name, fanOut: true };
    const theirs = await server.request<JobSummary>('POST', '/api/v1/jobs', body, { token: other.token.operator });
    const ended = await eventually(
      async () =>
        (
          await server.request<JobDetail>('GET', `/api/v1/jobs/${theirs.body.id}`, undefined, {
            token: other.token.viewer,
          })
        ).body,
      ({ finishedAt }) => finishedAt !== null,
    );
    expect(ended).toMatchObject({ state: 'failed', reason: 'no_matching_instance' });
    const id = await submitJob(server, { runner: name, fanOut: true });
    await eventually(
      () => childrenOf(id),
      (children) => children.length === 1,
    );
    const seen = await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?parent=${id}`, undefined, {
      token: other.token.viewer,
    });
    expect(seen.body.items).toEqual([]);
  });
});
