import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  AuditEventView,
  EngineOutput,
  GrantedJob,
  HierarchyNodeView,
  ModuleGraph,
  ModuleRun,
  Page,
  PlanSummary,
  Problem,
  ScopeRun,
  ScopeRunModule,
  ScopeRunModuleState,
  ScopeRunView,
} from '@dibs/shared';
import type pg from 'pg';
import { JobRemovalRepository } from '../../src/retention/job-removal.repository.js';
import { callFile } from '../support/engine-job-fixtures.js';
import {
  createRunner,
  FakeRunner,
  fetchRunnerToken,
  heldOf,
  stepSucceeded,
  succeeded,
} from '../support/fake-runner.js';
import { connect, defaultOrganization, eventually, makeTenant, makeToken } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
/** Another server on the same database: the runner is connected there, and people call here. */
let peer: TestServer;
let client: pg.Client;
let fake: FakeRunner;
let runnerToken: string;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '0.5' });
  peer = await server.startPeer();
  client = await connect(server.databaseUrl);
  const credentials = await createRunner(server, { name: 'pool', isAssignedToAllModules: true });
  runnerToken = await fetchRunnerToken(server, credentials);
  const tools = [{ name: 'terraform', version: '1.9.0' }];
  fake = await FakeRunner.online(peer, credentials, { instance: 'pool-0', hello: { slots: 50, tools } });
});
afterAll(async () => {
  fake.close();
  await client.end();
  await peer.stop();
  await server.stop();
});

const call = <Body = ScopeRunView & Problem>(
  method: string,
  path: string,
  body?: object,
  on = server,
  token?: string,
) => on.request<Body>(method, `/api/v1/${path}`, body, token === undefined ? {} : { token });
const made = async (path: string, body: object): Promise<HierarchyNodeView> =>
  (await call<HierarchyNodeView>('POST', path, body)).body;

interface Tree {
  readonly stackId: string;
  readonly namespaceId: string;
  /** By name. */
  readonly modules: Readonly<Record<string, string>>;
}

const NEVER = { when: 'never', expiresAfterSeconds: 3600 };
const taking = (...moduleIds: string[]) =>
  Object.fromEntries(moduleIds.map((moduleId, n) => [`in${n}`, { type: 'output', moduleId, output: 'out' }]));

let sequence = 0;
/** @param takes by module, those before it whose output `out` it takes */
async function plant(takes: Readonly<Record<string, readonly string[]>>): Promise<Tree> {
  const stack = await made('stacks', { name: `s-${++sequence}` });
  const settings = {
    ...{ engine: { name: 'terraform' }, files: { 'main.tf': { type: 'text', content: '' } }, approval: NEVER },
    triggerOnUpstreamOutputChanged: true,
  };
  const namespace = await made(`stacks/${stack.id}/namespaces`, { name: 'n', settings });
  const modules: Record<string, string> = {};
  for (const [name, upstream] of Object.entries(takes)) {
    const variables = taking(...upstream.map((each) => modules[each]!));
    modules[name] = (await made(`namespaces/${namespace.id}/modules`, { name, settings: { variables } })).id;
  }
  return { stackId: stack.id, namespaceId: namespace.id, modules };
}

/** As if the module had been applied long ago. */
async function hasPutOut(moduleId: string): Promise<void> {
  await client.query(
    `INSERT INTO module_outputs (organization_id, module_id, name, value) SELECT organization_id, id, 'out', '"old"'
     FROM modules WHERE id = $1`,
    [moduleId],
  );
}

async function start({ stackId }: Tree, body: object): Promise<ScopeRunView> {
  const { status, body: run } = await call('POST', `stacks/${stackId}/runs`, body);
  expect([status, run.detail]).toEqual([201, undefined]);
  return run;
}

const nameOf = ({ path }: Pick<ScopeRunModule, 'path'>): string => path.split('/')[2]!;
const statesOf = ({ modules }: ScopeRunView): Record<string, ScopeRunModuleState> =>
  Object.fromEntries(modules.map((module) => [nameOf(module), module.state]));
const moduleOf = ({ modules }: ScopeRunView, name: string): ScopeRunModule =>
  modules.find((module) => nameOf(module) === name)!;
const view = async ({ id }: Pick<ScopeRun, 'id'>): Promise<ScopeRunView> =>
  (await call('GET', `scope-runs/${id}`)).body;
const until = (run: ScopeRunView, holds: (now: ScopeRunView) => boolean): Promise<ScopeRunView> =>
  eventually(() => view(run), holds);
const ended = (run: ScopeRunView): Promise<ScopeRunView> => until(run, ({ state }) => state !== 'running');
const runsOf = async (moduleId: string): Promise<readonly ModuleRun[]> =>
  (await call<Page<ModuleRun>>('GET', `modules/${moduleId}/runs`)).body.items;

const NO_CHANGES: PlanSummary = { add: 0, change: 0, destroy: 0, hasChanges: false, sha256: 'a'.repeat(64) };

interface Work {
  readonly hasChanges?: boolean;
  readonly outputs?: Record<string, EngineOutput>;
  readonly outcome?: 'failed' | 'canceled';
}

async function workOn(job: GrantedJob, { hasChanges = false, outputs, outcome }: Work = {}): Promise<GrantedJob> {
  const [state, exitCode] = outcome === undefined ? ['succeeded', 0] : [outcome, 1];
  for (const step of outcome === undefined ? job.spec.steps.keys() : [0]) {
    await fake.request('step:started', { ...heldOf(job), step, atMs: Date.now() });
    await fake.request('step:finished', { ...stepSucceeded(job, step), state, exitCode });
  }
  if (outputs !== undefined) {
    const body = Buffer.from(JSON.stringify(outputs));
    const answer = await callFile(peer, 'PUT', 'outputs', job, { token: runnerToken, body, type: 'application/json' });
    expect(answer.status).toBe(200);
  }
  const plan = outcome === undefined ? { ...NO_CHANGES, hasChanges, add: hasChanges ? 1 : 0 } : null;
  const failed = { failed: { reason: 'step_failed' }, canceled: { reason: 'canceled' } } as const;
  const reply = await fake.finish({
    ...succeeded(job),
    ...(outcome === undefined ? {} : { outcome, ...failed[outcome], exitCode }),
    engine: { plan, stateLock: { state: 'released' } },
  });
  expect(reply).toMatchObject({ ok: true });
  return job;
}

async function take(jobId: string): Promise<GrantedJob> {
  await fake.offerOf(jobId);
  return fake.take(jobId);
}

const moduleRun = async (id: string | null): Promise<ModuleRun> =>
  (await call<ModuleRun>('GET', `module-runs/${id}`)).body;

/** The run of the module, once it has begun. */
async function begun(run: ScopeRunView, name: string): Promise<ModuleRun> {
  const now = await until(run, (each) => moduleOf(each, name).runId !== null);
  return moduleRun(moduleOf(now, name).runId);
}

/** Does the only job of the module's run. */
async function work(run: ScopeRunView, name: string, result: Work = {}): Promise<GrantedJob> {
  const { firstJobId } = await begun(run, name);
  return workOn(await take(firstJobId), result);
}

test('applies each module when those before it are through, with what they have put out, and destroys the other way', async () => {
  const tree = await plant({ network: [], app: ['network'], dns: ['network'], web: ['app', 'dns'] });
  const { network, app, dns, web } = tree.modules as Record<'network' | 'app' | 'dns' | 'web', string>;
  await call('PATCH', `modules/${network}`, { settings: { approval: { when: 'changes' } } });
  const answers = await Promise.all(
    [server, peer].map((on) => call('POST', `stacks/${tree.stackId}/runs`, { operation: 'apply' }, on)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const run = answers.find(({ status }) => status === 201)!.body;
  expect(statesOf(run)).toEqual({ network: 'running', app: 'waiting', dns: 'waiting', web: 'waiting' });
  expect(run).toMatchObject({ state: 'running', onFailure: 'stop', createdBy: 'test-owner', endedAt: null });
  const inside = await call('POST', `namespaces/${tree.namespaceId}/runs`, { operation: 'plan' });
  expect([inside.status, inside.body.code]).toEqual([409, 'scope_run_open']);
  expect(inside.body.detail).toContain(run.id);

  // somebody thinks about it: nothing else begins
  await work(run, 'network', { hasChanges: true });
  const held = await until(run, (now) => moduleOf(now, 'network').runState === 'awaiting_approval');
  expect(held.counts).toMatchObject({ running: 1, waiting: 3 });
  const approved = await call<ModuleRun>('POST', `module-runs/${moduleOf(held, 'network').runId}/approve`, {});
  const out = { value: 'new', sensitive: false };
  await workOn(await take(approved.body.applyJobId!), { outputs: { out } });

  // beside each other
  const [first, second] = [await begun(run, 'app'), await begun(run, 'dns')];
  expect(statesOf(await view(run))).toEqual({ network: 'succeeded', app: 'running', dns: 'running', web: 'waiting' });
  const planned = await workOn(await take(first.firstJobId), { hasChanges: true });
  expect(planned.spec.env).toEqual({ TF_VAR_in0: 'new' });
  const { applyJobId } = await eventually(
    () => moduleRun(first.id),
    ({ state }) => state === 'applying',
  );
  await workOn(await take(applyJobId!), { outputs: { out } });
  await hasPutOut(dns);
  expect(moduleOf(await view(run), 'web').state).toBe('waiting');
  await workOn(await take(second.firstJobId));
  expect((await work(run, 'web')).spec.env).toEqual({ TF_VAR_in0: 'new', TF_VAR_in1: 'old' });
  expect(await ended(run)).toMatchObject({
    ...{ state: 'succeeded', endedAt: expect.any(String) },
    counts: { succeeded: 4, waiting: 0, running: 0, failed: 0, skipped: 0, canceled: 0 },
  });
  // the changed outputs were looked at, and began nothing beside
  await eventually(
    async () =>
      (
        await client.query(
          `SELECT FROM module_output_sets s LEFT JOIN output_triggers t USING (organization_id, module_id)
           WHERE module_id = ANY($1) AND s.version > COALESCE(t.handled_version, 0)`,
          [[network, app]],
        )
      ).rowCount,
    (unhandled) => unhandled === 0,
  );
  for (const moduleId of [network, app, dns, web]) {
    expect((await runsOf(moduleId)).map(({ trigger }) => trigger)).toEqual(['scope_run']);
  }

  const destroy = await start(tree, { operation: 'destroy' });
  expect(destroy.modules.map(nameOf)).toEqual(['web', 'dns', 'app', 'network']);
  expect(statesOf(destroy)).toEqual({ web: 'running', dns: 'waiting', app: 'waiting', network: 'waiting' });
  await work(destroy, 'web');
  await work(destroy, 'app');
  expect(moduleOf(await view(destroy), 'network').state).toBe('waiting');
  await work(destroy, 'dns');
  const last = await work(destroy, 'network');
  expect(last.spec.engine).toMatchObject({ command: 'plan', destroys: true });
  expect((await ended(destroy)).state).toBe('succeeded');
  const listed = await call<Page<ScopeRun>>('GET', `stacks/${tree.stackId}/runs`);
  expect(listed.body.items.map(({ id }) => id)).toEqual([destroy.id, run.id]);
  expect((await call<Page<ScopeRun>>('GET', `namespaces/${tree.namespaceId}/runs`)).body.items).toEqual([]);

  const tomorrow = new Date(Date.now() + 86_400_000);
  const [from, to] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const removal = server.app.get(JobRemovalRepository, { strict: false });
  await removal.removeNext(await defaultOrganization(client), from, to, tomorrow);
  expect((await call('GET', `scope-runs/${run.id}`)).status).toBe(404);
});

test('a module that fails keeps those behind it from beginning, and all others too unless it is to continue', async () => {
  const tree = await plant({ bad: [], behind: ['bad'], far: ['behind'], good: [], next: ['good'] });
  for (const name of ['bad', 'behind', 'good']) await hasPutOut(tree.modules[name]!);
  const going = await start(tree, { operation: 'apply', onFailure: 'continue' });
  await work(going, 'bad', { outcome: 'failed' });
  await work(going, 'good');
  await work(going, 'next');
  const told = await ended(going);
  expect(told.state).toBe('failed');
  expect(statesOf(told)).toEqual({
    ...{ bad: 'failed', behind: 'skipped', far: 'skipped', good: 'succeeded', next: 'succeeded' },
  });
  expect(moduleOf(told, 'far')).toMatchObject({ runId: null, note: `Not begun: ${told.path}/n/bad failed.` });

  const stopping = await start(tree, { operation: 'apply' });
  await work(stopping, 'bad', { outcome: 'failed' });
  await until(stopping, (now) => now.counts.skipped === 3);
  await work(stopping, 'good');
  expect(statesOf(await ended(stopping))).toEqual({
    ...{ bad: 'failed', behind: 'skipped', far: 'skipped', good: 'succeeded', next: 'skipped' },
  });
});

test('a module that cannot even begin stops those that would have begun beside it', async () => {
  const tree = await plant({ bad: [], good: [] });
  await call('PATCH', `modules/${tree.modules.bad}`, { settings: { files: { 'main.tf': { type: 'none' } } } });
  const run = await start(tree, { operation: 'apply' });
  expect([run.state, statesOf(run)]).toEqual(['failed', { bad: 'failed', good: 'skipped' }]);
  expect(moduleOf(run, 'bad')).toMatchObject({ runId: null, note: 'The module has neither a source nor files.' });
});

test('a cancel begins nothing more and ends what runs, by whoever may do that there', async () => {
  const tree = await plant({ first: [], second: ['first'] });
  const stranger = (await makeTenant(client)).token;
  const viewer = await makeToken(client, await defaultOrganization(client), 'viewer');
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM api_tokens WHERE name = 'viewer-token'`);
  const at = `stacks/${tree.stackId}`;
  const as = (token: string, method: string, path: string, body?: object) => call(method, path, body, server, token);
  expect((await as(viewer, 'POST', `${at}/runs`, { operation: 'plan' })).status).toBe(403);
  const grant = { role: 'operator', grantee: { kind: 'apiToken', id: rows[0]!.id } };
  expect((await call('POST', `${at}/role-grants`, grant)).status).toBe(201);
  await hasPutOut(tree.modules.first!);
  const { status, body: run } = await as(viewer, 'POST', `${at}/runs`, { operation: 'apply' });
  expect([status, run.createdBy]).toEqual([201, 'viewer-token']);
  for (const [method, path, body] of [
    ['GET', `${at}/graph`],
    ['GET', `${at}/runs`],
    ['POST', `${at}/runs`, { operation: 'plan' }],
    ['GET', `scope-runs/${run.id}`],
    ['POST', `scope-runs/${run.id}/cancel`],
  ] as const) {
    expect([path, (await as(stranger, method, path, body)).status]).toEqual([path, 404]);
  }

  const job = await take((await begun(run, 'first')).firstJobId);
  const canceled = await as(viewer, 'POST', `scope-runs/${run.id}/cancel`);
  expect([canceled.status, statesOf(canceled.body)]).toEqual([202, { first: 'running', second: 'canceled' }]);
  expect(canceled.body).toMatchObject({ state: 'running', cancelRequestedAt: expect.any(String) });
  await fake.until('job:cancel', (message) => JSON.stringify(message).includes(job.jobId));
  await workOn(job, { outcome: 'canceled' });
  expect(await ended(run)).toMatchObject({ state: 'canceled', counts: { canceled: 2 } });
  // asking again changes nothing
  expect((await as(viewer, 'POST', `scope-runs/${run.id}/cancel`)).body.state).toBe('canceled');
  const trail = await call<Page<AuditEventView>>('GET', 'audit?limit=50');
  const told = trail.body.items.filter(({ target }) => target === run.id);
  expect(told.map(({ action, data }) => [action, data.modules])).toEqual([
    ['scope_run.canceled', undefined],
    ['scope_run.started', 2],
  ]);

  const through = await start(tree, { operation: 'apply' });
  await work(through, 'first');
  await work(through, 'second');
  await ended(through);
  expect((await call('POST', `scope-runs/${through.id}/cancel`)).body.code).toBe('scope_run_over');
});

test('what a crash left is found by the sweeps of both servers, and begun once', async () => {
  const tree = await plant({ first: [], second: ['first'], third: [] });
  await hasPutOut(tree.modules.first!);
  const { rows } = await client.query<{ id: string }>(
    `WITH run AS (
       INSERT INTO scope_runs (id, organization_id, stack_id, operation, on_failure, dependencies, created_by, actor_kind,
         actor_id)
       SELECT gen_random_uuid(), organization_id, id, 'apply', 'stop', $2, 'test-owner', 'system', 'test'
       FROM stacks WHERE id = $1 RETURNING id, organization_id)
     INSERT INTO scope_run_modules (organization_id, scope_run_id, module_id, position)
     SELECT organization_id, id, module_id, position
     FROM run, unnest($3::uuid[]) WITH ORDINALITY w (module_id, position)
     RETURNING scope_run_id AS id`,
    [
      tree.stackId,
      JSON.stringify([{ from: tree.modules.first, to: tree.modules.second, outputs: ['out'] }]),
      Object.values(tree.modules),
    ],
  );
  const run = await view(rows[0]!);
  // one had begun the runs, and died before it heard that the first was over
  const { firstJobId } = await begun(run, 'first');
  await begun(run, 'third');
  const job = await take(firstJobId);
  await client.query(
    `UPDATE module_runs SET state = 'succeeded', ended_at = clock_timestamp() WHERE first_job_id = $1`,
    [firstJobId],
  );
  await work(run, 'second');
  await work(run, 'third');
  expect((await ended(run)).state).toBe('succeeded');
  await workOn(job);
  for (const moduleId of Object.values(tree.modules)) expect(await runsOf(moduleId)).toHaveLength(1);
});

test('what was never put out is planned later and needs no destroying, and what cannot run says why', async () => {
  const tree = await plant({ network: [], app: ['network'], web: ['app'] });
  const plan = await start(tree, { operation: 'plan' });
  await work(plan, 'network', { hasChanges: true });
  const planned = await ended(plan);
  expect([planned.state, statesOf(planned)]).toEqual([
    'succeeded',
    { network: 'succeeded', app: 'skipped', web: 'skipped' },
  ]);
  expect(moduleOf(planned, 'app').note).toMatch(/variables\.in0 takes the output out .* which was never put out/);

  // it is applied, and puts out nothing that the others take
  const apply = await start(tree, { operation: 'apply' });
  await work(apply, 'network', { hasChanges: true });
  const { applyJobId } = await eventually(
    () => begun(apply, 'network'),
    ({ state }) => state === 'applying',
  );
  await workOn(await take(applyJobId!));
  const applied = await ended(apply);
  expect([applied.state, statesOf(applied)]).toEqual([
    'failed',
    { network: 'succeeded', app: 'failed', web: 'skipped' },
  ]);

  // half way: the way back goes past what was never there
  const destroy = await start(tree, { operation: 'destroy' });
  await work(destroy, 'network');
  const destroyed = await ended(destroy);
  expect([destroyed.state, statesOf(destroyed)]).toEqual([
    'succeeded',
    { web: 'skipped', app: 'skipped', network: 'succeeded' },
  ]);

  // something of it may be there: what it takes its inputs from has to stay
  await client.query('UPDATE modules SET applied_at = clock_timestamp() WHERE id = $1', [tree.modules.app]);
  const kept = await ended(await start(tree, { operation: 'destroy', onFailure: 'continue' }));
  expect([kept.state, statesOf(kept)]).toEqual(['failed', { web: 'skipped', app: 'failed', network: 'skipped' }]);
});

test('a graph shows who takes what of whom, and modules in a circle are not run', async () => {
  const tree = await plant({ a: [], b: ['a'], c: ['b'] });
  const other = await plant({ base: [] });
  const { a, b, c } = tree.modules as Record<'a' | 'b' | 'c', string>;
  await call('PATCH', `namespaces/${tree.namespaceId}`, {
    settings: { environment: { BASE: { type: 'output', moduleId: other.modules.base, output: 'key' } } },
  });
  const graph = async (): Promise<ModuleGraph> =>
    (await call<ModuleGraph>('GET', `namespaces/${tree.namespaceId}/graph`)).body;
  const seen = await graph();
  expect(seen.modules.map(({ moduleId, isInside }) => [moduleId, isInside])).toEqual([
    ...[a, b, c].map((moduleId) => [moduleId, true]),
    [other.modules.base, false],
  ]);
  expect(seen.dependencies).toHaveLength(5);
  expect(seen.dependencies).toEqual(
    expect.arrayContaining([
      { from: a, to: b, outputs: ['out'] },
      { from: b, to: c, outputs: ['out'] },
      { from: other.modules.base, to: a, outputs: ['key'] },
    ]),
  );
  expect(seen.circles).toEqual([]);
  await call('PATCH', `modules/${a}`, { settings: { variables: taking(b) } });
  expect((await graph()).circles).toEqual([[a, b]]);
  const refused = await call('POST', `namespaces/${tree.namespaceId}/runs`, { operation: 'apply' });
  const path = `s-${sequence - 1}/n`;
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    ...[422, 'dependency_circle', `Modules take each other's outputs in a circle: ${path}/a, ${path}/b.`],
  ]);
  const empty = await made('stacks', { name: 'empty' });
  expect((await call('POST', `stacks/${empty.id}/runs`, { operation: 'plan' })).body.code).toBe('no_modules');
  for (const [body, at] of [
    [{ operation: 'validate' }, 'operation'],
    [{ operation: 'plan', onFailure: null }, 'onFailure'],
    [{ operation: 'plan', lockId: 'x' }, 'lockId'],
  ] as const) {
    const { status, body: problem } = await call('POST', `stacks/${empty.id}/runs`, body);
    expect([status, problem.errors?.map((error) => error.path)]).toEqual([400, [at]]);
  }
});
