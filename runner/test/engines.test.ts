import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobId, JobSpec } from '@dibs/shared';
import { engineJob, type EngineJob } from './support/engine-job.js';
import { eventually } from './support/eventually.js';
import { FakeEngines } from './support/fake-engines.js';
import { FakeServer, step, type FakeJob } from './support/fake-server.js';
import { namesInAll } from './support/names-in.js';
import { RunnerProcesses, type RunnerProcess } from './support/runner-process.js';

const PLAN = {
  resource_changes: [{ change: { actions: ['create'] } }, { change: { actions: ['delete', 'create'] } }],
  planted: 'never-to-be-shown',
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the engine of a module on the real runner', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  let engines: FakeEngines;
  let runner: RunnerProcess;
  beforeAll(async () => {
    server = await FakeServer.start();
    // a busy machine must not cost an attempt its lease
    server.timing = { ...server.timing, leaseMs: 300_000, trustMs: 200_000 };
    engines = new FakeEngines(runners.folder());
    runner = await startRunner();
  });
  beforeEach(() => {
    server.files.forget();
    engines.answer([]);
  });
  afterAll(async () => {
    await runners.end();
    await server.stop();
  });

  /** The engines of the host, if there are any, come later on the path. */
  function startRunner(workDir?: string): Promise<RunnerProcess> {
    return runners.start(server.url, { Engine__AdditionalBinaryPaths: engines.binaries }, workDir);
  }

  function run(engine: EngineJob, rest: Partial<JobSpec> = {}, secrets = {}) {
    return server.run({ ...engineJob(engine), ...rest }, secrets);
  }

  /** Last, when nothing more is written about the job. */
  async function shown(runner: RunnerProcess, job: FakeJob): Promise<string> {
    await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
    return JSON.stringify([job.lines, runner.diagnostics]);
  }

  test('terraform makes a plan: arguments, settings and variables, the plan handed over, what it would do', async () => {
    engines.answer([
      { on: 'plan', stdout: 'Plan: 2 to add\n', plan: 'bytes of the plan' },
      { on: 'show', stdout: JSON.stringify(PLAN) },
    ]);
    server.files.mishaps.push({ status: 503, code: 'unavailable' }, 'cut', { status: 401, code: 'token' });
    const engine = {
      ...({ name: 'terraform', command: 'plan', variables: ['size', 'password'], workspace: 'blue' } as const),
      backend: { key: 'backend-secret' },
      flags: { plan: ['-parallelism=4'] },
    };
    const env = { TF_VAR_size: '3', TF_CLI_ARGS_plan: '-destroy' };
    const job = await run(engine, { env }, { TF_VAR_password: 'variable-secret' });
    const result = await server.finished(job);
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(result.engine).toEqual({
      plan: { add: 2, change: 0, destroy: 1, hasChanges: true, sha256: sha256('bytes of the plan') },
      stateLock: { state: 'released' },
    });

    const privateDir = `${runner.workDir}/workspaces/${job.jobId}-1`;
    expect(engines.calls.map(({ name, args }) => [name, ...args])).toEqual([
      ['terraform', 'init', '-input=false', `-backend-config=${privateDir}/backend.tfbackend.json`],
      ['terraform', 'workspace', 'select', '-or-create', 'blue'],
      ['terraform', 'plan', '-parallelism=4', '-input=false', `-out=${privateDir}/plan.bin`],
      ['terraform', 'show', '-json', `${privateDir}/plan.bin`],
    ]);
    const [init, , plan] = engines.calls;
    expect(init?.files).toEqual([{ mode: '600', text: '{"key":"backend-secret"}' }]);
    expect(plan?.cwd).toBe(`${privateDir}/work`);
    expect(plan?.env).toMatchObject({ TF_VAR_size: '3', TF_VAR_password: 'variable-secret', TF_IN_AUTOMATION: '1' });
    expect(plan?.env).not.toHaveProperty('TF_CLI_ARGS_plan');

    const puts = server.files.to('plan');
    expect(puts.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(4).fill(`PUT ${job.jobId}/1/plan`));
    expect(puts.at(-1)).toMatchObject({ claimToken: job.claimToken, body: Buffer.from('bytes of the plan') });
    // the one that was not accepted is not used again
    expect(puts.at(-1)?.authorization).not.toBe(puts[0]?.authorization);
    const text = await shown(runner, job);
    expect(text).toContain('Plan: 2 to add');
    for (const secret of ['never-to-be-shown', 'backend-secret', 'variable-secret']) expect(text).not.toContain(secret);
  });

  test('tofu carries out the plan that was made, and its outputs are handed over, the sensitive ones hidden', async () => {
    const outputs = {
      open: { value: 'plain', sensitive: false },
      key: { value: { a: 'hidden-output' }, sensitive: true },
    };
    engines.answer([{ on: 'output', stdout: JSON.stringify(outputs) }]);
    server.files.plan = Buffer.from('bytes of the plan');
    const steps = [...engineJob({ name: 'tofu', command: 'apply' }).steps, step('echo the key is hidden-output')];
    const plan = { jobId: randomUUID() as JobId, sha256: sha256('bytes of the plan') };
    // elsewhere than in the workspace: terraform is not asked, so it has written down nothing about its backend
    const env = { TF_DATA_DIR: remoteBackend(runner) };
    const job = await run({ name: 'tofu', command: 'apply', plan }, { steps, env });
    const result = await server.finished(job);
    expect(result).toMatchObject({ outcome: 'succeeded', engine: { plan: null, stateLock: { state: 'released' } } });
    const [, apply] = engines.calls;
    expect(apply).toMatchObject({ name: 'tofu', files: [{ mode: '600', text: 'bytes of the plan' }] });
    expect(apply?.args.slice(0, 2)).toEqual(['apply', '-input=false']);
    expect(JSON.parse(server.files.to('outputs')[0]?.body.toString() ?? '')).toEqual(outputs);
    expect(server.textOf(job)).toContain('the key is ***');
    expect(await shown(runner, job)).not.toContain('hidden-output');
  });

  test.each([
    ['another plan', 'other bytes', undefined, 'plan_unavailable'],
    ['a plan that is gone', null, undefined, 'plan_unavailable'],
    ['no backend', 'bytes', 'none', 'step_failed'],
  ])('%s: nothing is applied', async (_what, plan, backend, reason) => {
    server.files.plan = plan === null ? null : Buffer.from(plan);
    const env: JobSpec['env'] = backend === 'none' ? {} : { TF_DATA_DIR: remoteBackend(runner) };
    const wanted = { jobId: randomUUID() as JobId, sha256: sha256('bytes') };
    const job = await run({ name: 'terraform', command: 'apply', plan: wanted }, { env });
    expect(await server.finished(job)).toMatchObject({ outcome: 'failed', reason });
    expect(engines.calls.map(({ args }) => args[0])).toEqual(['init']);
    expect(job.finishedSteps.map(({ state }) => state)).toContain('failed');
  });

  test('pulumi: settings in files, secrets on standard input, a plan of its own, its outputs', async () => {
    const saved = JSON.stringify({ resourcePlans: { a: { steps: ['create'] }, b: { steps: ['same'] } } });
    engines.answer([
      { on: 'preview', plan: saved },
      {
        on: 'stack output --json --stack prod --non-interactive --show-secrets',
        stdout: '{"url":"u","key":"hidden-key"}',
      },
      { on: 'stack output', stdout: '{"url":"u","key":"[secret]"}' },
    ]);
    const engine = {
      ...({ name: 'pulumi', workspace: 'prod', variables: ['size', 'aws:token'] } as const),
      backend: { url: 'file:///states' },
    };
    const rest: Partial<JobSpec> = {
      env: { DIBS_PULUMI_CONFIG_size: '3' },
      files: [
        { path: 'Pulumi.yaml', content: 'name: shop\nruntime: yaml\n' },
        { path: 'Pulumi.prod.yaml', content: 'encryptionsalt: v1:salt\nconfig:\n  shop:kept: yes it is\n' },
      ],
    };
    const secrets = { 'DIBS_PULUMI_CONFIG_aws:token': 'secret-token' };
    const planned = await run({ ...engine, command: 'plan' }, rest, secrets);
    expect(await server.finished(planned)).toMatchObject({
      outcome: 'succeeded',
      engine: { plan: { add: 1, change: 0, destroy: 0, sha256: sha256(saved) }, stateLock: { state: 'released' } },
    });
    const config = `${runner.workDir}/workspaces/${planned.jobId}-1/pulumi-config.yaml`;
    const [select, set, preview] = engines.calls;
    const onStack = ['--stack', 'prod', '--non-interactive'];
    expect(select?.args).toEqual(['stack', 'select', '--create', ...onStack]);
    expect(select?.env).toMatchObject({ PULUMI_BACKEND_URL: 'file:///states' });
    expect(set?.args).toEqual(['config', 'set', '--secret', ...onStack, '--config-file', config, 'aws:token']);
    expect(set?.stdin).toBe('secret-token\n');
    expect(preview?.args).toEqual(['preview', '--save-plan', expect.any(String), ...onStack, '--config-file', config]);
    expect(preview?.files).toEqual([
      { mode: '600', text: 'encryptionsalt: v1:salt\nconfig:\n  shop:kept: yes it is\n  shop:size: "3"\n' },
    ]);

    const told = await run({ ...engine, command: 'outputs' }, rest, secrets);
    expect(await server.finished(told)).toMatchObject({ outcome: 'succeeded' });
    expect(JSON.parse(server.files.to('outputs')[0]?.body.toString() ?? '')).toEqual({
      url: { value: 'u', sensitive: false },
      key: { value: 'hidden-key', sensitive: true },
    });
    expect(await shown(runner, told)).not.toMatch(/hidden-key|secret-token/);
  });

  test('a cancel interrupts the engine once, and nobody else, and waits until it has written its state', async () => {
    engines.answer([{ on: 'apply', waits: true, exitCode: 1, writesForMs: 1000 }]);
    server.files.plan = Buffer.from('bytes');
    const plan = { jobId: randomUUID() as JobId, sha256: sha256('bytes') };
    const env = { TF_DATA_DIR: remoteBackend(runner) };
    const job = await run({ name: 'terraform', command: 'apply', plan }, { env });
    await eventually('the apply', () => engines.events.some(({ waiting }) => waiting !== undefined));
    const { jobId, attempt } = job;
    job.cancel = { jobId, attempt, mode: 'graceful' };
    const renewals = server.messages('runner:renew').length;
    server.emit('job:cancel', job.cancel);
    expect(await server.finished(job)).toMatchObject({
      ...{ outcome: 'canceled', reason: 'canceled', exitCode: 1 },
      engine: { plan: null, stateLock: { state: 'released' } },
    });
    // every renewal in between has said it again
    expect(server.messages('runner:renew').length).toBeGreaterThan(renewals + 3);
    expect(engines.events.slice(1)).toEqual([
      { name: 'terraform', signal: 'SIGINT' },
      { name: 'terraform', childEnded: 'SIGKILL' },
    ]);
    expect(engines.calls.map(({ args }) => args[0])).toEqual(['init', 'apply']);
  });

  test('an attempt that is over for the files is over', async () => {
    engines.answer([{ on: 'output', stdout: '{}' }]);
    server.files.mishaps.push({ status: 403, code: 'fenced' });
    const job = await run({ name: 'terraform', command: 'outputs' });
    const fenced = 'fenced: the attempt is over on the server';
    await eventually('the fence', () => runner.said(fenced).some(({ jobId }) => jobId === job.jobId));
    await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
    expect(server.results().filter(({ jobId }) => jobId === job.jobId)).toEqual([]);
    expect(server.files.requests).toHaveLength(1);
  });

  test('a lock of somebody else is told, over a restart of the runner, and taken away', async () => {
    const lock =
      '╷\n│ Error: Error acquiring the state lock\n│ \n│ Lock Info:\n│   ID:        7f-12\n│   Who:       ann@box\n╵\n';
    engines.answer([{ on: 'plan', stderr: lock, exitCode: 1 }]);
    server.script('job:finished', 'ignore');
    const job = await run({ name: 'terraform', command: 'plan' });
    await eventually('the first result', () => server.results().some(({ jobId }) => jobId === job.jobId));
    await runner.kill();
    runner = await startRunner(runner.workDir);
    expect(await server.finished(job)).toMatchObject({
      ...{ outcome: 'failed', reason: 'step_failed', exitCode: 1 },
      engine: { plan: null, stateLock: { state: 'held', id: '7f-12', who: 'ann@box' } },
    });
    server.takesEngineResults = false;
    server.cut();
    const unlock = await run({ name: 'terraform', command: 'unlock', lockId: '7f-12' });
    expect(await server.finished(unlock)).not.toHaveProperty('engine');
    expect(unlock.finished).toMatchObject({ outcome: 'succeeded' });
    expect(engines.calls.at(-1)?.args).toEqual(['force-unlock', '-force', '7f-12']);
  });
});

/** What terraform notes down in `init` about a backend that keeps the state elsewhere. */
function remoteBackend({ workDir }: RunnerProcess): string {
  const folder = mkdtempSync(join(workDir, 'data-'));
  writeFileSync(join(folder, 'terraform.tfstate'), JSON.stringify({ backend: { type: 's3', config: {} } }));
  return folder;
}
