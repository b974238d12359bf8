import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CancelOrder, JobDetail, JobSummary } from '@dibs/shared';
import { freePort } from '../../../e2e/support/free-port.js';
import { TcpProxy } from '../../../e2e/support/tcp-proxy.js';
import { PostgresTransport } from '../../src/bus/postgres-transport.js';
import { Sweeper } from '../../src/dispatch/sweeper.js';
import { withClient } from '../support/access-fixtures.js';
import {
  createRunner,
  eventually,
  heldOf,
  submitJob,
  submitJobs,
  succeeded,
  type RunnerCredentials,
} from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { createTestDatabase } from '../support/test-database.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

/** What is asked again now and then is asked every 15 s, and nobody sweeps: what arrives came over the bus. */
const FAR_SWEEP = { TIME_SCALE: '3' };
const sweepNever = (): unknown => jest.spyOn(Sweeper.prototype, 'sweep').mockResolvedValue(undefined);
const sweepAgain = (): void => void jest.restoreAllMocks();
const REDIS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => existsSync(path));
if (REDIS === undefined) console.warn('The bus is NOT tested over Redis: there is no redis-server on this machine.');

const { online } = fakeRunners();

describe.each([
  ['PostgreSQL', () => Promise.resolve(null)],
  ...(REDIS === undefined ? [] : ([['Redis', () => startRedis(REDIS)]] as const)),
] as const)('two servers on one database, over %s', (_name, startBroker) => {
  let broker: Broker | null;
  let one: TestServer;
  let two: TestServer;
  let runner: RunnerCredentials;

  beforeAll(async () => {
    sweepNever();
    broker = await startBroker();
    const env = { ...FAR_SWEEP, ...(broker === null ? {} : { REDIS_URL: broker.url }) };
    one = await startTestServer(env);
    two = await one.startPeer();
    runner = await createRunner(one);
    await eventually(
      async () => [await metric(one, 'dibs_servers'), await metric(two, 'dibs_servers')],
      (servers) => servers.every((count) => count === 2),
    );
  });
  afterAll(async () => {
    await two.stop();
    await one.stop();
    await broker?.stop();
    sweepAgain();
  });

  test('a job that one of them takes is offered by the other', async () => {
    const fake = await online(two, runner);
    const jobId = await submitJob(one);
    await fake.offerOf(jobId);
    await fake.complete(await fake.take(jobId));
  });

  test('so are many at once', async () => {
    const fake = await online(two, runner, { hello: { slots: 60 } });
    const jobIds = await submitJobs(one, 60);
    const jobs = await Promise.all(jobIds.map(async (jobId) => (await fake.offerOf(jobId), fake.take(jobId))));
    for (const job of jobs) await fake.complete(job);
  });

  test('a cancel reaches the runner of the other, and its end is seen by who waits here', async () => {
    const fake = await online(two, runner);
    const job = await fake.take(await submitJob(one));
    const waiting = one.request<JobSummary>('GET', `/api/v1/jobs/${job.jobId}?wait=30`);
    await one.request('POST', `/api/v1/jobs/${job.jobId}/cancel`, { mode: 'graceful' });
    const { message } = await fake.until('job:cancel');
    expect(message).toEqual({ jobId: job.jobId, attempt: 1, mode: 'graceful' } satisfies CancelOrder);
    const endedAtMs = performance.now();
    await fake.finish({ ...succeeded(job), outcome: 'canceled', reason: 'canceled', exitCode: null });
    expect((await waiting).body).toMatchObject({ state: 'canceled' });
    expect(performance.now() - endedAtMs).toBeLessThan(10_000);
  });

  test('a log that is followed on one is shipped fast to the other, and seen while it grows', async () => {
    const fake = await online(two, runner);
    const job = await fake.take(await submitJob(one));
    const reader = new AbortController();
    const response = await fetch(`${one.url}/api/v1/jobs/${job.jobId}/logs?follow=true`, {
      headers: { authorization: `Bearer ${await one.token()}` },
      signal: reader.signal,
    });
    const watched = { jobId: job.jobId, watched: true };
    expect((await fake.until('job:watched')).message).toEqual(watched);
    // and a renewal does not take it back
    expect(await fake.renew()).toMatchObject({ ok: true, watched: [job.jobId] });
    const lines = [[Date.now(), 0, 'o', 'hello over there']];
    await fake.request('step:started', { ...heldOf(job), step: 0, atMs: Date.now() });
    await fake.request('job:log', { ...heldOf(job), firstSeq: 1, lines });
    const body = response.body!.getReader();
    expect(Buffer.from((await body.read()).value as Uint8Array).toString()).toContain('hello over there');
    reader.abort();
    await fake.until('job:watched', (message) => (message as typeof watched).watched === false);
    await fake.finish({ ...succeeded(job), outcome: 'failed', reason: 'step_failed', exitCode: 1, lastSeq: 1 });
  });

  test('an instance that comes to the other one loses its older socket here at once', async () => {
    const here = await online(one, runner, { instance: 'moves' });
    await online(two, runner, { instance: 'moves', bootId: here.bootId });
    expect((await here.until('session:ended')).message).toMatchObject({ code: 'E_DUPLICATE_INSTANCE' });
  });

  test('a drain and a revocation reach sockets of the other', async () => {
    const doomed = await createRunner(one);
    const fake = await online(two, doomed);
    const drain = `/api/v1/runners/${doomed.runnerId}/instances/${fake.instance}/drain`;
    await one.request('POST', drain);
    await fake.until('runner:drain');
    await one.request('PATCH', `/api/v1/runners/${doomed.runnerId}`, { disabled: true });
    expect((await fake.until('session:ended')).message).toMatchObject({ code: 'E_FORBIDDEN' });
  });

  test('one that stops is gone at once, and the other says nothing more', async () => {
    const third = await one.startPeer();
    await eventually(
      () => metric(one, 'dibs_servers'),
      (count) => count === 3,
    );
    await third.stop();
    await eventually(
      () => metric(one, 'dibs_servers'),
      (count) => count === 2,
    );
  });
});

describe('a server alone', () => {
  test('says nothing on the bus, and hears its own hints from nobody', async () => {
    const server = await startTestServer(FAR_SWEEP);
    try {
      const runner = await createRunner(server);
      const fake = await online(server, runner);
      const jobId = await submitJob(server);
      await fake.offerOf(jobId);
      await fake.complete(await fake.take(jobId));
      expect(await metric(server, 'dibs_servers')).toBe(1);
      expect(await metric(server, 'dibs_bus_messages_sent_total')).toBe(0);
    } finally {
      await server.stop();
    }
  });
});

describe('with the bus cut', () => {
  test('everything still happens, by the sweep and the renewals', async () => {
    // nobody listens there: every hint is lost
    const REDIS_URL = `redis://127.0.0.1:${await freePort()}`;
    const one = await startTestServer({ REDIS_URL });
    const two = await one.startPeer();
    try {
      const fake = await online(two, await createRunner(one));
      const jobId = await submitJob(one);
      await fake.offerOf(jobId);
      const job = await fake.take(jobId);
      const waiting = one.request<JobSummary>('GET', `/api/v1/jobs/${jobId}?wait=30`);
      await one.request('POST', `/api/v1/jobs/${jobId}/cancel`, {});
      const cancels = await eventually(
        async () => fake.renew(),
        (reply) => reply.ok && reply.cancels.length > 0,
      );
      expect(cancels).toMatchObject({ cancels: [{ jobId }] });
      await fake.finish({ ...succeeded(job), outcome: 'canceled', reason: 'canceled', exitCode: null });
      expect((await waiting).body).toMatchObject({ state: 'canceled' });
      expect(await metric(one, 'dibs_bus_connected')).toBe(0);
      // they know of each other all the same
      expect(await metric(one, 'dibs_servers')).toBe(2);
    } finally {
      await two.stop();
      await one.stop();
    }
  });

  test('a connection whose backend dies is opened again, and the queue is read anew', async () => {
    sweepNever();
    const one = await startTestServer(FAR_SWEEP);
    const two = await one.startPeer();
    try {
      const fake = await online(two, await createRunner(one));
      await eventually(
        () => metric(one, 'dibs_servers'),
        (count) => count === 2,
      );
      await withClient(one.databaseUrl, (client) =>
        client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'dibs-server-bus' AND datname = current_database()`,
        ),
      );
      // told while nobody listens: read when they do again
      const jobId = await submitJob(one);
      await fake.offerOf(jobId);
      await fake.complete(await fake.take(jobId));
      const detail = await two.request<JobDetail>('GET', `/api/v1/jobs/${jobId}`);
      expect(detail.body.state).toBe('succeeded');
    } finally {
      await two.stop();
      await one.stop();
      sweepAgain();
    }
  });
});

describe('a connection that swallows everything', () => {
  test('is noticed, and another one is opened when the network is back', async () => {
    const database = await createTestDatabase();
    const proxy = await TcpProxy.start(database.url);
    const url = new URL(database.url);
    url.port = new URL(proxy.url).port;
    const transport = new PostgresTransport(url.href, 100);
    const heard: string[] = [];
    let gaps = 0;
    try {
      transport.start({ onMessage: (text) => void heard.push(text), onGap: () => void (gaps += 1) });
      await eventually(
        () => Promise.resolve(gaps),
        (count) => count === 1,
      );
      proxy.setMode('black-hole');
      await eventually(
        () => Promise.resolve(transport.isConnected),
        (isConnected) => !isConnected,
      );
      proxy.setMode('pass');
      await eventually(
        () => Promise.resolve(gaps),
        (count) => count === 2,
      );
      expect(await transport.send(['back'])).toBe(true);
      await eventually(
        () => Promise.resolve(heard),
        (texts) => texts.includes('back'),
      );
    } finally {
      await transport.stop();
      await proxy.stop();
      await database.drop();
    }
  });
});

interface Broker {
  readonly url: string;
  stop(): Promise<void>;
}

async function startRedis(binary: string): Promise<Broker> {
  const port = await freePort();
  const redis: ChildProcess = spawn(binary, [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  for await (const chunk of redis.stdout!) if (String(chunk).includes('Ready to accept connections')) break;
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      redis.kill('SIGTERM');
      await once(redis, 'close');
    },
  };
}

/** Of the page that operators scrape. */
async function metric(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
