import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@dibs/shared';
import type { BulkOutcome, ConnectionView, JobId, JobSummary, JobViewView, Page, Problem, Role } from '@dibs/shared';
import type pg from 'pg';
import type { OpenApiDocument } from '../support/described-answers.js';
import { createRunner, eventually, FakeRunner, submitJob } from '../support/fake-runner.js';
import { insertHierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, makeTenant, makeToken } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
/** API tokens of the default organization. */
const token = {} as Record<Role, string>;
let stranger: string;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '0.5' });
  client = await connect(server.databaseUrl);
  const organizationId = await defaultOrganization(client);
  for (const role of ROLES) token[role] = await makeToken(client, organizationId, role);
  stranger = (await makeTenant(client)).token;
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const stateOf = async (id: string): Promise<string> =>
  (await server.request<JobSummary>('GET', `/api/v1/jobs/${id}`)).body.state;

/**
 * Of every route that changes something: the least role that may. `anybody`: who is signed in, about themselves. `runner`: no
 * role at all.
 */
const LEAST: Readonly<Record<string, Role | 'anybody' | 'nobody needed' | 'runner'>> = {
  'POST /connect/token': 'nobody needed',
  'POST /api/v1/session': 'nobody needed',
  'DELETE /api/v1/session': 'anybody',
  'PUT /api/v1/session/password': 'anybody',
  'POST /api/v1/live/ticket': 'viewer',
  'POST /api/v1/job-views': 'viewer',
  'DELETE /api/v1/job-views/{id}': 'viewer',
  'POST /api/v1/jobs/explain': 'viewer',
  'POST /api/v1/jobs': 'operator',
  'POST /api/v1/jobs/bulk': 'operator',
  'POST /api/v1/jobs/bulk/cancel': 'operator',
  'POST /api/v1/jobs/bulk/retry': 'operator',
  'POST /api/v1/jobs/{id}/cancel': 'operator',
  'POST /api/v1/jobs/{id}/retry': 'operator',
  'POST /api/v1/source-archives': 'operator',
  'POST /api/v1/pauses': 'operator',
  'DELETE /api/v1/pauses/{id}': 'operator',
  'POST /api/v1/maintenance': 'owner',
  'DELETE /api/v1/maintenance': 'owner',
  'PATCH /api/v1/organization': 'administrator',
  'PUT /api/v1/organization/retention': 'administrator',
  'PATCH /api/v1/organization/module-settings': 'administrator',
  'PUT /api/v1/organization/definition': 'administrator',
  'PUT /api/v1/stacks/{id}/definition': 'administrator',
  'PUT /api/v1/namespaces/{id}/definition': 'administrator',
  'PUT /api/v1/modules/{id}/definition': 'administrator',
  'POST /api/v1/stacks': 'administrator',
  'PATCH /api/v1/stacks/{id}': 'administrator',
  'DELETE /api/v1/stacks/{id}': 'administrator',
  'POST /api/v1/stacks/{id}/namespaces': 'administrator',
  'PATCH /api/v1/namespaces/{id}': 'administrator',
  'DELETE /api/v1/namespaces/{id}': 'administrator',
  'POST /api/v1/namespaces/{id}/modules': 'administrator',
  'PATCH /api/v1/modules/{id}': 'administrator',
  'DELETE /api/v1/modules/{id}': 'administrator',
  'POST /api/v1/modules/{id}/runs': 'operator',
  'POST /api/v1/source-notifications': 'operator',
  'POST /api/v1/module-runs/{id}/approve': 'operator',
  'POST /api/v1/module-runs/{id}/reject': 'operator',
  'POST /api/v1/module-runs/{id}/cancel': 'operator',
  'POST /api/v1/stacks/{id}/runs': 'operator',
  'POST /api/v1/namespaces/{id}/runs': 'operator',
  'POST /api/v1/scope-runs/{id}/cancel': 'operator',
  'POST /api/v1/stacks/{id}/role-grants': 'administrator',
  'DELETE /api/v1/stacks/{id}/role-grants/{grantId}': 'administrator',
  'POST /api/v1/namespaces/{id}/role-grants': 'administrator',
  'DELETE /api/v1/namespaces/{id}/role-grants/{grantId}': 'administrator',
  'POST /api/v1/modules/{id}/role-grants': 'administrator',
  'DELETE /api/v1/modules/{id}/role-grants/{grantId}': 'administrator',
  'POST /api/v1/runners': 'administrator',
  'POST /api/v1/runners/register': 'administrator',
  'PATCH /api/v1/runners/{id}': 'administrator',
  'DELETE /api/v1/runners/{id}': 'administrator',
  'POST /api/v1/runners/{id}/drain': 'administrator',
  'DELETE /api/v1/runners/{id}/drain': 'administrator',
  'POST /api/v1/runners/{id}/instances/{name}/drain': 'administrator',
  'DELETE /api/v1/runners/{id}/instances/{name}/drain': 'administrator',
  'POST /api/v1/runners/{id}/assignments': 'administrator',
  'PUT /api/v1/runners/{id}/assignments': 'administrator',
  'DELETE /api/v1/runners/{id}/assignments/{assignmentId}': 'administrator',
  'POST /api/v1/users': 'administrator',
  'PATCH /api/v1/users/{id}': 'administrator',
  'POST /api/v1/service-principals': 'administrator',
  'PATCH /api/v1/service-principals/{id}': 'administrator',
  'DELETE /api/v1/service-principals/{id}': 'administrator',
  'POST /api/v1/service-principals/{id}/rotate-secret': 'administrator',
  'POST /api/v1/api-tokens': 'administrator',
  'DELETE /api/v1/api-tokens/{id}': 'administrator',
  'PUT /api/v1/attempts/{jobId}/{attempt}/plan': 'runner',
  'PUT /api/v1/attempts/{jobId}/{attempt}/outputs': 'runner',
};

/** Where who may is only decided once the body is right. */
const BODIES: Readonly<Record<string, object>> = { 'POST /api/v1/maintenance': { note: 'ended by the next route' } };

function refusedOf(least: (typeof LEAST)[string]): readonly Role[] {
  if (least === 'anybody') return [];
  return least === 'runner' ? ROLES : ROLES.slice(ROLES.indexOf(least as Role) + 1);
}

describe('every route that changes something', () => {
  test('is in the table: whoever adds one says who may', async () => {
    const { paths } = (await server.request<OpenApiDocument>('GET', '/api/openapi.json')).body;
    const changing = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => method !== 'get')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(changing.sort()).toEqual(Object.keys(LEAST).sort());
  });

  test.each(Object.entries(LEAST).filter(([, least]) => least !== 'nobody needed'))(
    '%s is for the role %s and those above, and for nobody without a token',
    async (route, least) => {
      const [method = '', described = ''] = route.split(' ');
      const path = described.replaceAll(/\{\w+\}/g, randomUUID());
      const statusFor = async (as: string | null): Promise<number> =>
        (await server.request(method, path, method === 'DELETE' ? undefined : (BODIES[route] ?? {}), { token: as }))
          .status;
      expect(await statusFor(null)).toBe(401);
      // nothing of this is there, or the body lacks everything: whoever may is told that instead
      const refused = [];
      for (const role of ROLES) if ((await statusFor(token[role])) === 403) refused.push(role);
      expect(refused).toEqual(refusedOf(least));
    },
  );
});

describe('many jobs at once', () => {
  const bulk = async (what: 'cancel' | 'retry', body: object, as?: string) =>
    server.request<{ items: BulkOutcome[] } & Problem>(
      'POST',
      `/api/v1/jobs/bulk/${what}`,
      body,
      as ? { token: as } : {},
    );

  test('are canceled, each for itself, with an outcome for each in their order', async () => {
    const jobs = [await submitJob(server), await submitJob(server), await submitJob(server)];
    await server.request('POST', `/api/v1/jobs/${jobs[1]}/cancel`);
    const missing = randomUUID();
    const { status, body } = await bulk('cancel', { ids: [jobs[0], jobs[1], missing, jobs[2]], mode: 'kill' });
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { id: jobs[0], ok: true, job: { id: jobs[0], state: 'canceled' } },
      { id: jobs[1], ok: false, status: 409, code: 'job_already_finished' },
      { id: missing, ok: false, status: 404, code: 'job_not_found' },
      { id: jobs[2], ok: true, job: { state: 'canceled' } },
    ]);
  });

  test('are retried, those that have ended', async () => {
    const [ended, open] = [await submitJob(server), await submitJob(server)];
    await server.request('POST', `/api/v1/jobs/${ended}/cancel`);
    const { items } = (await bulk('retry', { ids: [ended, open] })).body;
    expect(items).toMatchObject([
      { id: ended, ok: true, job: { retryOf: ended, state: 'queued' } },
      { id: open, ok: false, status: 409, code: 'job_not_finished' },
    ]);
    expect((items[0] as { job: JobSummary }).job.id).not.toBe(ended);
  });

  test('of another organization look like missing ones and stay as they are', async () => {
    const job = await submitJob(server);
    expect((await bulk('cancel', { ids: [job] }, stranger)).body.items).toMatchObject([{ id: job, status: 404 }]);
    expect(await stateOf(job)).toBe('queued');
  });

  test.each<[object]>([
    [{ ids: [] }],
    [{ ids: ['not-an-id'] }],
    [{ ids: 'all' }],
    [{ ids: Array.from({ length: 201 }, () => randomUUID()) }],
    [{ ids: ['0197a000-0000-7000-8000-000000000001', '0197a000-0000-7000-8000-000000000001'] }],
    [{}],
  ])('are refused as %#', async (body) => {
    const answer = await bulk('cancel', body);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, expect.stringMatching(/^ids/)]);
  });
});

describe('the list of jobs', () => {
  const listed = async (query: string): Promise<string[]> =>
    (await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?limit=200&${query}`)).body.items.map(({ id }) => id);

  test('is narrowed to a module and to a stretch of time', async () => {
    const { stackId, namespaceId, moduleId } = await insertHierarchy(client, await defaultOrganization(client), 'prod');
    const scope = { stackId, namespaceId, moduleId };
    const [before, inside] = [await submitJob(server, { scope }), await submitJob(server, { scope })];
    const plain = await submitJob(server);
    expect(await listed(`module=${moduleId}`)).toEqual([inside, before]);
    expect(await listed('module=prod/network/vpc&state=queued')).toEqual([inside, before]);
    expect(await listed('module=prod/network')).toEqual([inside, before]);
    expect(await listed('module=prod&state=queued')).toEqual([inside, before]);
    for (const other of ['prod/network/other', 'prod/other', 'other'])
      expect(await listed(`module=${other}`)).toEqual([]);
    // ids tell when they were made
    const at = (id: JobId): string => new Date(parseInt(id.replace('-', '').slice(0, 12), 16)).toISOString();
    const from = await listed(`from=${at(inside)}`);
    expect([from.includes(plain), from.includes(inside)]).toEqual([true, true]);
    expect(await listed(`from=${at(inside)}&to=${at(inside)}`)).toEqual([]);
    expect(await listed('to=2001-01-01T00:00:00Z')).toEqual([]);
    const { status, body } = await server.request<Problem>('GET', '/api/v1/jobs?from=yesterday');
    expect([status, body.errors?.[0]?.path]).toEqual([400, 'from']);
  });

  test('has views that their owner saves, replaces and deletes, and nobody else sees', async () => {
    const as = { token: token.viewer };
    const save = (name: string, query: string) =>
      server.request<JobViewView>('POST', '/api/v1/job-views', { name, query }, as);
    const names = async (asWhom: string) =>
      (
        await server.request<Page<JobViewView>>('GET', '/api/v1/job-views', undefined, { token: asWhom })
      ).body.items.map(({ name, query }) => `${name}: ${query}`);
    await save('mine', 'state=failed');
    const replaced = await save('mine', 'state=failed&q=deploy%20it');
    await save('Also', 'runner=pool');
    expect(await names(token.viewer)).toEqual(['Also: runner=pool', 'mine: state=failed&q=deploy%20it']);
    expect([await names(token.owner), await names(stranger)]).toEqual([[], []]);
    const path = `/api/v1/job-views/${replaced.body.id}`;
    expect((await server.request('DELETE', path)).status).toBe(404);
    expect((await server.request('DELETE', path, undefined, as)).status).toBe(204);
    expect(await names(token.viewer)).toEqual(['Also: runner=pool']);
    for (const [name, query] of [
      ['', 'a=b'],
      ['x', 'a b'],
      ['x', 'a'.repeat(1_001)],
    ] as const) {
      expect((await save(name, query)).status).toBe(400);
    }
    for (let count = 1; count < 50; count += 1) await save(`view ${count}`, '');
    expect((await save('one too many', '')).status).toBe(409);
    expect((await save('Also', 'runner=other')).status).toBe(201);
  });
});

describe('the connections of an instance', () => {
  test('are told with reason and code, the planned ones apart, to the organization alone', async () => {
    const runner = await createRunner(server, { name: 'history' });
    const path = `/api/v1/runners/${runner.runnerId}/instances/i-0/connections`;
    const history = async (query = '') => (await server.request<Page<ConnectionView>>('GET', path + query)).body;
    const until = (count: number) => eventually(history, ({ items }) => items.length === count);

    const first = await FakeRunner.online(server, runner, { instance: 'i-0' });
    expect((await history()).items).toEqual([]);
    first.socket.io.engine.close();
    await until(1);
    (await FakeRunner.online(server, runner, { instance: 'i-0' })).socket.disconnect();
    await until(2);
    const drained = await FakeRunner.online(server, runner, { instance: 'i-0' });
    await server.request('POST', `/api/v1/runners/${runner.runnerId}/drain`);
    drained.socket.io.engine.close();
    const { items } = await until(3);
    expect(items.map(({ planned }) => planned)).toEqual([true, true, false]);
    expect(items[1]).toMatchObject({ reason: 'the runner disconnected' });
    expect(items[2]).toMatchObject({ reason: expect.stringMatching(/^the connection was lost/), closeCode: 1005 });
    for (const { connectedAt, disconnectedAt } of items) {
      expect(Date.parse(disconnectedAt)).toBeGreaterThanOrEqual(Date.parse(connectedAt));
    }
    const page = await history('?limit=2');
    expect(page.items).toEqual(items.slice(0, 2));
    expect((await history(`?limit=2&cursor=${page.nextCursor}`)).items).toEqual(items.slice(2));

    expect((await server.request('GET', path, undefined, { token: token.viewer })).status).toBe(200);
    expect((await server.request('GET', path, undefined, { token: stranger })).status).toBe(404);
    expect((await server.request('GET', path.replace('i-0', 'i-1'))).status).toBe(404);
  });

  test('tell the code also when the server spoke into a connection that was closing', async () => {
    const runner = await createRunner(server, { name: 'interrupted' });
    const fake = await FakeRunner.online(server, runner, { instance: 'i-0' });
    const path = `/api/v1/runners/${runner.runnerId}`;
    const closing = fake.socket.io.engine.transport as unknown as { ws: WebSocket & { pause(): void } };
    closing.ws.close();
    // its end of the connection stays open, whatever the server answers
    closing.ws.pause();
    const { items } = await eventually(
      async () => {
        for (const method of ['POST', 'DELETE']) await server.request(method, `${path}/drain`);
        return (await server.request<Page<ConnectionView>>('GET', `${path}/instances/i-0/connections`)).body;
      },
      ({ items }) => items.length === 1,
    );
    expect(items).toMatchObject([{ reason: expect.stringMatching(/^the connection was lost/), closeCode: 1005 }]);
  });

  test('include one whose loss was never noticed', async () => {
    const runner = await createRunner(server, { name: 'unnoticed' });
    const fake = await FakeRunner.online(server, runner, { instance: 'i-0' });
    const path = `/api/v1/runners/${runner.runnerId}/instances/i-0/connections`;
    const again = await FakeRunner.online(server, runner, { instance: 'i-0', bootId: fake.bootId });
    const { items } = (await server.request<Page<ConnectionView>>('GET', path)).body;
    expect(items).toMatchObject([{ planned: false, closeCode: null, reason: expect.stringContaining('anew') }]);
    again.close();
  });
});
