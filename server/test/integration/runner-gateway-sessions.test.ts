import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobDetail, Refusal } from '@dibs/shared';
import { AccessTokenService } from '../../src/auth/access-token.service.js';
import { EventBus } from '../../src/events/event-bus.js';
import { createOrganization } from '../support/access-fixtures.js';
import {
  FakeRunner,
  createRunner,
  eventually,
  fetchRunnerToken,
  heldOf,
  stepSucceeded,
  submitJob,
  succeeded,
  type RunnerCredentials,
} from '../support/fake-runner.js';
import { fakeRunners, instanceNamed } from '../support/fake-runners.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let runner: RunnerCredentials;
const { online, connect } = fakeRunners();
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  runner = await createRunner(server);
});
afterAll(() => server.stop());

describe('sessions', () => {
  test('tell what the runner must know, and show the instance to operators', async () => {
    const fake = await online(server, runner, {
      hello: { slots: 3, tools: [{ name: 'git', version: '2.47' }], labels: { zone: 'eu' }, hostName: 'box' },
    });
    expect(fake.welcome).toMatchObject({
      runnerId: runner.runnerId,
      timing: { leaseMs: 60_000, renewEveryMs: 10_000, trustMs: 45_000 },
      limits: { maxEventBytes: 262_144 },
      attempts: [],
    });
    expect(await instanceNamed(server, runner, fake.instance)).toMatchObject({
      status: 'online',
      slots: 3,
      hostName: 'box',
      tools: [{ name: 'git', version: '2.47' }],
      labels: { zone: 'eu' },
    });
    fake.close();
    const gone = await eventually(
      () => instanceNamed(server, runner, fake.instance),
      ({ status }) => status === 'offline',
    );
    expect(gone.disconnectReason).toMatch(/disconnected|lost/);
  });

  test('a reconnect of the same process replaces its older socket and keeps the job', async () => {
    const first = await online(server, runner);
    const job = await first.take(await submitJob(server));
    await first.request('step:started', { ...heldOf(job), step: 0, atMs: 1 });
    await server.request('POST', `/api/v1/jobs/${job.jobId}/cancel`, { mode: 'after_step' });
    const { instance, bootId } = first;
    const stale = { jobId: job.jobId, attempt: 7, claimToken: 'x' };
    const second = await online(server, runner, { instance, bootId, hello: { held: [heldOf(job), stale] } });
    expect(second.welcome.attempts).toEqual([
      {
        jobId: job.jobId,
        attempt: 1,
        standing: 'current',
        ackedSeq: 0,
        cancel: { jobId: job.jobId, attempt: 1, mode: 'after_step' },
      },
      { jobId: job.jobId, attempt: 7, standing: 'fenced' },
    ]);
    await first.disconnected;
    await second.request('step:finished', stepSucceeded(job, 0));
    expect(await second.finish(succeeded(job))).toEqual({ ok: true });
    expect(await detail(job.jobId)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await instanceNamed(server, runner, instance)).toMatchObject({ status: 'online' });
  });

  test('a dropped socket does not end the job: it is told, and the lease goes on', async () => {
    const first = await online(server, runner);
    const job = await first.take(await submitJob(server));
    first.close();
    const events = async (): Promise<string[]> => (await detail(job.jobId)).timeline.map(({ type }) => type);
    await eventually(events, (types) => types.includes('runner_disconnected'));
    expect(await detail(job.jobId)).toMatchObject({ state: 'claimed', attempt: 1 });
    const { instance, bootId } = first;
    const second = await online(server, runner, { instance, bootId, hello: { held: [heldOf(job)] } });
    expect(await events()).toContain('runner_reconnected');
    await second.complete(job);
  });

  test('a second process of the same name is refused while the first answers', async () => {
    const first = await online(server, runner);
    const second = await connect(server, runner, { instance: first.instance });
    const reply = await second.hello();
    expect(reply).toMatchObject({ ok: false, code: 'E_DUPLICATE_INSTANCE', retryable: true });
    expect((reply as Refusal).retryAfterMs).toBeGreaterThan(0);
    expect(first.socket.connected).toBe(true);
    first.close();
    await eventually(
      () => second.hello(),
      (again) => again.ok,
    );
  });

  test('a new process of the same name takes nothing away from an older one that may only be cut off', async () => {
    const first = await online(server, runner);
    const job = await first.take(await submitJob(server, { onLost: 'fail' }));
    first.close();
    await eventually(
      () => instanceNamed(server, runner, first.instance),
      ({ status }) => status === 'offline',
    );
    const second = await online(server, runner, { instance: first.instance });
    // the older one works on for as long as it trusts its lease: until that has run out nobody else may start the job
    expect(await detail(job.jobId)).toMatchObject({ state: 'claimed', attempt: 1 });
    expect(await second.claim(job.jobId)).toMatchObject({ ok: false, code: 'E_ALREADY_CLAIMED' });
    // and it does not use a slot of the new one
    await second.complete(await second.take(await submitJob(server)));
    const end = { outcome: 'lost', reason: 'runner_fenced', exitCode: null } as const;
    expect(await second.finish({ ...succeeded(job), ...end })).toEqual({ ok: true });
  });

  test('a record that allows one instance has one online', async () => {
    const single = await createRunner(server, { allowMultipleInstances: false });
    const first = await online(server, single, { instance: 'one' });
    const second = await connect(server, single, { instance: 'two' });
    expect(await second.hello()).toMatchObject({ ok: false, code: 'E_DUPLICATE_INSTANCE', retryable: true });
    expect(await instanceNamed(server, single, 'two')).toBeUndefined();
    first.close();
    await eventually(
      () => second.hello(),
      (reply) => reply.ok,
    );
  });

  test('two processes that say hello under one name at once: one is let in', async () => {
    const fakes = await Promise.all(Array.from({ length: 5 }, () => connect(server, runner, { instance: 'twins' })));
    const replies = await Promise.all(fakes.map((fake) => fake.hello()));
    expect(replies.filter((reply) => reply.ok)).toHaveLength(1);
  });

  test('end when the runner is disabled', async () => {
    const revoked = await createRunner(server);
    const fake = await online(server, revoked);
    await server.request('PATCH', `/api/v1/runners/${revoked.runnerId}`, { disabled: true });
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_FORBIDDEN', retryable: false });
    await fake.disconnected;
  });

  test('end when the token expires, and the job goes on with a fresh one', async () => {
    const fresh = await fetchRunnerToken(server, runner);
    const tokens = server.app.get(AccessTokenService);
    const claims = await tokens.verify(fresh);
    // as old as a token can be and still be let in for a moment
    const issuedAtMs = Date.now() - 900_000 + 3_000;
    const old = await tokens.issue({ ...claims, issuedAtMs });
    const fake = await online(server, runner, { token: old });
    const job = await fake.take(await submitJob(server));
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_TOKEN_EXPIRED', retryable: true });
    await fake.disconnected;
    const { instance, bootId } = fake;
    const again = await online(server, runner, { token: fresh, instance, bootId, hello: { held: [heldOf(job)] } });
    expect(again.welcome.attempts).toMatchObject([{ standing: 'current' }]);
    await again.complete(job);
  });

  test('are asked to drain by an operator, and told again with every renewal', async () => {
    const fake = await online(server, runner);
    const path = `/api/v1/runners/${runner.runnerId}/instances/${fake.instance}/drain`;
    await server.request('POST', path);
    await fake.until('runner:drain');
    expect(await fake.renew({ draining: true })).toMatchObject({ ok: true, drain: true });
    const jobId = await submitJob(server);
    expect(await fake.claim(jobId)).toMatchObject({ ok: false, code: 'E_DRAINING' });
    await server.request('POST', `/api/v1/jobs/${jobId}/cancel`);
  });
});

describe('another organization', () => {
  test('neither hears of a job nor can claim it, and learns nothing from trying', async () => {
    const { token } = await createOrganization(server.databaseUrl);
    const foreign = await createRunner(server, {}, token.owner);
    const fake = await online(server, foreign);
    const mine = await online(server, runner);
    const jobId = await submitJob(server);
    await mine.offerOf(jobId);
    const notFound = { ok: false, code: 'E_NOT_FOUND' };
    const missing = await fake.claim(randomUUID());
    const foreignAnswer = await fake.claim(jobId);
    expect(foreignAnswer).toMatchObject(notFound);
    expect({ ...missing, claimId: null }).toEqual({ ...foreignAnswer, claimId: null });
    const job = await mine.take(jobId);
    expect(await fake.claim(jobId)).toMatchObject(notFound);
    expect(await fake.finish(succeeded(job))).toMatchObject({ code: 'E_FENCED' });
    await mine.complete(job);
    expect(await fake.claim(jobId)).toMatchObject(notFound);
    expect(fake.received).toEqual([]);
  });
});

describe('stopping the server', () => {
  test('says so and takes nothing from anybody', async () => {
    const other = await startTestServer({ TIME_SCALE: '1' });
    const credentials = await createRunner(other);
    const fake = await FakeRunner.online(other, credentials);
    const job = await fake.take(await submitJob(other));
    const told: unknown[] = [];
    other.app.get(EventBus).on('job.changed', (event) => told.push(event));
    await other.stop();
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_UNAVAILABLE', retryable: true });
    expect(told).toEqual([]);
    expect(job.attempt).toBe(1);
  });
});
