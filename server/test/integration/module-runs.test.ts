import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  AuditEventView,
  EngineOutput,
  EngineResult,
  HierarchyNodeView,
  JobDetail,
  ModuleRun,
  OrganizationId,
  Page,
  Problem,
  SourceNotified,
  SourceWatch,
} from '@dibs/shared';
import type pg from 'pg';
import { JobRemovalRepository } from '../../src/retention/job-removal.repository.js';
import { callFile } from '../support/engine-job-fixtures.js';
import {
  FakeRunner,
  createRunner,
  fetchRunnerToken,
  heldOf,
  stepSucceeded,
  succeeded,
} from '../support/fake-runner.js';
import { claimBySql, connect, endBySql, eventually, removeBySql } from '../support/job-fixtures.js';
import { COMMIT, PLAN, moduleRunCalls, planned } from '../support/module-run-calls.js';
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
  fake = await FakeRunner.online(peer, credentials, { instance: 'pool-0', hello: { slots: 20, tools } });
});
afterAll(async () => {
  fake.close();
  await client.end();
  await peer.stop();
  await server.stop();
});

const { call, newModule, begin, until, jobsOf, work, awaiting } = moduleRunCalls(() => ({ server, fake }));

describe('a run that applies', () => {
  test('waits for approval and carries out exactly what was planned, whoever of many approves', async () => {
    const module = await newModule();
    const run = await begin(module, 'destroy');
    const first = await work(run.firstJobId, planned());
    expect(await until(run, 'awaiting_approval')).toMatchObject({
      ...{ plan: PLAN, commit: COMMIT, stateLock: { state: 'released' }, applyJobId: null, endedAt: null },
      approval: { rule: 'changes', decision: null, decidedBy: null, comment: null },
    });
    expect((await call('DELETE', `modules/${module.id}`)).body.code).toBe('has_open_runs');
    // what counts now is not what was planned
    await call('PATCH', `modules/${module.id}`, { settings: { hooks: null, variables: null, workspace: 'other' } });
    const answers = await Promise.all(
      [server, peer, server, peer].map((on) =>
        call('POST', `module-runs/${run.id}/approve`, { comment: 'go\non' }, on),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const approved = answers.find(({ status }) => status === 200)!.body;
    expect(approved).toMatchObject({ state: 'applying', approval: { decision: 'approved', comment: 'go\non' } });
    const refusals = answers.filter(({ status }) => status === 409).map(({ body }) => body);
    for (const { code, detail } of refusals) {
      expect([code, detail]).toEqual([
        'run_not_awaiting_approval',
        'The run does not wait for approval: it is applying.',
      ]);
    }
    const second = await work(approved.applyJobId!);
    expect(second).toMatchObject({
      secrets: first.secrets,
      spec: {
        source: { url: 'https://git.example/vpc', revision: COMMIT, versions: null },
        engine: {
          ...{ command: 'apply', destroys: true, workspace: null, variables: ['key'] },
          plan: { jobId: run.firstJobId, sha256: PLAN.sha256 },
        },
        concurrency: first.spec.concurrency,
      },
    });
    expect(second.spec.steps.map(({ name }) => name)).toEqual(['init', 'apply', 'after:apply', 'outputs']);
    expect(await until(run, 'succeeded')).toMatchObject({ reason: 'completed', commit: COMMIT, plan: PLAN });
    expect((await call<JobDetail>('GET', `jobs/${approved.applyJobId}`)).body.runId).toBe(run.id);
    expect(await jobsOf(module)).toEqual(['destroy', 'plan']);
    const trail = await call<Page<AuditEventView>>('GET', 'audit?limit=50');
    const told = trail.body.items.filter(({ target }) => target === run.id).map(({ action }) => action);
    expect(told).toEqual(['module_run.approved', 'module_run.started']);
    expect((await call('POST', `module-runs/${run.id}/cancel`)).body.code).toBe('run_over');
  });

  test('succeeds without a second job when nothing would change', async () => {
    const module = await newModule({ approval: { when: 'always' } });
    const run = await begin(module);
    await work(run.firstJobId, planned({ add: 0, destroy: 0, hasChanges: false }));
    expect(await until(run, 'succeeded')).toMatchObject({ applyJobId: null, approval: null });
    expect(await jobsOf(module)).toEqual(['plan']);
  });

  test('applies by itself where nobody is to approve, and the lock it leaves is taken away where it was seen', async () => {
    const module = await newModule({ approval: { when: 'never' } });
    const run = await begin(module);
    await work(run.firstJobId, planned());
    const { applyJobId } = await until(run, 'applying');
    await fake.offerOf(applyJobId!);
    const job = await fake.take(applyJobId!);
    const step = { ...heldOf(job), step: 0, atMs: Date.now() };
    await fake.request('step:started', step);
    await fake.request('step:finished', { ...step, state: 'failed', exitCode: 1, signal: null });
    const engine: EngineResult = { plan: null, stateLock: { state: 'held', id: 'b4c1', who: 'me\ud800' } };
    await fake.finish({ ...succeeded(job), outcome: 'failed', reason: 'step_failed', exitCode: 1, engine });
    expect(await until(run, 'failed')).toMatchObject({
      ...{ reason: 'step_failed', plan: PLAN },
      stateLock: { state: 'held', id: 'b4c1', who: 'me\ufffd' },
    });
    const unlock = (lockId: string) => call('POST', `modules/${module.id}/runs`, { operation: 'unlock', lockId });
    expect((await unlock('another')).body.code).toBe('unknown_lock');
    const unlocked = (await unlock('b4c1')).body;
    const { spec } = await work(unlocked.firstJobId, { engine: { plan: null, stateLock: { state: 'released' } } });
    expect(spec).toMatchObject({ runner: 'pool', instance: 'pool-0', engine: { command: 'unlock', lockId: 'b4c1' } });
    expect(await until(unlocked, 'succeeded')).toMatchObject({ stateLock: { state: 'released' } });
  });

  test('ends when it is rejected, canceled or has expired, and says so to who comes later', async () => {
    const module = await newModule();
    const [rejected, canceled, expired] = [await awaiting(module), await awaiting(module), await awaiting(module)];
    const too = await call('POST', `module-runs/${rejected.id}/reject`, { comment: 'x'.repeat(2001) });
    expect([too.status, too.body.errors?.map(({ path }) => path)]).toEqual([400, ['comment']]);
    expect((await call('POST', `module-runs/${rejected.id}/reject`, { comment: 'no' })).body).toMatchObject({
      ...{ state: 'rejected', endedAt: expect.any(String), reason: null },
      approval: { decision: 'rejected', decidedBy: 'test-owner', comment: 'no' },
    });
    expect((await call('POST', `module-runs/${canceled.id}/cancel`)).body.state).toBe('canceled');
    await client.query(`UPDATE module_runs SET approval_expires_at = clock_timestamp() WHERE id = $1`, [expired.id]);
    for (const [run, now] of [
      [rejected, 'rejected'],
      [canceled, 'canceled'],
      [expired, 'expired'],
    ] as const) {
      const { status, body } = await call('POST', `module-runs/${run.id}/approve`, {});
      expect([status, body.detail]).toEqual([409, `The run does not wait for approval: it is ${now}.`]);
    }
    const alone = await awaiting(module);
    await client.query(`UPDATE module_runs SET approval_expires_at = clock_timestamp() WHERE id = $1`, [alone.id]);
    expect((await until(alone, 'expired')).endedAt).not.toBeNull();
    expect(await jobsOf(module)).toEqual(['plan', 'plan', 'plan', 'plan']);
  });

  test('is not applied when its plan succeeds although it was canceled', async () => {
    const module = await newModule({ approval: { when: 'never' } });
    const run = await begin(module);
    await fake.offerOf(run.firstJobId);
    const job = await fake.take(run.firstJobId);
    const asked = await call('POST', `module-runs/${run.id}/cancel`);
    expect(asked.body).toMatchObject({ state: 'planning', cancelRequestedAt: expect.any(String) });
    await fake.until('job:cancel', (message) => JSON.stringify(message).includes(job.jobId));
    for (const step of job.spec.steps.keys()) {
      await fake.request('step:started', { ...heldOf(job), step, atMs: Date.now() });
      await fake.request('step:finished', stepSucceeded(job, step));
    }
    await fake.finish({ ...succeeded(job), ...planned() });
    expect(await until(run, 'canceled')).toMatchObject({ applyJobId: null });
  });
});

describe('what a crash left', () => {
  test('is found by the sweep: jobs that ended without a word, and plans that are gone', async () => {
    const ended = await begin(await newModule(), 'validate');
    const attempt = await eventually(
      () => claimBySql(client, ended.firstJobId).catch(() => null),
      (claimed) => claimed !== null,
    );
    await endBySql(client, attempt!, 'failed');
    expect(await until(ended, 'failed')).toMatchObject({ reason: 'completed' });

    const gone = await awaiting(await newModule());
    await removeBySql(client, gone.firstJobId);
    expect(await until(gone, 'failed')).toMatchObject({ reason: 'plan_unavailable' });
  });
});

test('retention removes runs with their jobs, and keeps the plan of one that is still to be carried out', async () => {
  const module = await newModule();
  const open = await awaiting(module);
  const over = await awaiting(module);
  await call('POST', `module-runs/${over.id}/reject`, {});
  const [first, last] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  const { rows } = await client.query<{ id: OrganizationId }>(
    'SELECT organization_id AS id FROM module_runs WHERE id = $1',
    [open.id],
  );
  const tomorrow = new Date(Date.now() + 86_400_000);
  await server.app.get(JobRemovalRepository, { strict: false }).removeNext(rows[0]!.id, first, last, tomorrow);
  expect((await call<Page<ModuleRun>>('GET', `modules/${module.id}/runs`)).body.items.map(({ id }) => id)).toEqual([
    open.id,
  ]);
  expect((await call('POST', `module-runs/${open.id}/approve`, {})).body.state).toBe('applying');
});

describe('outputs that have changed', () => {
  const triggered = async ({ id }: HierarchyNodeView): Promise<readonly ModuleRun[]> =>
    (await call<Page<ModuleRun>>('GET', `modules/${id}/runs`)).body.items;

  /** Has the engine read the outputs of the module. */
  async function putOut(module: HierarchyNodeView, outputs: Record<string, EngineOutput>): Promise<void> {
    const run = await begin(module, 'outputs');
    await fake.offerOf(run.firstJobId);
    const job = await fake.take(run.firstJobId);
    for (const step of job.spec.steps.keys()) {
      await fake.request('step:started', { ...heldOf(job), step, atMs: Date.now() });
      await fake.request('step:finished', stepSucceeded(job, step));
    }
    const body = Buffer.from(JSON.stringify(outputs));
    const stored = await callFile(peer, 'PUT', 'outputs', job, { token: runnerToken, body, type: 'application/json' });
    expect(stored.status).toBe(200);
    await fake.finish(succeeded(job));
    await until(run, 'succeeded');
  }

  test('have those modules applied that take them and ask for that, with the values of now', async () => {
    const network = await newModule();
    const taking = (output: string, more: object = {}) => ({
      variables: { taken: { type: 'output', moduleId: network.id, output } },
      triggerOnUpstreamOutputChanged: true,
      ...more,
    });
    const app = await newModule(taking('vpc'));
    await call('PATCH', `namespaces/${app.scope.namespaceId}`, {
      settings: { environment: { KEY: { type: 'output', moduleId: network.id, output: 'key' } } },
    });
    const others = [
      await newModule(taking('zone')),
      await newModule(taking('vpc', { triggerOnUpstreamOutputChanged: false })),
    ];
    const refused = await call('POST', `modules/${app.id}/runs`, { operation: 'plan' });
    expect([refused.status, refused.body.errors?.map(({ path }) => path)]).toEqual([
      422,
      ['variables.taken', 'environment.KEY'],
    ]);

    const key = { value: 'planted key', sensitive: true };
    await putOut(network, { vpc: { value: ['vpc', 1], sensitive: false }, key });
    const [first] = await eventually(
      () => triggered(app),
      (runs) => runs.length > 0,
    );
    expect(first).toMatchObject({
      ...{ operation: 'apply', trigger: 'upstream_output', createdBy: `outputs of ${network.path}` },
    });
    const job = (await call<JobDetail>('GET', `jobs/${first!.firstJobId}`)).body;
    expect(job).toMatchObject({ spec: { env: { TF_VAR_taken: '["vpc",1]' } }, secretNames: ['KEY'] });

    // what was begun with older values gives way
    await putOut(network, { vpc: { value: 'vpc-2', sensitive: false }, key });
    await until(first!, 'canceled');
    const [second, ...older] = await triggered(app);
    expect(older.map(({ id }) => id)).toEqual([first!.id]);
    const granted = await work(second!.firstJobId, planned());
    expect([granted.spec.env, granted.secrets]).toEqual([{ TF_VAR_taken: 'vpc-2' }, { KEY: 'planted key' }]);

    // an event that was lost is found by the sweep, and the same values again are no change
    await until(second!, 'awaiting_approval');
    await putOut(network, { vpc: { value: 'vpc-2', sensitive: false }, key });
    await client.query(
      `INSERT INTO module_output_sets (organization_id, module_id, version, changed)
       SELECT organization_id, module_id, max(version) + 1, '{vpc}' FROM module_output_sets
       WHERE module_id = $1 GROUP BY 1, 2`,
      [network.id],
    );
    await until(second!, 'canceled');
    expect(await triggered(app)).toHaveLength(3);
    expect(await Promise.all(others.map(triggered))).toEqual([[], []]);
  });
});

describe('a definition that has changed', () => {
  const runs = async ({ id }: HierarchyNodeView): Promise<readonly ModuleRun[]> =>
    (await call<Page<ModuleRun>>('GET', `modules/${id}/runs`)).body.items;
  const set = (path: string, settings: object) => call('PATCH', path, { settings });
  /** Every change that was left word of was looked at, and what it triggered has begun. */
  const lookedAt = () =>
    eventually(
      async () => (await client.query('SELECT FROM changed_definitions UNION ALL SELECT FROM wanted_runs')).rowCount,
      (count) => count === 0,
    );

  test('has deployed modules applied that ask for it, whatever the level, and no others', async () => {
    const module = await newModule({ approval: { when: 'never' }, triggerOnDefinitionChanged: true });
    const fresh = await newModule({ triggerOnDefinitionChanged: true });
    const applied = await begin(module);
    await work(applied.firstJobId, planned());
    // what changes before it is deployed for the first time is not lost
    await set(`modules/${module.id}`, { workspace: 'prod' });
    await set(`modules/${fresh.id}`, { workspace: 'prod' });
    await lookedAt();
    await work((await until(applied, 'applying')).applyJobId!);
    await until(applied, 'succeeded');
    const [first] = await eventually(
      () => runs(module),
      (all) => all.length === 2,
    );
    expect(first).toMatchObject({ trigger: 'definition_changed', operation: 'apply', createdBy: 'changed settings' });

    // a newer change takes its place, and several of them are one
    const namespace = `namespaces/${module.scope.namespaceId}`;
    await set(namespace, { environment: { A: { type: 'secret', value: 'a' } } });
    await set(`stacks/${module.scope.stackId}`, { environment: { B: { type: 'literal', value: 'b' } } });
    const canceled = await until(first!, 'canceled');
    expect(canceled.applyJobId).toBeNull();
    await lookedAt();
    const [second] = await runs(module);
    expect((await work(second!.firstJobId, planned())).spec.env).toMatchObject({ B: 'b' });
    await work((await until(second!, 'applying')).applyJobId!);
    await until(second!, 'succeeded');

    // the same again, a name, and what deploys nothing else are no change
    await lookedAt();
    const before = (await runs(module)).map(({ id }) => id);
    await set(namespace, { environment: { A: { type: 'secret', value: 'a' } }, labels: { zone: 'eu' } });
    await call('PATCH', `modules/${module.id}`, { name: 'renamed' });
    await lookedAt();
    expect((await runs(module)).map(({ id }) => id)).toEqual(before);

    // what was destroyed does not come back by itself
    await set(namespace, { labels: null });
    const destroyed = await begin(module, 'destroy');
    await work(destroyed.firstJobId, planned({ hasChanges: false }));
    await until(destroyed, 'succeeded');
    await set(namespace, { environment: { A: { type: 'secret', value: 'other' } } });
    await lookedAt();
    expect((await runs(module)).map(({ id }) => id)).toEqual([destroyed.id, ...before]);
    expect(await runs(fresh)).toEqual([]);
  });
});

describe('a source that has changed', () => {
  const NEXT = 'd00d1e'.padEnd(40, '0');

  test('is seen by a runner, however wrong another answer is, and has deployed modules applied', async () => {
    let answer: unknown = { commit: COMMIT, problem: null };
    const questions: unknown[] = [];
    fake.socket.on('source:look', (question: unknown, reply: (seen: unknown) => void) => {
      questions.push(question);
      reply(answer);
    });
    expect(await fake.request('source:offer', { atOnce: 2 })).toEqual({ ok: true });
    const url = 'https://git.example/watched';
    const module = await newModule({
      source: { type: 'git', url, revision: 'main' },
      ...{ triggerOnSourceChanged: true, sourcePolling: { everySeconds: null } },
    });
    const watch = async (): Promise<SourceWatch> =>
      (await call<SourceWatch>('GET', `modules/${module.id}/source-watch`)).body;
    expect(await watch()).toMatchObject({ watched: false, revision: 'main', resolved: null, checkedAt: null });

    // what its last run took is no news
    const applied = await begin(module);
    await work(applied.firstJobId, planned({ hasChanges: false }));
    await until(applied, 'succeeded');
    const seen = await eventually(watch, ({ resolved }) => resolved !== null);
    expect(seen).toMatchObject({
      ...{
        watched: true,
        revision: 'main',
        resolved: COMMIT,
        checkedBy: 'pool/pool-0',
        error: null,
        nextCheckAt: null,
      },
    });
    expect(questions[0]).toEqual({ url, revision: 'main', versions: null, timeoutMs: expect.any(Number) });

    const notify = (body: object) => call<SourceNotified & Problem>('POST', 'source-notifications', body);
    expect((await notify({ url, revision: 'other' })).body).toEqual({ modules: 0 });
    expect((await notify({ url: 'ext::sh', revision: '-x' })).body.errors?.map(({ path }) => path)).toEqual([
      ...['url', 'revision'],
    ]);
    answer = { commit: 'main\u0000', problem: null };
    expect((await notify({ url })).body).toEqual({ modules: 1 });
    const wrong = await eventually(watch, ({ error }) => error?.includes('answer that is none') ?? false);
    expect(wrong.resolved).toBe(COMMIT);

    answer = { commit: NEXT, problem: null };
    const other = url.replace('https://git.example/', 'git@git.example:');
    expect((await notify({ url: `${other}.git`, revision: 'refs/heads/main' })).body).toEqual({ modules: 1 });
    const runs = async () => (await call<Page<ModuleRun>>('GET', `modules/${module.id}/runs`)).body.items;
    const [run] = await eventually(runs, (all) => all.length === 2);
    expect(run).toMatchObject({
      ...{ trigger: 'source_changed', operation: 'apply', createdBy: `commit ${NEXT.slice(0, 12)}` },
    });
    expect(await watch()).toMatchObject({ resolved: NEXT, error: null });

    // one commit is one run, however that ends
    await work(run!.firstJobId, { ...planned(), commit: NEXT });
    await until(run!, 'awaiting_approval');
    await call('POST', `module-runs/${run!.id}/reject`, {});
    const { checkedAt } = await watch();
    await notify({ url });
    await eventually(watch, (now) => now.checkedAt !== checkedAt && now.nextCheckAt === null);
    expect(await runs()).toHaveLength(2);
  });
});
