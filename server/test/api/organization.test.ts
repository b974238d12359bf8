import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobDetail, JobId, Me, OrganizationView, Problem } from '@dibs/shared';
import { eventually, submitJob } from '../support/fake-runner.js';
import { claimBySql, connect, defaultOrganization, endBySql, makeTenant, makeToken } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;

const PATH = '/api/v1/organization';
const setQuota = async (maxRunningJobs: number | null): Promise<void> => {
  const { status, body } = await server.request<OrganizationView>('PATCH', PATH, { maxRunningJobs });
  expect({ status, maxRunningJobs: body.maxRunningJobs }).toEqual({ status: 200, maxRunningJobs });
};
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const statesOf = async (ids: readonly JobId[]): Promise<string[]> =>
  Promise.all(ids.map(async (id) => (await detail(id)).state));
const untilStates = (ids: readonly JobId[], states: readonly string[]): Promise<unknown> =>
  eventually(
    () => statesOf(ids),
    (seen) => seen.join() === states.join(),
  );
const cancelAll = (ids: readonly JobId[]): Promise<unknown> =>
  Promise.all(ids.map((id) => server.request('POST', `/api/v1/jobs/${id}/cancel`)));

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('the organization', () => {
  test('is that of the caller', async () => {
    const mine = await server.request<OrganizationView>('GET', PATH);
    expect(mine).toMatchObject({ status: 200, body: { id: await defaultOrganization(client), maxRunningJobs: null } });
    const other = await makeTenant(client);
    const theirs = await server.request<OrganizationView>('GET', PATH, undefined, { token: other.token });
    expect(theirs.body.id).toBe(other.organizationId);
    await server.request('PATCH', PATH, { maxRunningJobs: 5 }, { token: other.token });
    expect((await server.request<OrganizationView>('GET', PATH)).body.maxRunningJobs).toBeNull();
  });

  test('is changed by owners and administrators only, and in the audit log', async () => {
    const organizationId = await defaultOrganization(client);
    for (const role of ['viewer', 'operator'] as const) {
      const token = await makeToken(client, organizationId, role);
      expect((await server.request('GET', PATH, undefined, { token })).status).toBe(403);
      expect((await server.request('PATCH', PATH, { maxRunningJobs: 1 }, { token })).status).toBe(403);
    }
    const token = await makeToken(client, organizationId, 'administrator');
    expect((await server.request('PATCH', PATH, { maxRunningJobs: 77 }, { token })).status).toBe(200);
    const { rows } = await client.query(
      `SELECT target, data FROM audit_events WHERE action = 'organization.updated' AND organization_id = $1`,
      [organizationId],
    );
    expect(rows).toEqual([{ target: organizationId, data: { maxRunningJobs: 77 } }]);
    await setQuota(null);
  });

  test('may keep shorter logs than the server would', async () => {
    const { status, body } = await server.request<OrganizationView>('PATCH', PATH, { logLimitMib: 2 });
    expect({ status, logLimitMib: body.logLimitMib }).toEqual({ status: 200, logLimitMib: 2 });
    for (const logLimitMib of [0, 1.5, 10_241, '2', true]) {
      const refused = await server.request<Problem>('PATCH', PATH, { logLimitMib });
      expect(refused.status).toBe(400);
      expect(refused.body.errors).toEqual([{ path: 'logLimitMib', message: expect.any(String) }]);
    }
    expect((await server.request<OrganizationView>('PATCH', PATH, { logLimitMib: null })).body.logLimitMib).toBeNull();
  });

  test('may take any name, that of another one too, and the next server still knows it for the first', async () => {
    const { body } = await server.request<OrganizationView>('PATCH', PATH, { name: 'default' });
    expect(body.name).toBe('default');
    const other = await makeTenant(client);
    const taken = await server.request<OrganizationView>('PATCH', PATH, { name: 'default' }, { token: other.token });
    expect([taken.status, taken.body.name]).toEqual([200, 'default']);
    expect((await server.request<OrganizationView>('PATCH', PATH, { name: 'Ünïon Bay' })).body.name).toBe('Ünïon Bay');
    const peer = await server.startPeer();
    try {
      expect((await peer.request<Me>('GET', '/api/v1/session')).body.organization).toEqual({
        id: body.id,
        name: 'Ünïon Bay',
      });
      // its owners operate the installation, by whatever name
      expect((await peer.request('POST', '/api/v1/maintenance', { note: 'new disk' })).status).toBe(201);
      expect((await peer.request('DELETE', '/api/v1/maintenance')).status).toBe(200);
    } finally {
      await peer.stop();
    }
  });

  test.each<[unknown, string]>([
    [{ maxRunningJobs: 0 }, 'maxRunningJobs'],
    [{ maxRunningJobs: -1 }, 'maxRunningJobs'],
    [{ maxRunningJobs: 1.5 }, 'maxRunningJobs'],
    [{ maxRunningJobs: '5' }, 'maxRunningJobs'],
    [{ maxRunningJobs: 1e9 }, 'maxRunningJobs'],
    [{ maxRunningJobs: [1] }, 'maxRunningJobs'],
    [{ id: 'x' }, 'id'],
    [{ name: '' }, 'name'],
    [{ name: ' spaced ' }, 'name'],
    [{ name: 7 }, 'name'],
    [{ name: null }, 'name'],
  ])('refuses %j', async (body, path) => {
    const response = await server.request<Problem>('PATCH', PATH, body);
    expect({ status: response.status, path: response.body.errors?.[0]?.path }).toEqual({ status: 400, path });
  });
});

describe('a quota', () => {
  test('lets so many jobs in, by priority and age, and the next when one has ended', async () => {
    await setQuota(2);
    const jobs = [await submitJob(server), await submitJob(server)];
    await untilStates(jobs, ['queued', 'queued']);
    const [low, high] = [await submitJob(server), await submitJob(server, { priority: 10 })];
    expect(await detail(low)).toMatchObject({ state: 'waiting', reason: 'quota' });
    await endBySql(client, await claimBySql(client, jobs[0]!), 'failed');
    await untilStates([low, high], ['waiting', 'queued']);
    await cancelAll([jobs[1]!]);
    await untilStates([low, high], ['queued', 'queued']);
    await cancelAll([low, high]);
  });

  test('counts what runs, and does not stop it when it shrinks', async () => {
    await setQuota(3);
    const jobs = [await submitJob(server), await submitJob(server), await submitJob(server)];
    await untilStates(jobs, ['queued', 'queued', 'queued']);
    const attempts = [await claimBySql(client, jobs[0]!), await claimBySql(client, jobs[1]!)];
    await setQuota(1);
    const next = await submitJob(server);
    expect(await statesOf([...jobs, next])).toEqual(['claimed', 'claimed', 'queued', 'waiting']);
    for (const attempt of attempts) await endBySql(client, attempt, 'failed');
    await cancelAll([jobs[2]!]);
    await untilStates([next], ['queued']);
    await cancelAll([next]);
  });

  test('counts beside the limit of a group, and says which of the two holds a job back', async () => {
    await setQuota(2);
    const concurrency = { key: 'both', limit: 1 };
    const holder = await submitJob(server, { concurrency });
    await untilStates([holder], ['queued']);
    const member = await submitJob(server, { concurrency });
    const plain = await submitJob(server);
    await untilStates([plain], ['queued']);
    const late = await submitJob(server, { concurrency: { key: 'another' } });
    await eventually(
      () => detail(late),
      ({ reason }) => reason === 'quota',
    );
    expect(await detail(member)).toMatchObject({ state: 'waiting', reason: 'concurrency_group' });
    await cancelAll([plain]);
    await untilStates([member, late], ['waiting', 'queued']);
    await cancelAll([holder]);
    await untilStates([member], ['queued']);
    await cancelAll([member, late]);
  });

  test('that is lifted lets everybody in', async () => {
    await setQuota(1);
    const jobs = await Promise.all(Array.from({ length: 12 }, () => submitJob(server)));
    await eventually(
      () => statesOf(jobs),
      (states) => states.filter((state) => state === 'queued').length === 1,
    );
    await setQuota(null);
    await untilStates(jobs, Array<string>(12).fill('queued'));
    expect((await detail(await submitJob(server))).state).toBe('queued');
  });
});
