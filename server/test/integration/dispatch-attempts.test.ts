import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GrantedJob, JobDetail, JobFinished, Reply } from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { enforceTransitions } from '../support/enforce-transitions.js';
import {
  FakeRunner,
  createRunner,
  eventually,
  heldOf,
  stepSucceeded,
  submitJob,
  succeeded,
  type RunnerCredentials,
} from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let runner: RunnerCredentials;
const { online } = fakeRunners();
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

/** A runner with a job of its own, nothing reported yet. */
async function holding(body: object = {}): Promise<{ fake: FakeRunner; job: GrantedJob }> {
  const fake = await online(server, runner);
  const job = await fake.take(await submitJob(server, body));
  return { fake, job };
}

const started = (job: GrantedJob, step = 0) => ({ ...heldOf(job), step, atMs: Date.now() });
const failed = (job: GrantedJob): JobFinished => ({
  ...succeeded(job),
  outcome: 'failed',
  reason: 'step_failed',
  exitCode: 3,
});
const lost = (job: GrantedJob): JobFinished => ({
  ...succeeded(job),
  outcome: 'lost',
  reason: 'runner_restarted',
  exitCode: null,
});

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  await enforceTransitions(server.databaseUrl);
  runner = await createRunner(server);
});
afterAll(() => server.stop());

describe('the fence', () => {
  const writes: [string, (job: GrantedJob) => object][] = [
    ['step:started', (job) => started(job)],
    ['step:finished', (job) => stepSucceeded(job, 0)],
    ['job:log', (job) => ({ ...heldOf(job), firstSeq: 1, lines: [[1, 0, 'o', 'late']] })],
    ['job:finished', (job) => failed(job)],
    ['job:finished', (job) => lost(job)],
  ];

  /** Results travel in batches, everything else alone. */
  const write = (fake: FakeRunner, event: string, message: object): Promise<Reply> =>
    event === 'job:finished' ? fake.finish(message as JobFinished) : fake.request(event, message);

  test.each(writes)('refuses %s with another token, attempt or instance', async (event, message) => {
    const { fake, job } = await holding();
    const thief = await online(server, runner);
    await fake.request('step:started', started(job));
    const fenced = { ok: false, code: 'E_FENCED', retryable: false };
    expect(await write(fake, event, message({ ...job, claimToken: 'x'.repeat(32) }))).toMatchObject(fenced);
    expect(await write(fake, event, message({ ...job, attempt: 2 }))).toMatchObject(fenced);
    expect(await write(thief, event, message(job))).toMatchObject(fenced);
    expect(await detail(job.jobId)).toMatchObject({ state: 'running', attempts: [{ lastSeq: 0, outcome: null }] });
    expect(await fake.complete(job)).toEqual({ ok: true });
  });

  test.each(writes)(
    'refuses %s of an attempt that was given away, and tells it at the next renewal',
    async (event, message) => {
      const { fake, job } = await holding();
      await fake.request('step:started', started(job));
      expect(await fake.finish(lost(job))).toEqual({ ok: true });
      const next = await online(server, runner);
      await next.offerOf(job.jobId);
      const second = await next.take(job.jobId);
      expect(second.attempt).toBe(2);
      expect(second.claimToken).not.toBe(job.claimToken);
      // the very result that gave it away is the same result again, and harmless
      const isSameResult = (message(job) as Partial<JobFinished>).outcome === 'lost';
      const expected = isSameResult ? { ok: true } : { ok: false, code: 'E_FENCED' };
      expect(await write(fake, event, message(job))).toMatchObject(expected);
      expect(await fake.renew({ held: [heldOf(job)] })).toMatchObject({
        ok: true,
        fenced: [{ jobId: job.jobId, attempt: 1 }],
      });
      await next.complete(second);
      expect(await detail(job.jobId)).toMatchObject({
        state: 'succeeded',
        attempts: [{ outcome: 'lost', lastSeq: 0 }, { outcome: 'succeeded' }],
      });
    },
  );
});

describe('steps', () => {
  test('make the job running, and repeating them is harmless', async () => {
    const { fake, job } = await holding();
    expect(await detail(job.jobId)).toMatchObject({ state: 'claimed', startedAt: null });
    for (let times = 0; times < 2; times += 1) {
      expect(await fake.request('step:started', started(job))).toEqual({ ok: true });
    }
    expect(await detail(job.jobId)).toMatchObject({ state: 'running', startedAt: expect.any(String) });
    for (let times = 0; times < 2; times += 1) {
      expect(await fake.request('step:finished', stepSucceeded(job, 0))).toEqual({ ok: true });
    }
    const other = { ...stepSucceeded(job, 0), state: 'failed', exitCode: 1 };
    expect(await fake.request('step:finished', other)).toMatchObject({ ok: false, code: 'E_TERMINAL' });
    await fake.finish(succeeded(job));
    const { timeline } = await detail(job.jobId);
    expect(timeline.map(({ type }) => type)).toEqual([
      'submitted',
      'queued',
      'claimed',
      'started',
      'step_started',
      'step_finished',
      'finished',
    ]);
  });

  test('that the job does not have, or that never started, are refused', async () => {
    const { fake, job } = await holding();
    expect(await fake.request('step:started', started(job, 1))).toMatchObject({ code: 'E_VALIDATION' });
    expect(await fake.request('step:finished', stepSucceeded(job, 0))).toMatchObject({ code: 'E_CONFLICT' });
    const skipped = { ...stepSucceeded(job, 1), state: 'skipped', exitCode: null };
    expect(await fake.request('step:finished', skipped)).toMatchObject({ code: 'E_VALIDATION' });
    await fake.complete(job);
  });

  test('may be skipped without a start', async () => {
    const { fake, job } = await holding({ steps: [{ run: 'false' }, { run: 'true' }] });
    await fake.request('step:started', started(job));
    await fake.request('step:finished', { ...stepSucceeded(job, 0), state: 'failed', exitCode: 3 });
    const skipped = { ...stepSucceeded(job, 1), state: 'skipped', exitCode: null };
    expect(await fake.request('step:finished', skipped)).toEqual({ ok: true });
    await fake.finish(failed(job));
    expect(await detail(job.jobId)).toMatchObject({
      state: 'failed',
      reason: 'step_failed',
      exitCode: 3,
      steps: [{ state: 'failed' }, { state: 'skipped' }],
    });
  });
});

describe('results', () => {
  test('are final: the same again is fine, another one is refused', async () => {
    const { fake, job } = await holding();
    await fake.request('step:started', started(job));
    const [one, two] = await Promise.all([fake.finish(failed(job)), fake.finish(failed(job))]);
    expect([one, two, await fake.finish(failed(job))]).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    const others = [
      { ...failed(job), exitCode: 4 },
      { ...failed(job), reason: 'spawn_failed' },
      succeeded(job),
      lost(job),
    ];
    for (const other of others) {
      expect(await fake.finish(other as JobFinished)).toMatchObject({ code: 'E_TERMINAL', retryable: false });
    }
    const after = await detail(job.jobId);
    expect(after).toMatchObject({ state: 'failed', exitCode: 3, steps: [{ state: 'failed' }] });
    expect(after.timeline.filter(({ type }) => type === 'finished')).toHaveLength(1);
  });

  test('wait for the log: E_GAP says how far it is', async () => {
    const { fake, job } = await holding();
    await fake.request('step:started', started(job));
    await fake.request('step:finished', stepSucceeded(job, 0));
    const result = { ...succeeded(job), lastSeq: 2 };
    expect(await fake.finish(result)).toMatchObject({ ok: false, code: 'E_GAP', retryable: true, ackedSeq: 0 });
    const batch = {
      ...heldOf(job),
      firstSeq: 1,
      lines: [
        [1, 0, 'o', 'one'],
        [2, 0, 'o', 'two'],
      ],
    };
    // in one burst: the result must wait for the batch before it
    const [, finished] = await Promise.all([fake.request('job:log', batch), fake.finish(result)]);
    expect(finished).toEqual({ ok: true });
    expect(await detail(job.jobId)).toMatchObject({
      state: 'succeeded',
      attempts: [{ lastSeq: 2, logComplete: true }],
    });
  });

  test('is told to the rest of the server with whether there is a log at all', async () => {
    const ended = new Map<string, boolean | undefined>();
    const forget = server.app.get(EventBus).on('job.ended', ({ jobId, hasNoLog }) => ended.set(jobId, hasNoLog));
    const silent = await holding();
    await silent.fake.complete(silent.job);
    const printing = await holding();
    const line = { ...heldOf(printing.job), firstSeq: 1, lines: [[Date.now(), 0, 'o', 'a line']] };
    await printing.fake.request('job:log', line);
    await printing.fake.finish({ ...failed(printing.job), lastSeq: 1 });
    forget();
    expect([ended.get(silent.job.jobId), ended.get(printing.job.jobId)]).toEqual([true, false]);
  });

  test('sent in one burst with the last step are taken in order', async () => {
    const { fake, job } = await holding();
    await fake.request('step:started', started(job));
    const [ended, finished] = await Promise.all([
      fake.request('step:finished', stepSucceeded(job, 0)),
      fake.finish(succeeded(job)),
    ]);
    expect([ended, finished]).toEqual([{ ok: true }, { ok: true }]);
  });

  test('never call a job succeeded without exit code 0 and every step', async () => {
    const { fake, job } = await holding({ steps: [{ run: 'true' }, { run: 'true' }] });
    await fake.request('step:started', started(job));
    await fake.request('step:finished', stepSucceeded(job, 0));
    expect(await fake.finish(succeeded(job))).toMatchObject({ ok: false, code: 'E_CONFLICT' });
    await fake.request('step:started', started(job, 1));
    expect(await fake.finish(succeeded(job))).toMatchObject({ ok: false, code: 'E_CONFLICT' });
    await fake.request('step:finished', stepSucceeded(job, 1));
    for (const exitCode of [null, 1]) {
      expect(await fake.finish({ ...succeeded(job), exitCode })).toMatchObject({ code: 'E_CONFLICT' });
    }
    expect(await detail(job.jobId)).toMatchObject({ state: 'running' });
    expect(await fake.finish(succeeded(job))).toEqual({ ok: true });
  });

  test('of one message are answered each by itself, also two of the same job', async () => {
    const fake = await online(server, runner, { hello: { slots: 3 } });
    const jobs: GrantedJob[] = [];
    for (let count = 0; count < 3; count += 1) jobs.push(await fake.take(await submitJob(server, { onLost: 'fail' })));
    const [first, second, third] = jobs as [GrantedJob, GrantedJob, GrantedJob];
    const replies = await fake.finishAll([
      { ...failed(second), reason: 'completed' },
      failed(first),
      { ...failed(second), claimToken: 'another' },
      { ...failed(first), exitCode: 4 },
      lost(third),
      failed(second),
    ]);
    const codes = replies.map((reply) => (reply.ok ? 'ok' : reply.code));
    expect(codes).toEqual(['E_VALIDATION', 'ok', 'E_FENCED', 'E_TERMINAL', 'ok', 'ok']);
    expect(await detail(first.jobId)).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(await detail(second.jobId)).toMatchObject({ state: 'failed', exitCode: 3 });
  });

  test('whose reason contradicts the outcome are refused', async () => {
    const { fake, job } = await holding();
    for (const reason of ['completed', 'lease_expired', 'canceled'] as const) {
      expect(await fake.finish({ ...failed(job), reason })).toMatchObject({ ok: false, code: 'E_VALIDATION' });
    }
    await fake.complete(job);
  });

  test('of a lost attempt follow onLost, maxAttempts and an open cancel', async () => {
    const once = await holding({ onLost: 'fail' });
    expect(await once.fake.finish(lost(once.job))).toEqual({ ok: true });
    expect(await detail(once.job.jobId)).toMatchObject({ state: 'lost', reason: 'runner_restarted' });

    const twice = await holding({ maxAttempts: 2 });
    await twice.fake.finish(lost(twice.job));
    expect(await detail(twice.job.jobId)).toMatchObject({
      state: 'queued',
      reason: 'runner_restarted',
      startedAt: null,
    });
    await twice.fake.finish(lost(await twice.fake.take(twice.job.jobId)));
    expect(await detail(twice.job.jobId)).toMatchObject({ state: 'lost', attempt: 2 });

    const canceled = await holding();
    await server.request('POST', `/api/v1/jobs/${canceled.job.jobId}/cancel`);
    await canceled.fake.finish(lost(canceled.job));
    expect(await detail(canceled.job.jobId)).toMatchObject({ state: 'canceled', reason: 'canceled' });
  });
});

describe('cancels', () => {
  test('reach the runner at once and come again with every renewal', async () => {
    const { fake, job } = await holding();
    await server.request('POST', `/api/v1/jobs/${job.jobId}/cancel`, { mode: 'kill' });
    const order = { jobId: job.jobId, attempt: 1, mode: 'kill' };
    expect((await fake.until('job:cancel')).message).toEqual(order);
    expect(await fake.renew()).toMatchObject({ ok: true, cancels: [order], fenced: [] });
    await fake.finish({ ...failed(job), outcome: 'canceled', reason: 'canceled', exitCode: null });
    expect(await detail(job.jobId)).toMatchObject({ state: 'canceled' });
  });
});

describe('with every event lost', () => {
  test('queued jobs are still offered, and so are jobs that were given back', async () => {
    const muted = await startTestServer();
    const bus = muted.app.get(EventBus);
    bus.publish = () => undefined;
    try {
      const credentials = await createRunner(muted);
      const fake = await FakeRunner.online(muted, credentials);
      const jobId = await submitJob(muted);
      await fake.offerOf(jobId);
      const job = await fake.take(jobId);
      await fake.finish(lost(job));
      fake.received.length = 0;
      await fake.offerOf(jobId);
      expect(await fake.complete(await fake.take(jobId))).toEqual({ ok: true });
      fake.close();
    } finally {
      await muted.stop();
    }
  });
});

describe('leases', () => {
  let brief: TestServer;
  let pool: RunnerCredentials;
  const look = async (id: string): Promise<JobDetail> =>
    (await brief.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
  const until = (id: string, state: JobDetail['state']): Promise<JobDetail> =>
    eventually(
      () => look(id),
      (job) => job.state === state,
    );

  // a lease of 3 s
  beforeAll(async () => {
    brief = await startTestServer();
    await enforceTransitions(brief.databaseUrl);
    pool = await createRunner(brief);
  });
  afterAll(() => brief.stop());

  test('that run out give the job to the next runner, end it, or cancel it', async () => {
    const silent = await FakeRunner.online(brief, pool, { renews: false, hello: { slots: 3 } });
    const [again, never, canceled] = [
      await submitJob(brief),
      await submitJob(brief, { onLost: 'fail' }),
      await submitJob(brief),
    ];
    const jobs = [await silent.take(again), await silent.take(never), await silent.take(canceled)];
    await silent.request('step:started', started(jobs[0]!));
    await brief.request('POST', `/api/v1/jobs/${canceled}/cancel`);
    silent.close();
    const next = await FakeRunner.online(brief, pool);
    expect(await until(never, 'lost')).toMatchObject({ reason: 'lease_expired', attempts: [{ outcome: 'lost' }] });
    expect(await until(canceled, 'canceled')).toMatchObject({
      attempts: [{ outcome: 'lost', reason: 'lease_expired' }],
    });
    await next.offerOf(again);
    const job = await next.take(again);
    expect(job.attempt).toBe(2);
    await next.complete(job);
    const done = await look(again);
    expect(done).toMatchObject({ state: 'succeeded', attempts: [{ outcome: 'lost' }, { outcome: 'succeeded' }] });
    expect(done.timeline.map(({ type }) => type)).toContain('requeued');
    next.close();
  });

  test('that are renewed outlive their first term', async () => {
    const fake = await FakeRunner.online(brief, pool);
    const job = await fake.take(await submitJob(brief));
    const other = await submitJob(brief, { onLost: 'fail' });
    const doomed = await FakeRunner.online(brief, pool, { renews: false });
    await doomed.take(other);
    doomed.close();
    // a lease taken later has run out, so the renewed one would have, too
    await until(other, 'lost');
    expect(await fake.complete(job)).toEqual({ ok: true });
    expect(await look(job.jobId)).toMatchObject({ state: 'succeeded', attempt: 1 });
    fake.close();
  });

  test('a job that nobody takes expires', async () => {
    const jobId = await submitJob(brief, { queueTimeoutSeconds: 1, requires: { tools: ['nobody-has-this'] } });
    expect(await until(jobId, 'expired')).toMatchObject({ reason: 'queue_timeout', attempt: 0 });
  });
});
