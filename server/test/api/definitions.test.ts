import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  AuditEventView,
  DefinitionChange,
  DefinitionChanges,
  HierarchyNodeView,
  OrganizationId,
  OrganizationSettingsView,
  Page,
  Problem,
  PropertyProblem,
} from '@dibs/shared';
import type pg from 'pg';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, makeTenant, makeToken } from '../support/job-fixtures.js';
import { startTestServer, type RequestOptions, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let organizationId: OrganizationId;
let prod: Hierarchy;
let stage: Hierarchy;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  organizationId = await defaultOrganization(client);
  prod = await insertHierarchy(client, organizationId, 'prod');
  stage = await insertHierarchy(client, organizationId, 'stage');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const yaml = { 'content-type': 'application/yaml' };
const read = (path: string) => server.request<string>('GET', `/api/v1/${path}/definition`);
const put = (path: string, text: string, { query = '', ...options }: RequestOptions & { query?: string } = {}) =>
  server.request<DefinitionChanges & Problem>('PUT', `/api/v1/${path}/definition${query}`, text, {
    headers: yaml,
    ...options,
  });
const set = (path: string, settings: object) => server.request('PATCH', `/api/v1/${path}`, { settings });
const settingsOf = async (path: string) =>
  (await server.request<HierarchyNodeView>('GET', `/api/v1/${path}`)).body.settings;
const audited = async (): Promise<number> =>
  (await client.query<{ count: number }>('SELECT count(*)::int AS count FROM audit_events')).rows[0]!.count;
const told = (changes: readonly DefinitionChange[]) =>
  changes.map(({ action, path, settings }) => [action, path, ...settings].join(' '));

test('what was read is put back without a change, whatever is set', async () => {
  await set('organization/module-settings', {
    environment: { TOKEN: { type: 'secret', value: 'planted-secret' } },
    hooks: { 'before:plan': { type: 'script', run: 'echo "ä"\r\n\techo two  \n' } },
  });
  await set(`stacks/${prod.stackId}`, {
    engine: { name: 'tofu', version: '>=1.8' },
    placement: {},
    labels: { zone: 'eu', 'a.b/c': 'yes' },
    sourcePolling: { everySeconds: null },
    flags: { plan: ['-refresh=false', '-parallelism=4'] },
    timeoutSeconds: 60,
  });
  await set(`modules/${prod.moduleId}`, {
    source: { type: 'git', url: 'https://git.example/vpc', versions: '^1.2' },
    files: { 'main.tf': { type: 'text', content: '\n  a: &b\n# c\n' }, 'b.tf': { type: 'none' } },
    approval: { when: 'never' },
    triggerOnUpstreamOutputChanged: true,
    variables: {
      other: { type: 'output', moduleId: stage.moduleId, output: 'id' },
      region: { type: 'namespace', name: 'region' },
      zone: { type: 'literal', value: 'on' },
    },
  });
  const paths = [
    'organization',
    `stacks/${prod.stackId}`,
    `namespaces/${prod.namespaceId}`,
    `modules/${prod.moduleId}`,
  ];
  const before = await audited();
  for (const path of paths) {
    const { status, headers, body } = await read(path);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/yaml; charset=utf-8']);
    expect(body).not.toContain('planted-secret');
    const answer = await put(path, body, { query: '?prune=true' });
    expect([answer.status, answer.body.changes, answer.body.unchangedCount > 0]).toEqual([200, [], true]);
  }
  expect(await audited()).toBe(before);
  const { body } = await server.request<OrganizationSettingsView>('GET', '/api/v1/organization/module-settings');
  expect(body.settings.environment).toEqual({ TOKEN: { type: 'secret' } });
});

const DEFINITION = `
version: 1
kind: stack
settings:
  engine: {name: terraform}
namespaces:
  network:
    modules:
      vpc:
        settings:
          variables:
            region: {type: literal, value: eu}
  apps:
    settings:
      variables:
        key: {type: secret, value: planted-key}
    modules:
      web:
        settings:
          variables:
            vpc: {type: output, module: ./network/vpc, output: id}
            again: {type: output, module: ./apps/api, output: url}
      api:
        settings:
          variables:
            back: {type: output, module: ./apps/web, output: url}
            far: {type: output, module: stage/network/vpc, output: id}
`;

test('a definition is tried, then done in one go, and made undone by pruning', async () => {
  const path = `stacks/${prod.stackId}`;
  const changes = [
    'updated prod engine labels',
    'created prod/apps variables.key',
    'created prod/apps/api variables.back variables.far',
    'created prod/apps/web variables.again variables.vpc',
  ];
  const dropped = ['placement', 'sourcePolling', 'flags', 'timeoutSeconds'];
  const expected = [
    `updated prod ${['engine', 'labels', ...dropped].sort().join(' ')}`,
    ...changes.slice(1),
    `updated prod/network/vpc ${[
      ...['approval', 'files.b.tf', 'files.main.tf', 'source', 'triggerOnUpstreamOutputChanged'],
      ...['variables.other', 'variables.region', 'variables.zone'],
    ].join(' ')}`,
  ];
  const before = await audited();
  const tried = await put(path, DEFINITION, { query: '?dryRun=true' });
  expect([tried.status, tried.body.dryRun, told(tried.body.changes)]).toEqual([200, true, expected]);
  expect([await audited(), await settingsOf(`modules/${prod.moduleId}`)]).toEqual([
    before,
    expect.objectContaining({ triggerOnUpstreamOutputChanged: true }),
  ]);

  const done = await put(path, DEFINITION);
  expect([done.status, told(done.body.changes), done.body.unchangedCount]).toEqual([200, expected, 1]);
  expect(await settingsOf(path)).toEqual({ engine: { name: 'terraform', version: null } });
  const { body: trail } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=50');
  expect(JSON.stringify([trail, done.body])).not.toContain('planted-key');
  expect(trail.items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['stack.updated', 'namespace.created', 'module.created', 'module.updated']),
  );

  const text = (await read(path)).body;
  expect(text).toContain('module: ./apps/api');
  expect(text).toContain('module: stage/network/vpc');
  // the same secret again: the one of the file would be a change, the one of the export is not
  expect(told((await put(path, DEFINITION)).body.changes)).toEqual(['updated prod/apps variables.key']);
  expect((await put(path, text, { query: '?prune=true' })).body.changes).toEqual([]);

  const small = text.slice(0, text.indexOf('  apps:')) + text.slice(text.indexOf('  network:'));
  const left = ['prod/apps', 'prod/apps/api', 'prod/apps/web'];
  expect(told((await put(path, small)).body.changes)).toEqual(left.map((each) => `kept ${each}`));
  // both take outputs of each other
  const pruned = await put(path, small, { query: '?prune=true' });
  expect(told(pruned.body.changes)).toEqual(left.map((each) => `deleted ${each}`));
  expect((await read(path)).body).toBe(small);
});

test('what cannot be deleted is named, and nothing else is done', async () => {
  await set(`modules/${stage.moduleId}`, {
    variables: { vpc: { type: 'output', moduleId: prod.moduleId, output: 'id' } },
  });
  const path = `namespaces/${prod.namespaceId}`;
  const before = [await read(path), await audited()];
  const refused = await put(path, 'version: 1\nkind: namespace\nsettings: {timeoutSeconds: 5}\n', {
    query: '?prune=true',
  });
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    409,
    'in_use',
    expect.stringContaining('module prod/network/vpc: '),
  ]);
  expect([(await read(path)).body, await audited()]).toEqual([(before[0] as { body: string }).body, before[1]]);
});

test.each<[string, string, number, string, Partial<PropertyProblem>]>([
  ['another kind', 'version: 1\nkind: stack\n', 400, 'validation_failed', { path: 'kind', line: 2, column: 1 }],
  ['an unknown part', 'version: 1\nkind: module\nsetting: {}\n', 400, 'validation_failed', { line: 3, column: 1 }],
  [
    'a wrong setting',
    'version: 1\nkind: module\nsettings:\n  engine:\n    name: chef\n',
    400,
    'validation_failed',
    { path: 'settings.engine.name', line: 5, column: 5 },
  ],
  [
    'a wrong entry',
    'version: 1\nkind: module\nsettings:\n  variables:\n    a: {type: none}\n    b: {type: literal, value: 5}\n',
    400,
    'validation_failed',
    { path: 'settings.variables.b', line: 6, column: 5 },
  ],
  [
    'too much of it together',
    'version: 1\nkind: module\nsettings:\n  files:\n    a: {type: none}\n    A: {type: none}\n',
    400,
    'validation_failed',
    { path: 'settings.files', line: 4, column: 3 },
  ],
  [
    'a module that is not there',
    'version: 1\nkind: module\nsettings:\n  variables:\n    b: {type: output, module: ./x, output: y}\n',
    400,
    'validation_failed',
    { path: 'settings.variables.b.module', line: 5, column: 23 },
  ],
  [
    'a secret that nobody gave',
    'version: 1\nkind: module\nsettings:\n  variables:\n    b: {type: secret}\n',
    422,
    'secret_missing',
    { path: 'settings.variables.b', line: 5, column: 5 },
  ],
  ['an alias', 'version: &a 1\nkind: *a\n', 400, 'malformed_yaml', { line: 1 }],
  ['no YAML', 'version: 1\nkind: "module\n', 400, 'malformed_yaml', { line: 3 }],
  ['a list', '- 1\n', 400, 'validation_failed', { line: 1, column: 1 }],
])('refused with its place: %s', async (_what, text, status, code, problem) => {
  const { body, ...answer } = await put(`modules/${stage.moduleId}`, text);
  expect([answer.status, body.code, body.errors]).toEqual([status, code, [expect.objectContaining(problem)]]);
  expect(body.detail).toMatch(/^line \d+, column \d+: /);
});

test('JSON is taken as well, other types are not, and neither is too much', async () => {
  const path = `modules/${stage.moduleId}`;
  const definition = { version: 1, kind: 'module', settings: { workspace: 'w' } };
  const put = (body: string, type: string) =>
    server.request<Problem>('PUT', `/api/v1/${path}/definition?dryRun=true`, body, {
      headers: { 'content-type': type },
    });
  expect((await put(JSON.stringify(definition), 'application/json')).body).toMatchObject({ dryRun: true });
  const refused = await put('a=b', 'application/x-www-form-urlencoded');
  expect([refused.status, refused.body.detail]).toEqual([
    415,
    'This route takes application/yaml or application/json.',
  ]);
  const elsewhere = await server.request('PATCH', `/api/v1/${path}`, 'a: b', { headers: yaml });
  expect(elsewhere.status).toBe(415);
  expect((await put(`version: 1 #${' '.repeat(4 * 1024 * 1024)}`, 'application/yaml')).status).toBe(413);
  const typo = await server.request<Problem>('PUT', `/api/v1/${path}/definition?dryRun=1`, definition);
  expect([typo.status, typo.body.detail]).toEqual([400, expect.stringContaining('dryRun must be true or false')]);
});

test('whoever may change a stack may put its definition, and nobody else', async () => {
  const path = `stacks/${stage.stackId}`;
  const text = (await read(path)).body;
  const stranger = (await makeTenant(client)).token;
  const operator = await makeToken(client, organizationId, 'operator');
  expect((await put(path, text, { token: stranger })).status).toBe(404);
  expect((await put(path, text, { token: operator })).status).toBe(403);
  const { body: token } = await server.request<{ id: string; token: string }>('POST', '/api/v1/api-tokens', {
    name: 'deployer',
    role: 'viewer',
  });
  const grantee = { kind: 'apiToken', id: token.id };
  await server.request('POST', `/api/v1/${path}/role-grants`, { role: 'administrator', grantee });
  expect((await put(path, text, { token: token.token })).status).toBe(200);
  expect((await put('organization', 'version: 1\nkind: organization\n', { token: token.token })).status).toBe(403);
});
