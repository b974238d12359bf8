import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@dibs/shared';
import type {
  AuditEventView,
  InstanceView,
  Me,
  Page,
  Problem,
  Role,
  RunnerCreated,
  RunnerView,
  ServicePrincipalCreated,
} from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { PrincipalService } from '../../src/auth/principal.service.js';
import {
  createOrganization,
  insertApiToken,
  insertInstance,
  insertRunningJob,
  withClient,
  type OtherOrganization,
} from '../support/access-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let other: OtherOrganization;
const token = {} as Record<Role, string>;

beforeAll(async () => {
  // at full scale, so that "offline after 30 s" does not come true while a test looks
  server = await startTestServer({ TIME_SCALE: '1' });
  other = await createOrganization(server.databaseUrl);
  const { body } = await server.request<Me>('GET', '/api/v1/session');
  await withClient(server.databaseUrl, async (client) => {
    for (const role of ROLES) token[role] = await insertApiToken(client, body.organization.id, role);
  });
});
afterAll(() => server.stop());

let sequence = 0;
const unique = (): string => `pool-${++sequence}`;

async function newRunner(body: object = {}): Promise<RunnerCreated> {
  const reply = await server.request<RunnerCreated>('POST', '/api/v1/runners', { name: unique(), ...body });
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
  return reply.body;
}

async function tokenStatus({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Promise<number> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  return (await fetch(`${server.url}/connect/token`, { method: 'POST', body })).status;
}

const CALLS = [
  { what: 'list runners', method: 'GET', path: () => '/api/v1/runners', least: 'viewer' },
  { what: 'get a runner', method: 'GET', path: (id: string) => `/api/v1/runners/${id}`, least: 'viewer' },
  {
    what: 'create a runner',
    method: 'POST',
    path: () => '/api/v1/runners',
    body: () => ({ name: unique() }),
    least: 'administrator',
  },
  {
    what: 'register a runner',
    method: 'POST',
    path: () => '/api/v1/runners/register',
    body: () => ({ name: unique(), instance: 'i-0' }),
    least: 'administrator',
  },
  {
    what: 'change a runner',
    method: 'PATCH',
    path: (id: string) => `/api/v1/runners/${id}`,
    body: () => ({ allowMultipleInstances: false }),
    least: 'administrator',
  },
  { what: 'list instances', method: 'GET', path: (id: string) => `/api/v1/runners/${id}/instances`, least: 'viewer' },
  {
    what: 'drain an instance',
    method: 'POST',
    path: (id: string) => `/api/v1/runners/${id}/instances/i-0/drain`,
    least: 'administrator',
  },
  {
    what: 'see assignments',
    method: 'GET',
    path: (id: string) => `/api/v1/runners/${id}/assignments`,
    least: 'viewer',
  },
  {
    what: 'change assignments',
    method: 'PUT',
    path: (id: string) => `/api/v1/runners/${id}/assignments`,
    body: () => ({ isAssignedToAllModules: false }),
    least: 'administrator',
  },
  { what: 'delete a runner', method: 'DELETE', path: (id: string) => `/api/v1/runners/${id}`, least: 'administrator' },
] as const;

describe.each(CALLS)('to $what', (call) => {
  const { method, path, least } = call;
  const body = (): unknown => ('body' in call ? call.body() : undefined);
  let runner: RunnerCreated;
  beforeAll(async () => {
    runner = await newRunner();
    await insertInstance(server.databaseUrl, runner.id, 'i-0', { connected: true, lastSeenSecondsAgo: 0 });
  });

  test('nobody is refused (401), smaller roles are refused (403)', async () => {
    expect((await server.request(method, path(runner.id), body(), { token: null })).status).toBe(401);
    for (const role of ROLES.slice(ROLES.indexOf(least) + 1)) {
      const { status } = await server.request(method, path(runner.id), body(), { token: token[role] });
      expect([role, status]).toEqual([role, 403]);
    }
  });

  test('the owner of another organization finds nothing', async () => {
    const reply = await server.request<Problem>(method, path(runner.id), body(), { token: other.token.owner });
    if (path(runner.id).includes(runner.id)) expect([reply.status, reply.body.code]).toEqual([404, 'not_found']);
    else expect(JSON.stringify(reply.body)).not.toContain(runner.id);
  });

  test(`the role ${least} may`, async () => {
    const { status } = await server.request(method, path(runner.id), body(), { token: token[least] });
    expect(status).toBeLessThan(300);
  });
});

describe('a runner record', () => {
  test('comes with credentials of its own, shown once', async () => {
    const created = await newRunner();
    expect(created).toMatchObject({
      allowMultipleInstances: true,
      isAssignedToAllModules: true,
      disabled: false,
      instances: { online: 0, draining: 0, offline: 0 },
    });
    expect(await tokenStatus(created.credentials!)).toBe(200);
    const { body } = await server.request<RunnerView>('GET', `/api/v1/runners/${created.id}`);
    expect(body).not.toHaveProperty('credentials');
    expect(await server.app.get(PrincipalService).runnerOf(created.servicePrincipalId)).toEqual({
      runnerId: created.id,
      runnerName: created.name,
      organizationId: expect.any(String),
      allowMultipleInstances: true,
      disabled: false,
    });
  });

  test('may use an existing principal, whose secrets stay as they are', async () => {
    const principal = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
      name: 'for a runner',
    });
    const created = await newRunner({ servicePrincipalId: principal.body.id });
    expect(created).not.toHaveProperty('credentials');
    expect(created.servicePrincipalId).toBe(principal.body.id);
    expect(await tokenStatus(principal.body.credentials)).toBe(200);

    const again = await server.request<Problem>('POST', '/api/v1/runners', {
      name: unique(),
      servicePrincipalId: principal.body.id,
    });
    expect([again.status, again.body.code]).toEqual([409, 'service_principal_in_use']);
  });

  test("may not use another organization's principal", async () => {
    const foreign = await server.request<ServicePrincipalCreated>(
      'POST',
      '/api/v1/service-principals',
      { name: 'theirs' },
      { token: other.token.owner },
    );
    const reply = await server.request<Problem>('POST', '/api/v1/runners', {
      name: unique(),
      servicePrincipalId: foreign.body.id,
    });
    expect([reply.status, reply.body.code]).toEqual([404, 'not_found']);
  });

  test('has a name of its own in its organization, also after renaming', async () => {
    const [one, two] = [await newRunner(), await newRunner()];
    const taken = await server.request<Problem>('PATCH', `/api/v1/runners/${two.id}`, { name: one.name });
    expect([taken.status, taken.body.code]).toEqual([409, 'name_taken']);
    const twice = await server.request<Problem>('POST', '/api/v1/runners', { name: one.name });
    expect([twice.status, twice.body.code]).toEqual([409, 'name_taken']);
    const theirs = await server.request('POST', '/api/v1/runners', { name: one.name }, { token: other.token.owner });
    expect(theirs.status).toBe(201);

    const renamed = await server.request<RunnerView>('PATCH', `/api/v1/runners/${one.id}`, { name: unique() });
    expect(renamed.status).toBe(200);
    expect((await server.request('POST', '/api/v1/runners', { name: one.name })).status).toBe(201);
  });

  test.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '../../etc' }, 'name'],
    [{ name: 'a'.repeat(101) }, 'name'],
    [{ name: 'ok', organizationId: 'x' }, 'organizationId'],
    [{ name: 'ok', id: 'x' }, 'id'],
    [{ name: 'ok', disabled: 'yes' }, 'disabled'],
    [{ name: 'ok', disabled: null }, 'disabled'],
    [{ name: 'ok', servicePrincipalId: 'x' }, 'servicePrincipalId'],
  ])('refuses %j and names the property', async (body, property) => {
    const reply = await server.request<Problem>('POST', '/api/v1/runners', body);
    expect([reply.status, reply.body.code]).toEqual([400, 'validation_failed']);
    expect(reply.body.errors!.map((error) => error.path)).toEqual([property]);
  });

  test('once disabled is told to its sockets, and says so to the link at once', async () => {
    const created = await newRunner();
    const principals = server.app.get(PrincipalService);
    await principals.runnerOf(created.servicePrincipalId);
    const revoked: string[] = [];
    const off = server.app.get(EventBus).on('runner.revoked', (event) => revoked.push(event.runnerId));
    await server.request('PATCH', `/api/v1/runners/${created.id}`, { disabled: true });
    off();
    expect(revoked).toEqual([created.id]);
    expect(await principals.runnerOf(created.servicePrincipalId)).toMatchObject({ disabled: true });
  });

  test('is deleted with its instances and credentials, but not while it works', async () => {
    const created = await newRunner();
    const instanceId = await insertInstance(server.databaseUrl, created.id, 'i-0', {
      connected: true,
      lastSeenSecondsAgo: 0,
    });
    const jobId = await insertRunningJob(server.databaseUrl, created.id, instanceId);
    const path = `/api/v1/runners/${created.id}`;
    const busy = await server.request<Problem>('DELETE', path);
    expect([busy.status, busy.body.code]).toEqual([409, 'runner_busy']);

    await withClient(server.databaseUrl, (client) =>
      client.query(`UPDATE jobs SET state = 'failed', ended_at = clock_timestamp() WHERE id = $1`, [jobId]),
    );
    expect((await server.request('DELETE', path)).status).toBe(204);
    expect((await server.request('GET', path)).status).toBe(404);
    expect(await tokenStatus(created.credentials!)).toBe(401);
    expect((await server.request('POST', '/api/v1/runners', { name: created.name })).status).toBe(201);
  });
});

describe('instances', () => {
  let runner: RunnerCreated;
  beforeAll(async () => {
    runner = await newRunner();
    const insert = (name: string, state: Parameters<typeof insertInstance>[3]): Promise<string> =>
      insertInstance(server.databaseUrl, runner.id, name, state);
    const online = await insert('a-online', { connected: true, lastSeenSecondsAgo: 1 });
    await insert('b-draining', { connected: true, lastSeenSecondsAgo: 1, draining: true });
    await insert('c-closed', { connected: false, lastSeenSecondsAgo: 1 });
    await insert('d-silent', { connected: true, lastSeenSecondsAgo: 31 });
    await insertRunningJob(server.databaseUrl, runner.id, online);
  });

  test('show whether they are there, and what they work on', async () => {
    const { body } = await server.request<Page<InstanceView>>('GET', `/api/v1/runners/${runner.id}/instances`);
    expect(body.items.map((item) => [item.name, item.status])).toEqual([
      ['a-online', 'online'],
      ['b-draining', 'draining'],
      ['c-closed', 'offline'],
      ['d-silent', 'offline'],
    ]);
    expect(body.items[0]).toMatchObject({
      hostName: 'host-1',
      slots: 2,
      tools: [{ name: 'git', version: '2.47.0' }],
      labels: { zone: 'eu' },
      jobs: [{ name: 'build', attempt: 1 }],
    });
    expect(body.items[1]!.jobs).toEqual([]);
  });

  test('are counted on the record, and come in pages', async () => {
    const { body } = await server.request<RunnerView>('GET', `/api/v1/runners/${runner.id}`);
    expect(body.instances).toEqual({ online: 1, draining: 1, offline: 2 });
    const path = `/api/v1/runners/${runner.id}/instances?limit=3`;
    const first = await server.request<Page<InstanceView>>('GET', path);
    const second = await server.request<Page<InstanceView>>('GET', `${path}&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map((item) => item.name)).toEqual(['d-silent']);
    expect(second.body.nextCursor).toBeNull();
  });

  test('drain when they are asked to', async () => {
    const drained: string[] = [];
    const off = server.app.get(EventBus).on('instance.drain-requested', (event) => drained.push(event.instanceId));
    const reply = await server.request<InstanceView>('POST', `/api/v1/runners/${runner.id}/instances/a-online/drain`);
    off();
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ name: 'a-online', status: 'draining' });
    expect(drained).toEqual([reply.body.id]);
    const nobody = await server.request('POST', `/api/v1/runners/${runner.id}/instances/nobody/drain`);
    expect(nobody.status).toBe(404);
  });
});

describe('registration with an API key', () => {
  const register = (name: string, instance: string, as: string = token.administrator) =>
    server.request<RunnerCreated & Problem>('POST', '/api/v1/runners/register', { name, instance }, { token: as });

  test('makes the record once and gives each instance a secret of its own', async () => {
    const name = unique();
    const [one, two] = await Promise.all([register(name, 'i-0'), register(name, 'i-1')]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.id).toBe(two.body.id);
    expect(one.body.credentials!.clientId).toBe(two.body.credentials!.clientId);
    expect(await tokenStatus(one.body.credentials!)).toBe(200);
    expect(await tokenStatus(two.body.credentials!)).toBe(200);
    const { body } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=200');
    const rows = body.items.filter((row) => row.action === 'runner.registered' && row.target === one.body.id);
    expect(rows).toHaveLength(2);
  });

  test('of the same instance replaces its secret and no other', async () => {
    const name = unique();
    const [first, neighbour] = [await register(name, 'i-0'), await register(name, 'i-1')];
    const again = await register(name, 'i-0');
    expect(await tokenStatus(first.body.credentials!)).toBe(401);
    expect(await tokenStatus(again.body.credentials!)).toBe(200);
    expect(await tokenStatus(neighbour.body.credentials!)).toBe(200);
  });

  test('finds a record that an administrator made, and refuses a disabled one', async () => {
    const made = await newRunner();
    const found = await register(made.name, 'i-0');
    expect(found.body.id).toBe(made.id);
    expect(await tokenStatus(made.credentials!)).toBe(200);
    await server.request('PATCH', `/api/v1/runners/${made.id}`, { disabled: true });
    const refused = await register(made.name, 'i-0');
    expect([refused.status, refused.body.code]).toEqual([409, 'runner_disabled']);
  });

  test("does not hand an administrator the credentials of an owner's principal", async () => {
    const principal = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
      name: 'owner on a runner',
      role: 'owner',
    });
    const made = await newRunner({ servicePrincipalId: principal.body.id });
    expect((await register(made.name, 'i-0')).status).toBe(403);
    expect((await register(made.name, 'i-0', token.owner)).status).toBe(201);
  });

  test("with another organization's key makes another record", async () => {
    const made = await newRunner();
    const theirs = await register(made.name, 'i-0', other.token.administrator);
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(made.id);
  });
});
