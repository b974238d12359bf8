import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEventView, EffectiveSettings, HierarchyNodeView, Page, Problem } from '@dibs/shared';
import type pg from 'pg';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, makeTenant } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let own: Hierarchy;
let other: Hierarchy;
let foreign: Hierarchy;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  own = await insertHierarchy(client, await defaultOrganization(client), 'prod');
  other = await insertHierarchy(client, await defaultOrganization(client), 'stage');
  foreign = await insertHierarchy(client, (await makeTenant(client)).organizationId, 'prod');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const call = (method: string, path: string, body?: object) =>
  server.request<HierarchyNodeView & Problem>(method, `/api/v1/${path}`, body);
const set = (path: string, settings: object) => call('PATCH', path, { settings });
const SECRETS = ['planted-secret-one', 'planted-secret-two', 'planted-secret-three'] as const;

/** All that the database holds in clear, of every table that settings could end up in. */
async function stored(): Promise<string> {
  const tables = ['organizations', 'stacks', 'namespaces', 'modules', 'audit_events', 'output_references'];
  const rows = [];
  for (const table of tables) {
    rows.push((await client.query(`SELECT to_jsonb(t)::text AS row, t::text AS plain FROM ${table} t`)).rows);
  }
  return JSON.stringify(rows);
}

test('secrets are taken at every level, told as such, and are nowhere in clear', async () => {
  const module = `modules/${own.moduleId}`;
  const [one, two, three] = SECRETS;
  const answers = [
    await set('organization/module-settings', { environment: { TOKEN: { type: 'secret', value: one } } }),
    await set(`namespaces/${own.namespaceId}`, { variables: { key: { type: 'secret', value: two } } }),
    await set(module, {
      variables: { key: { type: 'namespace', name: 'key' }, own: { type: 'secret', value: three } },
    }),
    await call('POST', 'stacks', { name: 'new', settings: { variables: { a: { type: 'secret', value: one } } } }),
    await call('GET', module),
    await set(module, { timeoutSeconds: 5 }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 201, 200, 200]);
  const { body: effective } = await server.request<EffectiveSettings>('GET', `/api/v1/${module}/effective`);
  expect([effective.variables, effective.environment]).toEqual([
    {
      key: { value: { type: 'secret' }, origin: 'namespace', name: 'key' },
      own: { value: { type: 'secret' }, origin: 'module', name: 'own' },
    },
    { TOKEN: { value: { type: 'secret' }, origin: 'organization', name: 'TOKEN' } },
  ]);
  const { body: audit } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?action=module.updated');
  expect(audit.items.map(({ data }) => data.settings)).toEqual([{ timeoutSeconds: 5 }, { variables: ['key', 'own'] }]);
  const seen = JSON.stringify([answers.map(({ body }) => body), effective, audit]) + (await stored());
  for (const secret of SECRETS) {
    for (const form of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')]) {
      expect(seen).not.toContain(form);
    }
  }
  const sealed = async (): Promise<Buffer | null> =>
    (
      await client.query<{ sealed: Buffer | null }>('SELECT sealed_settings AS sealed FROM modules WHERE id = $1', [
        own.moduleId,
      ])
    ).rows[0]!.sealed;
  expect(await sealed()).not.toBeNull();
  await set(module, { variables: { own: null, key: null } });
  expect([await sealed(), (await call('GET', module)).body.settings]).toEqual([null, { timeoutSeconds: 5 }]);
});

test('outputs are those of modules of the organization, which stay while they are taken', async () => {
  const taken = (moduleId: string) => ({ variables: { vpc: { type: 'output', moduleId, output: 'id' } } });
  const module = `modules/${own.moduleId}`;
  for (const moduleId of [foreign.moduleId, own.stackId]) {
    const { status, body } = await set(module, taken(moduleId));
    expect([status, body.code]).toEqual([422, 'unknown_module']);
  }
  const itself = await set(module, taken(own.moduleId));
  expect([itself.status, itself.body.errors?.[0]?.path]).toEqual([400, 'settings.variables.vpc']);

  expect((await set(module, taken(other.moduleId.toUpperCase()))).body.settings.variables).toEqual({
    vpc: { type: 'output', moduleId: other.moduleId, output: 'id' },
  });
  const refused = await call('DELETE', `modules/${other.moduleId}`);
  expect([refused.status, refused.body.code]).toEqual([409, 'in_use']);
  await set(module, { variables: { vpc: null } });
  expect((await call('DELETE', `modules/${other.moduleId}`)).status).toBe(204);
});

test.each<[string, object, string]>([
  [
    'a name of the namespace at the stack',
    { variables: { a: { type: 'namespace', name: 'b' } } },
    'settings.variables.a',
  ],
  ['a way out of the workspace', { files: { '../x': { type: 'text', content: '' } } }, 'settings.files'],
  ['an unknown type', { environment: { A: { type: 'env' } } }, 'settings.environment'],
  ['a hook that nothing calls', { hooks: { 'before:unlock': { type: 'none' } } }, 'settings.hooks'],
  ['a name of the loader', { environment: { LD_PRELOAD: { type: 'none' } } }, 'settings.environment'],
])('refused: %s', async (_what, settings, path) => {
  const { status, body } = await set(`stacks/${own.stackId}`, settings);
  expect([status, body.errors?.map((error) => error.path)]).toEqual([400, [path]]);
});

test('files are changed one by one, and must fit together in the end', async () => {
  const stack = `stacks/${own.stackId}`;
  const text = (content: string) => ({ type: 'text', content });
  await set(stack, { files: { 'main.tf': text('a'), 'b/c.tf': text('b') } });
  const refused = await set(stack, { files: { 'MAIN.tf': text('x') } });
  expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([400, 'settings.files']);
  expect((await set(stack, { files: { b: text('x') } })).status).toBe(400);
  const renamed = await set(stack, { files: { 'main.tf': null, 'MAIN.tf': text('x') } });
  expect(renamed.body.settings.files).toEqual({ 'b/c.tf': text('b'), 'MAIN.tf': text('x') });
});

test('hooks keep every byte, are inherited one by one, and the audit trail tells where they are', async () => {
  const stack = `stacks/${own.stackId}`;
  const run = 'echo ä\r\n\techo "two"';
  const changed = await set(stack, {
    hooks: { 'before:plan': { type: 'script', run }, 'after:apply': { type: 'none' } },
  });
  const hooks = { 'before:plan': { type: 'script', run, shell: 'bash' }, 'after:apply': { type: 'none' } };
  expect([changed.status, changed.body.settings.hooks]).toEqual([200, hooks]);
  const { body: effective } = await server.request<EffectiveSettings>(
    'GET',
    `/api/v1/modules/${own.moduleId}/effective`,
  );
  expect(effective.hooks).toEqual({ 'before:plan': { value: hooks['before:plan'], origin: 'stack' } });
  const { body: audit } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?action=stack.updated');
  expect(audit.items[0]?.data.settings).toEqual({ hooks: ['before:plan', 'after:apply'] });
  expect((await set(stack, { hooks: null })).body.settings).not.toHaveProperty('hooks');
});

test('what is deployed is kept whole, and the trail of changes tells no value of a backend', async () => {
  const url = 'https://git.example/vpc';
  const module = `modules/${own.moduleId}`;
  const { body } = await set(module, {
    source: { type: 'git', url, versions: '^1.2' },
    backend: { conn_str: 'postgres://me:hunter22@db/state' },
    flags: { plan: ['-parallelism=4'], apply: ['-lock-timeout=30s'] },
    workspace: 'prod',
    approval: { when: 'destroys' },
    triggerOnUpstreamOutputChanged: true,
    triggerOnDefinitionChanged: true,
    triggerOnSourceChanged: true,
    sourcePolling: { everySeconds: null },
  });
  expect(body.settings).toMatchObject({
    source: { type: 'git', url, revision: null, versions: '^1.2', path: null, depth: null },
    approval: { when: 'destroys', expiresAfterSeconds: 604_800 },
    triggerOnUpstreamOutputChanged: true,
    triggerOnDefinitionChanged: true,
    triggerOnSourceChanged: true,
    sourcePolling: { everySeconds: null },
  });
  const { body: effective } = await server.request<EffectiveSettings>('GET', `/api/v1/${module}/effective`);
  expect(effective).toMatchObject({
    flags: { value: { plan: ['-parallelism=4'], apply: ['-lock-timeout=30s'] }, origin: 'module' },
    workspace: { value: 'prod', origin: 'module' },
  });
  const trail = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?action=module.updated&limit=1');
  expect(trail.body.items[0]!.data).toMatchObject({ settings: { backend: ['conn_str'], workspace: 'prod' } });
  expect(JSON.stringify(trail.body)).not.toContain('hunter22');
});

test.each<[object, string]>([
  [{ source: { type: 'git', url: 'ext::sh -c id' } }, 'source.url'],
  [{ source: { type: 'git', url: 'https://g/x', revision: 'v1', versions: '1' } }, 'source.versions'],
  [{ backend: { key: 1 } }, 'backend'],
  [{ flags: { plan: ['-lock=false'] } }, 'flags'],
  [{ workspace: '-prod' }, 'workspace'],
  [{ approval: { when: 'sometimes' } }, 'approval.when'],
  [{ approval: { expiresAfterSeconds: 0 } }, 'approval.expiresAfterSeconds'],
  [{ triggerOnUpstreamOutputChanged: 1 }, 'triggerOnUpstreamOutputChanged'],
  [{ triggerOnSourceChanged: 'yes' }, 'triggerOnSourceChanged'],
  [{ sourcePolling: {} }, 'sourcePolling.everySeconds'],
  [{ sourcePolling: { everySeconds: 59 } }, 'sourcePolling.everySeconds'],
])('settings are refused: %j', async (settings, path) => {
  const { status, body } = await set(`modules/${own.moduleId}`, settings);
  expect([status, body.errors?.map((error) => error.path)]).toEqual([400, [`settings.${path}`]]);
});
