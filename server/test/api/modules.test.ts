import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  AuditEventView,
  EffectiveSettings,
  HierarchyNodeSummary,
  HierarchyNodeView,
  JobExplanation,
  OrganizationSettingsView,
  Page,
  Problem,
  Role,
  RoleGrantView,
  ServicePrincipalCreated,
} from '@dibs/shared';
import type pg from 'pg';
import { permissionsOf } from '../../src/domain/access/permissions.js';
import { createRunner, FakeRunner, submitJob } from '../support/fake-runner.js';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, makeTenant, makeToken, type Tenant } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let stranger: Tenant;
let foreign: Hierarchy;

beforeAll(async () => {
  // at full scale, so that no runner goes offline while a test looks
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  stranger = await makeTenant(client);
  foreign = await insertHierarchy(client, stranger.organizationId, 'prod');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

type Answer = HierarchyNodeView & Problem;
const call = (method: string, path: string, body?: object, token?: string) =>
  server.request<Answer>(method, `/api/v1/${path}`, body, token === undefined ? {} : { token });

let sequence = 0;
const freshName = (): string => `n-${++sequence}`;

async function made(path: string, body: object = { name: freshName() }): Promise<HierarchyNodeView> {
  const answer = await call('POST', path, body);
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return answer.body;
}

interface Tree {
  readonly stack: HierarchyNodeView;
  readonly namespace: HierarchyNodeView;
  readonly module: HierarchyNodeView;
}

async function newTree(): Promise<Tree> {
  const stack = await made('stacks');
  const namespace = await made(`stacks/${stack.id}/namespaces`);
  return { stack, namespace, module: await made(`namespaces/${namespace.id}/modules`) };
}

const NOWHERE = randomUUID();
const effective = async (path: string): Promise<EffectiveSettings> =>
  (await server.request<EffectiveSettings>('GET', `/api/v1/${path}/effective`)).body;

describe('stacks, namespaces and modules', () => {
  test('are made inside each other, found with their paths, renamed and deleted from the inside out', async () => {
    const { stack, namespace, module } = await newTree();
    expect(module).toMatchObject({
      kind: 'module',
      path: `${stack.name}/${namespace.name}/${module.name}`,
      scope: { stackId: stack.id, namespaceId: namespace.id, moduleId: module.id },
      settings: {},
    });
    expect(stack.scope).toEqual({ stackId: stack.id, namespaceId: null, moduleId: null });
    const renamed = await call('PATCH', `namespaces/${namespace.id}`, { name: 'renamed' });
    expect(renamed.body).toMatchObject({ name: 'renamed', path: `${stack.name}/renamed`, settings: {} });
    expect((await call('GET', `modules/${module.id}`)).body.path).toBe(`${stack.name}/renamed/${module.name}`);

    const refused = await call('DELETE', `stacks/${stack.id}`);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      'not_empty',
      'The stack has namespaces inside (1). Delete them first.',
    ]);
    expect((await call('DELETE', `namespaces/${namespace.id}`)).body.code).toBe('not_empty');
    for (const path of [`modules/${module.id}`, `namespaces/${namespace.id}`, `stacks/${stack.id}`]) {
      expect((await call('DELETE', path)).status).toBe(204);
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('DELETE', path)).status).toBe(404);
    }
    const { items } = (await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=20')).body;
    const told = items.filter(({ target }) => target === namespace.id).map(({ action }) => action);
    expect(told).toEqual(['namespace.deleted', 'namespace.updated', 'namespace.created']);
  });

  test('have names of their own in what they are in', async () => {
    const { stack, namespace, module } = await newTree();
    const [other, beside] = [await made('stacks'), await made(`namespaces/${namespace.id}/modules`)];
    for (const [path, name] of [
      ['stacks', stack.name],
      [`stacks/${stack.id}/namespaces`, namespace.name],
      [`namespaces/${namespace.id}/modules`, module.name],
    ] as const) {
      const { status, body } = await call('POST', path, { name });
      expect([status, body.code]).toEqual([409, 'name_taken']);
    }
    expect((await call('PATCH', `modules/${beside.id}`, { name: module.name })).body).toMatchObject({
      code: 'name_taken',
      detail: 'There is a module of this name in the namespace already.',
    });
    await made(`stacks/${other.id}/namespaces`, { name: namespace.name });
    expect((await call('POST', 'stacks', { name: stack.name }, stranger.token)).status).toBe(201);
  });

  test('are listed by name, in pages, those of the parent alone', async () => {
    const { id } = await made('stacks');
    for (const name of ['b', 'A', 'c', 'a-1']) await made(`stacks/${id}/namespaces`, { name });
    const page = async (query: string) =>
      (await server.request<Page<HierarchyNodeSummary>>('GET', `/api/v1/stacks/${id}/namespaces?${query}`)).body;
    const first = await page('limit=3');
    expect(first.items.map(({ name }) => name)).toEqual(['A', 'a-1', 'b']);
    expect(first.items[0]).not.toHaveProperty('settings');
    const second = await page(`limit=3&cursor=${first.nextCursor}`);
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['c'], null]);
    expect((await call('GET', `stacks/${id}/namespaces?cursor=Lw`)).body.code).toBe('invalid_cursor');
    const stacks = await server.request<Page<HierarchyNodeSummary>>('GET', '/api/v1/stacks?limit=200');
    expect(stacks.body.items.map((each) => each.id)).toContain(id);
    expect(stacks.body.items.map((each) => each.id)).not.toContain(foreign.stackId);
  });

  test.each<[string, string, object | null]>([
    ['GET', 'stacks/STACK', null],
    ['GET', 'stacks/STACK/effective', null],
    ['GET', 'stacks/STACK/namespaces', null],
    ['GET', 'namespaces/NAMESPACE', null],
    ['GET', 'namespaces/NAMESPACE/modules', null],
    ['GET', 'modules/MODULE', null],
    ['GET', 'modules/MODULE/effective', null],
    ['PATCH', 'stacks/STACK', { name: 'mine' }],
    ['PATCH', 'modules/MODULE', { settings: {} }],
    ['DELETE', 'modules/MODULE', null],
    ['POST', 'stacks/STACK/namespaces', { name: 'mine' }],
    ['POST', 'namespaces/NAMESPACE/modules', { name: 'mine' }],
  ])('of another organization look like missing ones: %s %s', async (method, path, sent) => {
    const body = sent ?? undefined;
    const at = (ids: Hierarchy) =>
      path.replace('STACK', ids.stackId).replace('NAMESPACE', ids.namespaceId).replace('MODULE', ids.moduleId);
    const nowhere = { stackId: NOWHERE, namespaceId: NOWHERE, moduleId: NOWHERE };
    const [theirs, missing] = [await call(method, at(foreign), body), await call(method, at(nowhere), body)];
    expect([theirs.status, theirs.body.code, theirs.body.detail]).toEqual([404, 'not_found', missing.body.detail]);
    // one kind is not found as another
    const mixed = { stackId: foreign.moduleId, namespaceId: foreign.stackId, moduleId: foreign.namespaceId };
    expect((await call(method, at(mixed), body, stranger.token)).status).toBe(404);
  });

  test('keep their jobs: none is deleted while one of them has not ended', async () => {
    const { stack, namespace, module } = await newTree();
    const inModule = await submitJob(server, { scope: module.scope });
    const refused = await call('DELETE', `modules/${module.id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'has_open_jobs']);
    await server.request('POST', `/api/v1/jobs/${inModule}/cancel`);
    expect((await call('DELETE', `modules/${module.id}`)).status).toBe(204);

    for (const node of [namespace, stack]) {
      const path = `${node.kind}s/${node.id}`;
      const job = await submitJob(server, { scope: node.scope });
      expect((await call('DELETE', path)).body.code).toBe('has_open_jobs');
      await server.request('POST', `/api/v1/jobs/${job}/cancel`);
      expect((await call('DELETE', path)).status).toBe(204);
    }
  });

  test('are never made in something that is deleted at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const stack = await made('stacks');
      const [deleted, child] = await Promise.all([
        call('DELETE', `stacks/${stack.id}`),
        call('POST', `stacks/${stack.id}/namespaces`, { name: 'late' }),
      ]);
      expect([
        [204, 404],
        [409, 201],
      ]).toContainEqual([deleted.status, child.status]);
    }
  });

  test.each<[object, string]>([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'a/b' }, 'name'],
    [{ name: '../x' }, 'name'],
    [{ name: 'x', organizationId: NOWHERE }, 'organizationId'],
    [{ name: 'x', settings: null }, 'settings'],
    [{ name: 'x', settings: [] }, 'settings'],
    [{ name: 'x', settings: { surprise: 1 } }, 'settings.surprise'],
    [{ name: 'x', settings: { engine: { name: 'make' } } }, 'settings.engine.name'],
    [{ name: 'x', settings: { engine: { name: 'tofu', version: 'newest' } } }, 'settings.engine.version'],
    [{ name: 'x', settings: { engine: 'tofu' } }, 'settings.engine'],
    [{ name: 'x', settings: { placement: { runner: '' } } }, 'settings.placement.runner'],
    [{ name: 'x', settings: { placement: { instance: 'a\u001b[2J' } } }, 'settings.placement.instance'],
    [{ name: 'x', settings: { labels: { 'a b': 'c' } } }, 'settings.labels'],
    [{ name: 'x', settings: { timeoutSeconds: 0 } }, 'settings.timeoutSeconds'],
    [{ name: 'x', settings: { queueTimeoutSeconds: '60' } }, 'settings.queueTimeoutSeconds'],
  ])('are not made of %j', async (body, path) => {
    const answer = await call('POST', 'stacks', body);
    expect([answer.status, answer.body.errors?.map((error) => error.path)]).toEqual([400, [path]]);
  });
});

describe('settings', () => {
  test('are inherited from the organization down, and every value says where it comes from', async () => {
    const { stack, namespace, module } = await newTree();
    const organization = { timeoutSeconds: 100, queueTimeoutSeconds: 200, labels: { zone: 'eu' } };
    const set = await server.request<OrganizationSettingsView>('PATCH', '/api/v1/organization/module-settings', {
      settings: organization,
    });
    expect([set.status, set.body.settings]).toEqual([200, organization]);
    await call('PATCH', `stacks/${stack.id}`, {
      settings: {
        engine: { name: 'terraform', version: '>=1.5 <2' },
        placement: { runner: 'pool', instance: 'pool-0' },
      },
    });
    await call('PATCH', `namespaces/${namespace.id}`, { settings: { timeoutSeconds: 300 } });
    const changed = await call('PATCH', `modules/${module.id}`, { settings: { placement: {}, labels: {} } });
    expect(changed.body.settings).toEqual({ placement: { runner: null, instance: null }, labels: {} });

    expect(await effective(`modules/${module.id}`)).toEqual({
      engine: { value: { name: 'terraform', version: '>=1.5 <2' }, origin: 'stack' },
      placement: { value: { runner: null, instance: null }, origin: 'module' },
      labels: { value: {}, origin: 'module' },
      timeoutSeconds: { value: 300, origin: 'namespace' },
      queueTimeoutSeconds: { value: 200, origin: 'organization' },
      variables: {},
      environment: {},
      files: {},
      source: { value: null, origin: 'default' },
      backend: { value: {}, origin: 'default' },
      flags: { value: {}, origin: 'default' },
      workspace: { value: null, origin: 'default' },
      approval: { value: { when: 'changes', expiresAfterSeconds: 604_800 }, origin: 'default' },
      triggerOnUpstreamOutputChanged: { value: false, origin: 'default' },
      triggerOnDefinitionChanged: { value: false, origin: 'default' },
      triggerOnSourceChanged: { value: false, origin: 'default' },
      sourcePolling: { value: { everySeconds: 300 }, origin: 'default' },
      hooks: {},
    });
    expect((await effective(`stacks/${stack.id}`)).timeoutSeconds).toEqual({ value: 100, origin: 'organization' });

    await call('PATCH', `modules/${module.id}`, { settings: { placement: null, labels: null } });
    expect((await call('GET', `modules/${module.id}`)).body.settings).toEqual({});
    expect((await effective(`modules/${module.id}`)).placement.origin).toBe('stack');
    await server.request('PATCH', '/api/v1/organization/module-settings', {
      settings: { timeoutSeconds: null, queueTimeoutSeconds: null, labels: null },
    });
    expect((await effective(`modules/${module.id}`)).queueTimeoutSeconds).toEqual({ value: 86_400, origin: 'default' });
    const theirs = await server.request<OrganizationSettingsView>(
      'GET',
      '/api/v1/organization/module-settings',
      undefined,
      { token: stranger.token },
    );
    expect(theirs.body.settings).toEqual({});
  });

  test('of different properties, changed at the same moment, all stay', async () => {
    const { module } = await newTree();
    const patches = [
      { timeoutSeconds: 5 },
      { queueTimeoutSeconds: 6 },
      { labels: { a: 'b' } },
      { engine: { name: 'tofu' } },
    ];
    await Promise.all(patches.map((settings) => call('PATCH', `modules/${module.id}`, { settings })));
    expect((await call('GET', `modules/${module.id}`)).body.settings).toEqual({
      timeoutSeconds: 5,
      queueTimeoutSeconds: 6,
      labels: { a: 'b' },
      engine: { name: 'tofu', version: null },
    });
  });
});

test('a job of a module is for the runners assigned to it, to what it is in, and to everything', async () => {
  const [tree, other] = [await newTree(), await newTree()];
  const online = async (...targets: object[]): Promise<FakeRunner> => {
    const runner = await createRunner(server, { isAssignedToAllModules: targets.length === 0 });
    for (const target of targets) await call('POST', `runners/${runner.runnerId}/assignments`, target);
    return FakeRunner.online(server, runner);
  };
  const assigned = [
    await online(),
    await online({ stackId: tree.stack.id }),
    await online({ namespaceId: tree.namespace.id }),
    await online({ stackId: other.stack.id }, { moduleId: tree.module.id }),
  ];
  const elsewhere = [
    await online({ stackId: other.stack.id }),
    await online({ moduleId: (await made(`namespaces/${tree.namespace.id}/modules`)).id }),
  ];
  const id = await submitJob(server, { scope: tree.module.scope });
  for (const runner of assigned) await runner.offerOf(id);
  for (const runner of elsewhere) expect(await runner.claim(id)).toMatchObject({ ok: false });

  const { body } = await server.request<JobExplanation>('GET', `/api/v1/jobs/${id}/explain`);
  // whoever leaves offers unanswered is soon called unresponsive, which is another rule
  const isRefused = ({ instance }: FakeRunner) =>
    body.runners.find((each) => each.instance === instance)?.rule === 'not_assigned';
  expect([assigned.map(isRefused), elsewhere.map(isRefused)]).toEqual([
    [false, false, false, false],
    [true, true],
  ]);
  for (const runner of [...assigned, ...elsewhere]) runner.close();
  await server.request('POST', `/api/v1/jobs/${id}/cancel`);
});

describe('role grants', () => {
  /** An API token of the organization, and the id by which it is granted roles. */
  async function newToken(role: Role): Promise<{ token: string; grantee: RoleGrantView['grantee'] }> {
    const token = await makeToken(client, await defaultOrganization(client), role);
    const { body } = await server.request<{ id: string; name: string }>('GET', '/api/v1/session', undefined, { token });
    return { token, grantee: { kind: 'apiToken', id: body.id, name: body.name } };
  }
  const grant = (path: string, { id, kind }: RoleGrantView['grantee'], role: string, token?: string) =>
    call('POST', `${path}/role-grants`, { role, grantee: { id, kind } }, token);

  test('hold for a stack and all inside it, nowhere else, and no longer than they are there', async () => {
    const [tree, other] = [await newTree(), await newTree()];
    const { token, grantee } = await newToken('viewer');
    const patch = async ({ id, kind }: HierarchyNodeView) =>
      (await call('PATCH', `${kind}s/${id}`, { settings: { timeoutSeconds: 9 } }, token)).status;
    const all = async () => [await patch(tree.stack), await patch(tree.namespace), await patch(tree.module)];
    expect(await all()).toEqual([403, 403, 403]);

    const made = await grant(`namespaces/${tree.namespace.id}`, grantee, 'administrator');
    expect(made.body).toMatchObject({ role: 'administrator', grantee });
    expect([await all(), await patch(other.module)]).toEqual([[403, 200, 200], 403]);
    const raised = await grant(`stacks/${tree.stack.id}`, grantee, 'administrator');
    expect([await all(), await patch(other.stack)]).toEqual([[200, 200, 200], 403]);
    expect((await call('POST', 'stacks', { name: 'mine' }, token)).status).toBe(403);

    expect((await call('DELETE', `stacks/${tree.stack.id}/role-grants/${raised.body.id}`)).status).toBe(204);
    expect((await call('DELETE', `stacks/${tree.stack.id}/role-grants/${raised.body.id}`)).status).toBe(404);
    expect(await all()).toEqual([403, 200, 200]);
    const { items } = (
      await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?action=role_grant.created,role_grant.deleted')
    ).body;
    expect(items.filter(({ target }) => target === grantee.id).map(({ action }) => action)).toEqual([
      'role_grant.deleted',
      'role_grant.created',
      'role_grant.created',
    ]);
  });

  test('are managed by who is administrator there, listed, and replaced when made again', async () => {
    const { stack, namespace, module } = await newTree();
    const [boss, colleague] = [await newToken('operator'), await newToken('viewer')];
    await grant(`stacks/${stack.id}`, boss.grantee, 'administrator');
    const first = await grant(`modules/${module.id}`, colleague.grantee, 'operator', boss.token);
    const again = await grant(`modules/${module.id}`, colleague.grantee, 'administrator', boss.token);
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    const list = (path: string, token?: string) =>
      server.request<Page<RoleGrantView>>('GET', `/api/v1/${path}/role-grants`, undefined, token ? { token } : {});
    expect((await list(`modules/${module.id}`, boss.token)).body.items).toMatchObject([
      { id: first.body.id, role: 'administrator', grantee: colleague.grantee },
    ]);
    expect((await list(`namespaces/${namespace.id}`)).body.items).toEqual([]);
    // of the namespace the colleague is a viewer still
    expect((await list(`namespaces/${namespace.id}`, colleague.token)).status).toBe(403);
    expect((await grant(`namespaces/${namespace.id}`, colleague.grantee, 'operator', colleague.token)).status).toBe(
      403,
    );
    // not of this node, although of the organization
    expect((await call('DELETE', `stacks/${stack.id}/role-grants/${first.body.id}`)).status).toBe(404);
  });

  test('of operators are for the jobs of what they are at', async () => {
    const { module } = await newTree();
    const { token, grantee } = await newToken('viewer');
    const [inside, outside] = [await submitJob(server, { scope: module.scope }), await submitJob(server)];
    const cancel = async (id: string) =>
      (await server.request('POST', `/api/v1/jobs/${id}/cancel`, undefined, { token })).status;
    const told = async (path: string) => (await call('GET', path, undefined, token)).body.permissions;
    expect(await cancel(inside)).toBe(403);
    expect(await told(`modules/${module.id}`)).toEqual(permissionsOf('viewer'));
    await grant(`modules/${module.id}`, grantee, 'operator');
    expect(await told(`modules/${module.id}`)).toEqual(permissionsOf('operator'));
    expect(await told(`stacks/${module.scope.stackId}`)).toEqual(permissionsOf('viewer'));
    expect([await cancel(inside), await cancel(outside)]).toEqual([202, 403]);
    expect((await call('PATCH', `modules/${module.id}`, { name: 'mine' }, token)).status).toBe(403);
  });

  test('are for who could sign in, of the organization alone', async () => {
    const { stack } = await newTree();
    const runner = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
      name: 'of a runner',
      role: null,
    });
    const { grantee } = await newToken('viewer');
    const theirs = (
      await server.request<{ id: string }>('GET', '/api/v1/session', undefined, { token: stranger.token })
    ).body.id;
    const refused = [
      { kind: 'servicePrincipal', id: runner.body.id },
      { kind: 'apiToken', id: theirs },
      { kind: 'user', id: grantee.id },
      { kind: 'apiToken', id: NOWHERE },
    ];
    for (const who of refused) {
      const { status, body } = await call('POST', `stacks/${stack.id}/role-grants`, { role: 'operator', grantee: who });
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
    expect((await grant(`stacks/${foreign.stackId}`, grantee, 'operator')).status).toBe(404);
    for (const role of ['owner', 'viewer', 'root']) {
      const { status, body } = await grant(`stacks/${stack.id}`, grantee, role);
      expect([status, body.errors?.[0]?.path]).toEqual([400, 'role']);
    }
  });
});
