import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobDetail, JobId } from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { startServer } from '../../src/server.js';
import { FakeRunner, createRunner, eventually, submitJob } from '../support/fake-runner.js';
import { enforceTransitions } from '../support/enforce-transitions.js';
import { claimBySql, connect, endBySql } from '../support/job-fixtures.js';
import { obligingRunner } from '../support/obliging-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const DIBS_ENCRYPTION_KEY = randomBytes(32).toString('base64');

let server: TestServer;
let client: pg.Client;

const group = (key: string, more: object = {}): object => ({ concurrency: { key, ...more } });
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const inState = (id: string, state: JobDetail['state']): Promise<JobDetail> =>
  eventually(
    () => detail(id),
    (job) => job.state === state,
  );
const statesOf = async (ids: readonly JobId[]): Promise<string[]> => {
  const { rows } = await client.query<{ id: string; state: string }>(
    'SELECT id, state FROM jobs WHERE id = ANY($1::uuid[])',
    [ids],
  );
  const states = new Map(rows.map((row) => [row.id, row.state]));
  return ids.map((id) => states.get(id) ?? 'missing');
};

/**
 * How many jobs of a group counted against its limit at the same time, from what the rows say of when each was let in
 * and when it ended: a promotion comes after the commit of the end that made room, so the times cannot lie in its favour.
 */
async function mostAtOnce(key: string): Promise<number> {
  const { rows } = await client.query<{ most: number }>(
    `SELECT max(open)::int AS most FROM (
       SELECT sum(change) OVER (ORDER BY at, change) AS open FROM (
         SELECT queued_at AS at, 1 AS change FROM jobs WHERE concurrency_key = $1 AND queued_at IS NOT NULL
         UNION ALL SELECT finished_at, -1 FROM jobs WHERE concurrency_key = $1 AND queued_at IS NOT NULL
       ) AS changes) AS counted`,
    [key],
  );
  return rows[0]!.most;
}

beforeAll(async () => {
  server = await startTestServer({ DIBS_ENCRYPTION_KEY });
  await enforceTransitions(server.databaseUrl);
  client = await connect(server.databaseUrl);
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('a concurrency group', () => {
  test('lets so many in, in the order of submit, and the next when one has ended', async () => {
    const jobs: JobId[] = [];
    for (let count = 0; count < 4; count += 1) jobs.push(await submitJob(server, group('order', { limit: 2 })));
    await eventually(
      () => statesOf(jobs),
      (states) => states.filter((state) => state === 'queued').length === 2,
    );
    expect(await statesOf(jobs)).toEqual(['queued', 'queued', 'waiting', 'waiting']);
    expect(await detail(jobs[2]!)).toMatchObject({ reason: 'concurrency_group', queuedAt: null });
    await server.request('POST', `/api/v1/jobs/${jobs[1]}/cancel`);
    await inState(jobs[2]!, 'queued');
    expect(await statesOf(jobs)).toEqual(['queued', 'canceled', 'queued', 'waiting']);
    const { timeline } = await detail(jobs[2]!);
    expect(timeline.map(({ type }) => type)).toContain('admitted');
  });

  test('measures by the limit of the oldest that waits, and lets nobody pass it', async () => {
    const first = await submitJob(server, group('limits', { limit: 1 }));
    await inState(first, 'queued');
    const narrow = await submitJob(server, group('limits', { limit: 1 }));
    const wide = await submitJob(server, group('limits', { limit: 10 }));
    const other = await submitJob(server, group('limits-of-others', { limit: 1 }));
    await inState(other, 'queued');
    expect(await statesOf([first, narrow, wide])).toEqual(['queued', 'waiting', 'waiting']);
    await server.request('POST', `/api/v1/jobs/${first}/cancel`);
    await inState(wide, 'queued');
    expect(await statesOf([narrow, wide])).toEqual(['queued', 'queued']);
  });

  test('never exceeds its limit, whatever two servers do at once', async () => {
    const second = await startServer({
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: server.databaseUrl,
      DIBS_DATABASE_POOL_SIZE: '8',
      DIBS_ENCRYPTION_KEY,
      DIBS_BOOTSTRAP_CLIENT_ID: server.clientId,
      DIBS_BOOTSTRAP_CLIENT_SECRET: server.clientSecret,
      TIME_SCALE: '0.05',
      LOG_LEVEL: 'silent',
    });
    const token = await server.token();
    const submit = async (url: string): Promise<JobId> => {
      const response = await fetch(`${url}/api/v1/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ steps: [{ run: 'true' }], ...group('raced', { limit: 3 }) }),
      });
      expect(response.status).toBe(201);
      return ((await response.json()) as { id: JobId }).id;
    };
    const runner = await createRunner(server);
    const fakes = [
      await obligingRunner(server, runner, 8),
      await obligingRunner({ ...server, url: second.url }, runner, 8),
    ];
    try {
      const urls = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? server.url : second.url));
      const jobs = await Promise.all(urls.map(submit));
      await eventually(
        () => statesOf(jobs),
        (states) => states.every((state) => state === 'succeeded'),
      );
      expect(await mostAtOnce('raced')).toBe(3);
    } finally {
      fakes.forEach((fake) => fake.close());
      await second.stop();
    }
  });

  test('goes on when every event is lost', async () => {
    const bus = server.app.get(EventBus);
    const publish = bus.publish.bind(bus);
    bus.publish = () => undefined;
    try {
      const [first, second] = [await submitJob(server, group('deaf')), await submitJob(server, group('deaf'))];
      await inState(first, 'queued');
      expect(await statesOf([second])).toEqual(['waiting']);
      await endBySql(client, await claimBySql(client, first), 'failed');
      await inState(second, 'queued');
    } finally {
      bus.publish = publish;
    }
  });

  test('is a group of its organization alone, and a key is only text', async () => {
    const key = `it's "odd" / \\ ; DROP TABLE jobs; --`;
    const [first, second] = [await submitJob(server, group(key)), await submitJob(server, group(key))];
    await inState(first, 'queued');
    expect(await statesOf([second])).toEqual(['waiting']);
  });
});

describe('a job that waits', () => {
  test('expires after its queue timeout, and says what it waited for', async () => {
    const holder = await submitJob(server, group('slow'));
    await inState(holder, 'queued');
    const late = await submitJob(server, { ...group('slow'), queueTimeoutSeconds: 1 });
    expect(await inState(late, 'expired')).toMatchObject({ reason: 'group_timeout', attempt: 0, queuedAt: null });
    expect(await statesOf([holder])).toEqual(['queued']);
  });

  test('is canceled at once', async () => {
    const holder = await submitJob(server, group('cancel'));
    await inState(holder, 'queued');
    const waiting = await submitJob(server, group('cancel'));
    const { status, body } = await server.request<JobDetail>('POST', `/api/v1/jobs/${waiting}/cancel`);
    expect({ status, state: body.state }).toEqual({ status: 202, state: 'canceled' });
  });
});

describe('a job that supersedes', () => {
  test('those that wait: older ones end, and the one that runs goes on', async () => {
    const held = await submitJob(server, group('replace'));
    await inState(held, 'queued');
    const attempt = await claimBySql(client, held);
    const older = await submitJob(server, group('replace'));
    const newer = await submitJob(server, group('replace', { supersede: 'waiting' }));
    expect(await inState(older, 'canceled')).toMatchObject({ reason: 'superseded' });
    expect((await detail(older)).timeline.some(({ text }) => text.includes(newer))).toBe(true);
    expect(await detail(held)).toMatchObject({ state: 'claimed', cancel: null });
    expect(await statesOf([newer])).toEqual(['waiting']);
    await endBySql(client, attempt, 'failed');
    await inState(newer, 'queued');
  });

  test('all: whoever runs is asked to stop, and the newest gets the place', async () => {
    const fake = await FakeRunner.online(server, await createRunner(server));
    const running = await submitJob(server, group('replace-all'));
    await inState(running, 'queued');
    const { jobId, attempt, claimToken } = await fake.take(running);
    const waiting = await submitJob(server, group('replace-all'));
    const newest = await submitJob(server, { ...group('replace-all', { supersede: 'all' }), runner: 'nobody' });
    expect((await fake.until('job:cancel')).message).toEqual({ jobId, attempt, mode: 'graceful' });
    const outcome = { outcome: 'canceled', reason: 'canceled', exitCode: null, lastSeq: 0, atMs: 1 } as const;
    expect(await fake.finish({ jobId, attempt, claimToken, ...outcome })).toEqual({ ok: true });
    expect(await inState(running, 'canceled')).toMatchObject({ reason: 'superseded', cancel: { mode: 'graceful' } });
    expect(await inState(waiting, 'canceled')).toMatchObject({ reason: 'superseded' });
    await inState(newest, 'queued');
    fake.close();
  });

  test('does nothing to other groups or to newer jobs', async () => {
    const other = await submitJob(server, group('bystander'));
    const first = await submitJob(server, group('superseder', { supersede: 'all' }));
    const newer = await submitJob(server, group('superseder'));
    await inState(first, 'queued');
    await inState(other, 'queued');
    expect(await statesOf([newer])).toEqual(['waiting']);
  });
});
