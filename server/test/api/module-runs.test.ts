import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEventView, HierarchyNodeView, JobDetail, ModuleRun, Page, Problem } from '@dibs/shared';
import type pg from 'pg';
import { connect, defaultOrganization, eventually, makeTenant, makeToken } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let stranger: string;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  stranger = (await makeTenant(client)).token;
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const call = <Body = ModuleRun & Problem>(method: string, path: string, body?: object, token?: string) =>
  server.request<Body>(method, `/api/v1/${path}`, body, token === undefined ? {} : { token });

let sequence = 0;
const FILES = { 'main.tf': { type: 'text', content: '' } };

async function newModule(settings: object = {}): Promise<HierarchyNodeView> {
  const made = async (path: string, body: object) => (await call<HierarchyNodeView>('POST', path, body)).body;
  const stack = await made('stacks', { name: `s-${++sequence}` });
  const namespace = await made(`stacks/${stack.id}/namespaces`, {
    name: 'network',
    settings: { engine: { name: 'tofu', version: '^1.6' }, variables: { key: { type: 'secret', value: 'planted' } } },
  });
  return made(`namespaces/${namespace.id}/modules`, { name: 'vpc', settings: { files: FILES, ...settings } });
}

const runOf = async (id: string): Promise<ModuleRun> => (await call('GET', `module-runs/${id}`)).body;
const jobOf = async (id: string): Promise<JobDetail> => (await call<JobDetail>('GET', `jobs/${id}`)).body;

describe('a run', () => {
  test('is begun with its first job, which knows it, and is listed newest first', async () => {
    const module = await newModule({ variables: { region: { type: 'literal', value: 'eu' } } });
    const path = `modules/${module.id}/runs`;
    const { status, body: run } = await call('POST', path, { operation: 'apply' });
    expect([status, run]).toMatchObject([
      201,
      {
        ...{ moduleId: module.id, path: module.path, scope: module.scope, operation: 'apply', state: 'planning' },
        ...{ trigger: 'request', applyJobId: null, plan: null, approval: null, cancelRequestedAt: null },
        ...{ createdBy: 'test-owner', endedAt: null },
      },
    ]);
    const job = await jobOf(run.firstJobId);
    expect(job).toMatchObject({
      ...{ runId: run.id, name: `plan ${module.path}`, secretNames: ['TF_VAR_key'], submittedBy: 'test-owner' },
      spec: { scope: module.scope, env: { TF_VAR_region: 'eu' }, requires: { tools: ['tofu@^1.6'] } },
    });
    const second = (await call('POST', path, { operation: 'validate' })).body;
    const page = async (query: string) => (await call<Page<ModuleRun>>('GET', `${path}?${query}`)).body;
    expect((await page('')).items.map(({ id }) => id)).toEqual([second.id, run.id]);
    const first = await page('limit=1');
    expect((await page(`limit=1&cursor=${first.nextCursor}`)).items.map(({ id }) => id)).toEqual([run.id]);
    expect((await page('state=planning,applying')).items.map(({ id }) => id)).toEqual([run.id]);
    const trail = await call<Page<AuditEventView>>('GET', 'audit?action=module_run.started&limit=1');
    expect(trail.body.items[0]).toMatchObject({
      target: second.id,
      data: { name: module.path, operation: 'validate', moduleId: module.id },
    });
  });

  test('is canceled with its job, once, and keeps its module until then', async () => {
    const module = await newModule();
    const run = (await call('POST', `modules/${module.id}/runs`, { operation: 'plan' })).body;
    expect((await call('DELETE', `modules/${module.id}`)).body.code).toBe('has_open_jobs');
    expect((await call('POST', `module-runs/${run.id}/cancel`)).status).toBe(202);
    const ended = await eventually(
      () => runOf(run.id),
      ({ endedAt }) => endedAt !== null,
    );
    expect(ended).toMatchObject({ state: 'canceled', reason: 'canceled' });
    expect(await jobOf(run.firstJobId)).toMatchObject({ state: 'canceled', cancel: { mode: 'graceful' } });
    // asking again changes nothing
    expect((await call('POST', `module-runs/${run.id}/cancel`)).body.endedAt).toBe(ended.endedAt);
    const retried = await call('POST', `jobs/${run.firstJobId}/retry`);
    expect([retried.status, retried.body.code]).toEqual([409, 'job_of_run']);
    expect((await call('DELETE', `modules/${module.id}`)).status).toBe(204);
    expect((await call('GET', `module-runs/${run.id}`)).status).toBe(404);
  });

  test.each<[string, object, object, string, string]>([
    ['an engine', { engine: null }, { operation: 'plan' }, 'no_engine', ''],
    ['a configuration', { files: { 'main.tf': null } }, { operation: 'plan' }, 'no_configuration', ''],
    [
      'what the namespace has',
      { variables: { a: { type: 'namespace', name: 'region' } } },
      { operation: 'validate' },
      'unresolved_inputs',
      'variables.a takes region',
    ],
    ['flags of its engine', { flags: { plan: ['--parallel=2'] } }, { operation: 'plan' }, 'unfit_settings', '-target'],
    ['such a lock', {}, { operation: 'unlock', lockId: 'b4c1' }, 'unknown_lock', ''],
  ])('is not begun for a module without %s', async (_what, settings, body, code, told) => {
    const module = await newModule();
    const namespaceId = module.scope.namespaceId!;
    const at = 'engine' in settings ? `namespaces/${namespaceId}` : `modules/${module.id}`;
    await call('PATCH', at, { settings });
    const refused = await call('POST', `modules/${module.id}/runs`, body);
    expect([refused.status, refused.body.code]).toEqual([422, code]);
    expect(refused.body.detail).toContain(told);
    expect((await call<Page<ModuleRun>>('GET', `modules/${module.id}/runs`)).body.items).toEqual([]);
  });

  test.each<[object, string]>([
    [{}, 'operation'],
    [{ operation: 'import' }, 'operation'],
    [{ operation: 'unlock' }, 'lockId'],
    [{ operation: 'unlock', lockId: '-force' }, 'lockId'],
    [{ operation: 'plan', lockId: 'b4c1' }, 'lockId'],
    [{ operation: 'plan', state: 'succeeded' }, 'state'],
  ])('is not begun by %j', async (body, path) => {
    const module = await newModule();
    const refused = await call('POST', `modules/${module.id}/runs`, body);
    expect([refused.status, refused.body.errors?.map((error) => error.path)]).toEqual([400, [path]]);
  });

  test('of another organization looks like a missing one, and grants on its module count', async () => {
    const module = await newModule();
    const run = (await call('POST', `modules/${module.id}/runs`, { operation: 'plan' })).body;
    for (const [method, path, body] of [
      ['GET', `modules/${module.id}/runs`],
      ['POST', `modules/${module.id}/runs`, { operation: 'plan' }],
      ['GET', `module-runs/${run.id}`],
      ['POST', `module-runs/${run.id}/approve`, {}],
      ['POST', `module-runs/${run.id}/reject`, {}],
      ['POST', `module-runs/${run.id}/cancel`],
    ] as const) {
      expect([path, (await call(method, path, body, stranger)).status]).toEqual([path, 404]);
    }
    const viewer = await makeToken(client, await defaultOrganization(client), 'viewer');
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM api_tokens WHERE name = 'viewer-token'`);
    const cancel = () => call('POST', `module-runs/${run.id}/cancel`, undefined, viewer);
    expect((await cancel()).status).toBe(403);
    const grant = { role: 'operator', grantee: { kind: 'apiToken', id: rows[0]!.id } };
    expect((await call('POST', `stacks/${module.scope.stackId}/role-grants`, grant)).status).toBe(201);
    expect((await cancel()).status).toBe(202);
    const begun = await call('POST', `modules/${module.id}/runs`, { operation: 'plan' }, viewer);
    expect(begun.status).toBe(201);
  });
});
