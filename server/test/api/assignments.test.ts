import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@dibs/shared';
import type {
  AssignmentView,
  AuditEventView,
  JobScope,
  OrganizationId,
  Page,
  Problem,
  Role,
  RunnerAssignments,
  RunnerCreated,
  RunnerView,
} from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { AssignmentRepository } from '../../src/runners/assignment.repository.js';
import { ScopeService } from '../../src/stacks/scope.service.js';
import { createOrganization, insertApiToken, withClient, type OtherOrganization } from '../support/access-fixtures.js';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { defaultOrganization } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let organizationId: OrganizationId;
let other: OtherOrganization;
let own: Hierarchy;
let second: Hierarchy;
let foreign: Hierarchy;
const token = {} as Record<Role, string>;

beforeAll(async () => {
  server = await startTestServer();
  other = await createOrganization(server.databaseUrl);
  await withClient(server.databaseUrl, async (client) => {
    organizationId = await defaultOrganization(client);
    own = await insertHierarchy(client, organizationId, 'prod');
    second = await insertHierarchy(client, organizationId, 'stage');
    foreign = await insertHierarchy(client, other.id, 'prod');
    for (const role of ROLES) token[role] = await insertApiToken(client, organizationId, role);
  });
});
afterAll(() => server.stop());

let sequence = 0;
async function newRunner(body: object = {}): Promise<RunnerCreated> {
  const reply = await server.request<RunnerCreated>('POST', '/api/v1/runners', { name: `a-${++sequence}`, ...body });
  expect(reply.status).toBe(201);
  return reply.body;
}

const path = (runnerId: string): string => `/api/v1/runners/${runnerId}/assignments`;
const list = async (runnerId: string): Promise<RunnerAssignments> =>
  (await server.request<RunnerAssignments>('GET', path(runnerId))).body;

describe('assignments of a runner', () => {
  test('are made, listed with their paths, counted and taken back', async () => {
    const { id } = await newRunner({ isAssignedToAllModules: false });
    const bodies = [
      { moduleId: own.moduleId },
      { namespaceId: own.namespaceId },
      { stackId: own.stackId.toUpperCase() },
    ];
    const made: AssignmentView[] = [];
    for (const body of bodies) {
      const reply = await server.request<AssignmentView>('POST', path(id), body);
      expect(reply.status).toBe(201);
      made.push(reply.body);
    }
    expect(made.map(({ kind, targetId, path }) => [kind, targetId, path])).toEqual([
      ['module', own.moduleId, 'prod/network/vpc'],
      ['namespace', own.namespaceId, 'prod/network'],
      ['stack', own.stackId, 'prod'],
    ]);
    const listed = await list(id);
    expect(listed.isAssignedToAllModules).toBe(false);
    expect(listed.items.map((item) => item.path)).toEqual(['prod', 'prod/network', 'prod/network/vpc']);
    expect((await server.request<RunnerView>('GET', `/api/v1/runners/${id}`)).body.assignments).toBe(3);

    expect((await server.request('DELETE', `${path(id)}/${made[0]!.id}`)).status).toBe(204);
    expect((await server.request('DELETE', `${path(id)}/${made[0]!.id}`)).status).toBe(404);
    expect((await list(id)).items).toHaveLength(2);
  });

  test('made twice are the same one, also at the same moment', async () => {
    const { id } = await newRunner();
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => server.request<AssignmentView>('POST', path(id), { stackId: own.stackId })),
    );
    expect(replies.map((reply) => reply.status)).toEqual(Array(8).fill(201));
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(1);
    expect((await list(id)).items).toHaveLength(1);
  });

  test('cannot be told apart when their target is foreign or missing', async () => {
    const { id } = await newRunner();
    const bodies = [
      { stackId: foreign.stackId },
      { stackId: randomUUID() },
      { namespaceId: foreign.namespaceId },
      { moduleId: foreign.moduleId },
      // there, but no module
      { moduleId: own.stackId },
    ];
    const replies = [];
    for (const body of bodies) replies.push(await server.request<Problem>('POST', path(id), body));
    expect(replies.map((reply) => reply.status)).toEqual(bodies.map(() => 404));
    expect(new Set(replies.map(({ body: { code, detail, title } }) => `${code} ${title} ${detail}`)).size).toBe(1);
    expect((await list(id)).items).toEqual([]);
  });

  test('cannot be taken from another runner of the organization, nor by another organization', async () => {
    const [one, two] = [await newRunner(), await newRunner()];
    const { body } = await server.request<AssignmentView>('POST', path(one.id), { stackId: own.stackId });
    expect((await server.request('DELETE', `${path(two.id)}/${body.id}`)).status).toBe(404);
    const asOther = { token: other.token.owner };
    expect((await server.request('DELETE', `${path(one.id)}/${body.id}`, undefined, asOther)).status).toBe(404);
    expect((await server.request('POST', path(one.id), { stackId: foreign.stackId }, asOther)).status).toBe(404);
    expect((await server.request('GET', path(one.id), undefined, asOther)).status).toBe(404);
    expect((await list(one.id)).items).toHaveLength(1);
  });

  test('are for administrators to change and for everybody to see', async () => {
    const { id } = await newRunner();
    const { body } = await server.request<AssignmentView>('POST', path(id), { stackId: own.stackId });
    for (const role of ['viewer', 'operator'] as const) {
      const as = { token: token[role] };
      expect((await server.request('GET', path(id), undefined, as)).status).toBe(200);
      expect((await server.request('POST', path(id), { stackId: second.stackId }, as)).status).toBe(403);
      expect((await server.request('DELETE', `${path(id)}/${body.id}`, undefined, as)).status).toBe(403);
    }
    expect((await server.request('GET', path(id), undefined, { token: null })).status).toBe(401);
    const asAdministrator = { token: token.administrator };
    expect((await server.request('POST', path(id), { stackId: second.stackId }, asAdministrator)).status).toBe(201);
  });

  test.each([
    {},
    { stackId: null },
    { stackId: 'x' },
    { stackId: ['a'] },
    { stackId: randomUUID(), moduleId: randomUUID() },
    { runnerId: randomUUID(), stackId: randomUUID() },
    [],
  ])('refuse %j', async (body) => {
    const { id } = await newRunner();
    expect((await server.request('POST', path(id), body)).status).toBe(400);
  });

  test.each(['x', '..%2fx', '0', '%F0%9F%92%A9'])('answer 404 for the id %s', async (id) => {
    const runner = await newRunner();
    expect((await server.request('DELETE', `${path(runner.id)}/${id}`)).status).toBe(404);
    expect((await server.request('GET', `/api/v1/runners/${id}/assignments`)).status).toBe(404);
  });

  test('are told to live sessions and recorded', async () => {
    const { id, name } = await newRunner({ isAssignedToAllModules: false, priority: 7 });
    const told: string[] = [];
    const end = server.app.get(EventBus).on('runner.changed', ({ runnerId }) => told.push(runnerId));
    const { body } = await server.request<AssignmentView>('POST', path(id), { moduleId: own.moduleId });
    await server.request('POST', path(id), { moduleId: own.moduleId });
    expect(told).toEqual([id]);
    const standings = await server.app.get(AssignmentRepository).standings([id]);
    expect(standings.get(id)).toEqual({
      name,
      priority: 7,
      assignments: {
        everything: false,
        stackIds: new Set(),
        namespaceIds: new Set(),
        moduleIds: new Set([own.moduleId]),
      },
    });
    await server.request('DELETE', `${path(id)}/${body.id}`);
    expect(told).toEqual([id, id]);
    end();
    const { items } = (await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=10')).body;
    const actions = items.filter((item) => item.target === id).map((item) => item.action);
    expect(actions).toEqual(['runner.unassigned', 'runner.assigned', 'runner.created']);
  });

  test('go with their stack', async () => {
    const { id } = await newRunner();
    const gone = await withClient(server.databaseUrl, (client) =>
      insertHierarchy(client, organizationId, 'short-lived'),
    );
    await server.request('POST', path(id), { moduleId: gone.moduleId });
    await withClient(server.databaseUrl, (client) => client.query('DELETE FROM stacks WHERE id = $1', [gone.stackId]));
    expect((await list(id)).items).toEqual([]);
  });
});

describe('the priority of a runner', () => {
  test('is given, changed and shown', async () => {
    const { id, priority } = await newRunner();
    expect(priority).toBe(0);
    const patched = await server.request<RunnerView>('PATCH', `/api/v1/runners/${id}`, { priority: -100 });
    expect([patched.status, patched.body.priority]).toEqual([200, -100]);
    expect((await newRunner({ priority: 100 })).priority).toBe(100);
  });

  test.each([101, -101, 0.5, '1', null, 1e300])('is not %j', async (priority) => {
    const { id } = await newRunner();
    const reply = await server.request<Problem>('PATCH', `/api/v1/runners/${id}`, { priority });
    expect([reply.status, reply.body.errors?.[0]?.path]).toEqual([400, 'priority']);
    expect((await server.request('POST', '/api/v1/runners', { name: 'never', priority })).status).toBe(400);
  });
});

describe('the scope of a job', () => {
  const scope = (from: Hierarchy, depth: 1 | 2 | 3): JobScope => ({
    stackId: from.stackId,
    namespaceId: depth > 1 ? from.namespaceId : null,
    moduleId: depth > 2 ? from.moduleId : null,
  });
  const resolve = (...scopes: (JobScope | null)[]) => server.app.get(ScopeService).resolve(organizationId, scopes);

  test('is found at every depth, in order, and in the spelling of the database', async () => {
    const shouted = { ...scope(own, 3), moduleId: own.moduleId.toUpperCase() };
    const asked = [scope(own, 2), null, shouted, scope(second, 1), scope(own, 2)];
    expect(await resolve(...asked)).toEqual([scope(own, 2), null, scope(own, 3), scope(second, 1), scope(own, 2)]);
  });

  test('implies the outer parts', async () => {
    expect(await resolve({ ...scope(own, 3), namespaceId: null })).toEqual([scope(own, 3)]);
  });

  test.each<[string, () => JobScope]>([
    ['missing', () => ({ stackId: randomUUID(), namespaceId: null, moduleId: null })],
    ['foreign', () => scope(foreign, 3)],
    ['a foreign module in a stack of ours', () => ({ ...scope(own, 3), moduleId: foreign.moduleId })],
    ['a namespace of another stack', () => ({ ...scope(own, 2), namespaceId: second.namespaceId })],
    ['a module of another namespace', () => ({ ...scope(own, 3), moduleId: second.moduleId })],
    ['a missing module', () => ({ ...scope(own, 3), moduleId: randomUUID() })],
  ])('is refused when it is %s, without telling which', async (_what, asked) => {
    await expect(resolve(scope(own, 1), asked())).rejects.toMatchObject({
      status: 422,
      code: 'unknown_scope',
      detail: 'The scope names a stack, namespace or module that does not exist.',
    });
  });
});
