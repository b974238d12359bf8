import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StepShell } from '@dibs/shared';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareWorkspace, type Workspace } from '../workspace/workspace.js';
import { shellExecutor } from './shell.executor.js';
import { stepEnvironment } from './step-environment.js';

const jobId = randomUUID();
let root: string;
let workspace: Workspace;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'dibs-executor-'));
  const hostEnv = { PATH: process.env.PATH };
  workspace = await prepareWorkspace({
    ...{ root, jobId, attempt: 1, files: [], source: null, cloneDepth: 1, hostEnv, cgroupRoot: null, pipeGraceMs: 100 },
    onOutput: () => undefined,
    signal: new AbortController().signal,
  });
});
afterEach(() => rmSync(root, { recursive: true }));

async function run(script: string, shell: StepShell = 'bash', searchPath = process.env.PATH) {
  const output: [string, string][] = [];
  const env = stepEnvironment({
    ...{ hostEnv: process.env, jobId, attempt: 1, step: 3, runnerName: 'pool', instanceName: 'pool-0' },
    ...{ tmpDir: workspace.tmpDir, env: { FROM_JOB: 'job' }, secrets: { TOKEN: 'hunter2!' } },
  });
  const step = shellExecutor({ cgroupRoot: null, searchPath, pipeGraceMs: 100 }).runStep({
    step: { name: 'test', run: script, shell, timeoutSeconds: null },
    index: 3,
    marker: { jobId, attempt: 1 },
    workspace,
    env,
    onOutput: (stream, chunk) => void output.push([stream, chunk.toString()]),
  });
  const startedAtMs = await step.started;
  const end = await step.ended;
  const text = (stream: string) => output.flatMap(([from, part]) => (from === stream ? [part] : [])).join('');
  return { startedAtMs, end, stdout: text('stdout'), stderr: text('stderr') };
}

test('bash stops at the first failing command, also inside of a pipe', async () => {
  expect((await run('false; echo not here')).end.exitCode).toBe(1);
  expect((await run('(exit 4) | cat; echo not here')).end.exitCode).toBe(4);
  expect((await run('true | cat; [[ a == a ]]; echo here')).stdout).toBe('here\n');
});

test('sh stops at the first failing command', async () => {
  const { end, stdout } = await run('echo first; false; echo not here', 'sh');
  expect([end.exitCode, stdout]).toEqual([1, 'first\n']);
});

test('the step runs in the workspace, without input, with its own words in the environment', async () => {
  const script =
    'pwd; cat; echo $DIBS_JOB_ID $DIBS_ATTEMPT $DIBS_STEP $DIBS_RUNNER $DIBS_INSTANCE $CI $FROM_JOB $TOKEN $TMPDIR';
  const { stdout } = await run(script);
  expect(stdout).toBe(`${workspace.stepDir}\n${jobId} 1 3 pool pool-0 true job hunter2! ${workspace.tmpDir}\n`);
});

test('the script is neither an argument nor in the workspace of the job', async () => {
  const { stdout } = await run('tr "\\0" " " < /proc/$$/cmdline; ls -a');
  expect(stdout).not.toContain('cmdline');
  expect(readdirSync(workspace.dir)).toEqual([]);
});

test('a script may be longer than an argument', async () => {
  const { end, stdout } = await run(`: ${'x'.repeat(500_000)}\necho done`);
  expect([end.exitCode, stdout]).toEqual([0, 'done\n']);
});

test('a missing shell is said, not thrown', async () => {
  const { startedAtMs, end } = await run('true', 'bash', '/nonexistent');
  expect(startedAtMs).toBeNull();
  expect(end.spawnError?.message).toContain('no bash');
});

test('a script that cannot be written is said, not thrown', async () => {
  mkdirSync(join(workspace.privateDir, 'step-3.sh'));
  expect((await run('true')).end.spawnError?.message).toContain('could not be written');
});
