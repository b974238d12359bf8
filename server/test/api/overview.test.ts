import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { InstanceView, JobId, JobSummary, Me, Overview, Page, Problem, RunnerCreated } from '@dibs/shared';
import { insertInstance } from '../support/access-fixtures.js';
import {
  claimBySql,
  connect,
  defaultOrganization,
  eventually,
  makeTenant,
  makeToken,
} from '../support/job-fixtures.js';
import { createRunner, FakeRunner } from '../support/fake-runner.js';
import { failWith, obligingRunner } from '../support/obliging-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const PATH = '/api/v1/organization/overview';
let server: TestServer;
let client: pg.Client;
let viewer: string;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '0.1' });
  client = await connect(server.databaseUrl);
  viewer = await makeToken(client, await defaultOrganization(client), 'viewer');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});
/** As if somebody renewed it for the next hour. */
const ONLINE = { connected: true, lastSeenSecondsAgo: -3_600 } as const;

beforeEach(async () => {
  await client.query(`UPDATE jobs SET state = 'canceled', finished_at = now() WHERE state IN ('queued', 'waiting')`);
  await client.query('DELETE FROM runner_instances');
  await client.query('DELETE FROM pauses');
});

async function submit(body: object = {}): Promise<JobId> {
  const reply = await server.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }], ...body });
  expect(reply.status).toBe(201);
  return reply.body.id;
}

async function runner(name: string): Promise<string> {
  return (await server.request<RunnerCreated>('POST', '/api/v1/runners', { name })).body.id;
}

async function look(token?: string): Promise<Overview> {
  const { status, body } = await server.request<Overview>('GET', PATH, undefined, token ? { token } : {});
  expect(status).toBe(200);
  return body;
}

/** An answer may be a second old, and what happened is written down every five. */
function seen(holds: (overview: Overview) => boolean): Promise<Overview> {
  return eventually(look, holds);
}

async function untilOffline(runnerId: string): Promise<void> {
  const path = `/api/v1/runners/${runnerId}/instances`;
  const instances = async () => (await server.request<Page<InstanceView>>('GET', path)).body.items;
  await eventually(instances, (items) => items.every(({ status }) => status === 'offline'));
}

const codes = ({ alerts }: Overview): string[] => alerts.map(({ code }) => code);

describe('the overview', () => {
  test('tells of each lane what it demands, how long it is and whether anybody can take its jobs', async () => {
    const pool = await runner('lanes-pool');
    await insertInstance(server.databaseUrl, pool, 'lanes-0', ONLINE);
    const terraform = await submit({ requires: { tools: ['terraform'] }, slots: 2 });
    await submit({ requires: { tools: ['terraform'] }, slots: 2 });
    await submit({ runner: 'lanes-pool' });
    const { lanes, queued, lanesNotListed, alerts } = await seen((overview) => overview.queued.count === 3);
    expect([queued, lanesNotListed]).toEqual([{ count: 3, more: false }, 0]);
    expect(lanes).toMatchObject([
      {
        demands: 'tool terraform, 2 slots',
        queued: { count: 2, more: false },
        jobId: terraform,
        standing: 'no_runner_matches',
      },
      {
        demands: 'runner lanes-pool',
        queued: { count: 1 },
        standing: 'served',
        text: 'One runner can take the next one now.',
      },
    ]);
    expect(alerts).toEqual([
      {
        code: 'no_runner_matches',
        text: '2 jobs wait (tool terraform, 2 slots). No known runner could ever take such jobs.',
        jobId: terraform,
        runnerId: null,
        instanceId: null,
      },
    ]);
  });

  test('counts runners by what they are doing, and raises who is away while jobs wait', async () => {
    const pool = await runner('away-pool');
    for (const name of ['idle', 'busy', 'draining']) await insertInstance(server.databaseUrl, pool, name, ONLINE);
    await insertInstance(server.databaseUrl, pool, 'gone', { connected: false, lastSeenSecondsAgo: 3_600 });
    await client.query(`UPDATE runner_instances SET draining = true WHERE name = 'draining'`);
    const job = await submit({ instance: 'busy' });
    await claimBySql(client, job);
    await client.query(
      `UPDATE jobs SET (instance_id, instance_name) = (SELECT id, name FROM runner_instances WHERE name = 'busy') WHERE id = $1`,
      [job],
    );
    const waits = await submit({ instance: 'gone' });
    const overview = await seen(({ runners, queued }) => runners.busy === 1 && queued.count === 1);
    expect(overview.runners).toMatchObject({ idle: 1, busy: 1, draining: 1, offline: 1, usedSlots: 1 });
    expect(overview.running.count).toBe(1);
    expect(overview.alerts).toEqual([
      expect.objectContaining({
        code: 'no_runner_online',
        jobId: waits,
        text: 'One job waits (instance gone). Of the runners that fit none can take one: 1 offline.',
      }),
    ]);
    await client.query(`UPDATE jobs SET state = 'canceled', ended_at = now(), finished_at = now() WHERE id = $1`, [
      job,
    ]);
  });

  test('tells what waits outside the queue, and why', async () => {
    const concurrency = { key: 'deploy', limit: 1 };
    for (let index = 0; index < 3; index += 1) await submit({ concurrency });
    const { waiting, waitingFor } = await seen((overview) => overview.waiting.count === 2);
    expect(waiting.more).toBe(false);
    expect(waitingFor).toEqual([
      {
        reason: 'concurrency_group',
        text: expect.stringContaining('concurrency group'),
        count: { count: 2, more: false },
      },
    ]);
  });

  test('tells what is paused, the widest pause alone where there are two, and takes it back', async () => {
    const pool = await runner('paused-pool');
    const { organization } = (await server.request<Me>('GET', '/api/v1/session')).body;
    const pause = async (type: string, id: string): Promise<void> =>
      expect((await server.request('POST', '/api/v1/pauses', { target: { type, id }, note: 'audit' })).status).toBe(
        201,
      );
    await submit();
    await pause('runner', pool);
    await pause('organization', organization.id);
    expect((await server.request('POST', '/api/v1/maintenance', { note: 'new disk' })).status).toBe(201);
    const held = await seen((overview) => codes(overview).includes('maintenance'));
    expect(codes(held)).toEqual(['maintenance', 'runner_paused']);
    expect(held.lanes[0]).toMatchObject({ standing: 'paused', text: 'Maintenance: new disk' });
    expect(held.alerts.at(-1)).toMatchObject({ runnerId: pool, text: 'The runner paused-pool is paused: audit' });
    expect((await server.request('DELETE', '/api/v1/maintenance')).status).toBe(200);
    expect(codes(await seen((overview) => !codes(overview).includes('maintenance')))).toContain('organization_paused');
    await client.query('DELETE FROM pauses');
  });
});

describe('the last hour', () => {
  test('counts claims, waits and how jobs ended, and finds the instance that comes and goes', async () => {
    const before = await look();
    const credentials = await createRunner(server, { name: 'hour-pool' });
    const exits = [0, 0, 0, 1];
    const fake = await obligingRunner(server, credentials, 4, (runner, job) => {
      const exitCode = exits.pop()!;
      return exitCode === 0 ? runner.complete(job) : failWith(runner, job, exitCode);
    });
    for (let index = 0; index < 4; index += 1) await submit({ runner: 'hour-pool' });
    const after = await seen(({ lastHour }) => lastHour.claims >= before.lastHour.claims + 4 && lastHour.failed > 0);
    const ended = await seen(({ lastHour }) => lastHour.succeeded >= before.lastHour.succeeded + 3);
    expect(after.lastHour.wait!.p50Ms).toBeLessThan(60_000);
    expect(ended.lastHour).toMatchObject({ succeeded: 3, failed: 1, successRate: 0.75 });
    expect(ended.minutes).toHaveLength(60);
    expect(ended.minutes.reduce((sum, { claims }) => sum + claims, 0)).toBe(ended.lastHour.claims);

    // one that says goodbye, as a runner that restarts does, is no reason to worry
    const { instance } = fake;
    fake.socket.disconnect();
    for (let times = 0; times < 3; times += 1) {
      const again = await FakeRunner.online(server, credentials, { instance });
      again.socket.io.engine.close();
      await untilOffline(credentials.runnerId);
    }
    const { alerts } = await seen((overview) => codes(overview).includes('runner_unstable'));
    expect(alerts.find(({ code }) => code === 'runner_unstable')).toMatchObject({
      runnerId: credentials.runnerId,
      text: expect.stringMatching(/was disconnected 3 times in the last 15 minutes\.$/),
    });
  }, 120_000);

  test('two servers add up', async () => {
    const peer = await server.startPeer();
    const { claims } = (await look()).lastHour;
    for (const [each, name] of [
      [server, 'pool-of-one'],
      [peer, 'pool-of-the-other'],
    ] as const) {
      const fake = await obligingRunner(each, await createRunner(each, { name }), 1);
      const job = { runner: name, steps: [{ run: 'true' }] };
      const { body } = await each.request<JobSummary>('POST', '/api/v1/jobs?wait=60', job);
      expect(body.state).toBe('succeeded');
      fake.socket.disconnect();
    }
    await peer.stop();
    expect((await seen(({ lastHour }) => lastHour.claims >= claims + 2)).lastHour.claims).toBe(claims + 2);
  }, 120_000);
});

describe('who may look', () => {
  test('a viewer may', async () => {
    expect((await look(viewer)).minutes).toHaveLength(60);
  });

  test('nobody without a token', async () => {
    const { status, body } = await server.request<Problem>('GET', PATH, undefined, { token: null });
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
  });

  test('another organization sees nothing of it', async () => {
    await submit();
    await insertInstance(server.databaseUrl, await runner('own-pool'), 'own-0', ONLINE);
    await seen((overview) => overview.queued.count === 1);
    const other = await makeTenant(client);
    const foreign = await look(other.token);
    expect(foreign).toMatchObject({
      queued: { count: 0 },
      running: { count: 0 },
      waiting: { count: 0 },
      lanes: [],
      runners: { idle: 0, busy: 0, draining: 0, offline: 0, slots: 0 },
      claimsPerSecond: 0,
      alerts: [],
    });
    expect(foreign.lastHour).toEqual({
      claims: 0,
      succeeded: 0,
      failed: 0,
      canceled: 0,
      wait: null,
      successRate: null,
    });
  });
});

describe('a queue that is deeper than anybody counts', () => {
  test('is counted to ten thousand, and the lane behind it that nobody fits is found all the same', async () => {
    const [deep, hopeless] = [await submit({ name: 'deep' }), await submit({ requires: { tools: ['cobol'] } })];
    const copy = `('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
    await client.query(
      `INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
       SELECT ${copy}, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at
       FROM job_submissions, generate_series(1, 10050) AS n WHERE id = $1`,
      [deep],
    );
    await client.query(
      `INSERT INTO jobs (id, organization_id, lane, rank, priority, step_count, state, queued_at, queue_expires_at)
       SELECT ${copy}, organization_id, lane, rank, priority, step_count, state, queued_at, queue_expires_at
       FROM jobs, generate_series(1, 10050) AS n WHERE id = $1`,
      [deep],
    );
    await client.query(
      `INSERT INTO lane_warnings (id, organization_id, lane)
      SELECT gen_random_uuid(), organization_id, lane FROM jobs WHERE id = $1 ON CONFLICT DO NOTHING`,
      [hopeless],
    );
    // its only job is younger than all that are counted, and its lane is listed all the same
    const young = await submit({ requires: { labels: { zone: 'eu' } } });
    const { queued, lanes, lanesNotListed } = await seen(
      (overview) => overview.queued.more && overview.lanes.length === 3,
    );
    expect([queued, lanesNotListed]).toEqual([{ count: 10_000, more: true }, 0]);
    expect(lanes.find(({ jobId }) => jobId === young)).toMatchObject({ queued: { count: 1, more: false } });
    expect(lanes.filter(({ jobId }) => jobId !== young)).toMatchObject([
      { demands: 'any runner', queued: { count: 10_001, more: true } },
      { demands: 'tool cobol', queued: { count: 1, more: false }, jobId: hopeless, standing: 'no_runner_matches' },
    ]);
    await client.query(`DELETE FROM jobs WHERE id < '00000000-0000-7000-9000-000000000000'`);
  });
});
