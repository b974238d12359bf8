import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ModuleStep, StepShell } from '@dibs/shared';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
    fetchArchive: () => Promise.reject(new Error('there is no archive')),
    onOutput: () => undefined,
    signal: new AbortController().signal,
  });
});
afterEach(() => rmSync(root, { recursive: true }));

const HOOK: ModuleStep = { type: 'hook', at: 'before:plan' };

async function run(script: string, shell: StepShell = 'bash', searchPath = process.env.PATH, part?: ModuleStep) {
  const output: [string, string][] = [];
  const env = stepEnvironment({
    ...{ hostEnv: process.env, jobId, attempt: 1, step: 3, runnerName: 'pool', instanceName: 'pool-0' },
    ...{ tmpDir: workspace.tmpDir, env: { FROM_JOB: 'job' }, secrets: { TOKEN: 'hunter2!' } },
  });
  const step = shellExecutor({ cgroupRoot: null, searchPath, pipeGraceMs: 100 }).runStep({
    step: { name: 'test', run: script, shell, timeoutSeconds: null, ...(part && { part }) },
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

describe('a hook', () => {
  const runHook = (script: string, shell: StepShell = 'bash') => run(script, shell, process.env.PATH, HOOK);

  test.each(['bash', 'sh'] as const)('is run by %s as the bytes that it is, and like any other step', async (shell) => {
    const { end, stdout, stderr } = await runHook(
      `#!/bin/false\nprintf '%s' 'ä"\t\r\n$HOME \\ \`x\`'\nenv | grep -c HOOK_SCRIPT || echo $# $0 $TOKEN\ncat\nnosuch\necho not here`,
      shell,
    );
    expect(stdout).toBe('ä"\t\r\n$HOME \\ `x`0\n0 test hunter2!\n');
    expect(stderr).toMatch(/^test: (line )?6: .*nosuch: .*not found\n$/);
    expect(end.exitCode).toBe(127);
    expect((await runHook('exit 3', shell)).end.exitCode).toBe(3);
    expect((await runHook(`: ${'x'.repeat(100_000)}\necho done`, shell)).stdout).toBe('done\n');
  });

  test('is not in the arguments, which everybody on the host can see', async () => {
    expect((await runHook('tr "\\0" " " < /proc/$$/cmdline # secret')).stdout).not.toContain('secret');
  });

  /** What another job, as the same user, can do while the script runs: write to all that the shell could read it from. */
  async function attacked(part?: ModuleStep): Promise<string> {
    const [pidFile, go] = [join(root, 'pid'), join(root, 'go')];
    const script = `echo $$ >${pidFile}\nwhile [ ! -e ${go} ]; do sleep 0.01; done\necho as it was approved\n`;
    const running = run(script, 'bash', process.env.PATH, part);
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await delay(10);
    const descriptors = `/proc/${readFileSync(pidFile, 'utf8').trim()}/fd`;
    const open = readdirSync(descriptors).filter((fd) => fd !== '1' && fd !== '2');
    const targets = open.map((fd) => readlinkSync(join(descriptors, fd))).filter((path) => path !== '/dev/null');
    const files = readdirSync(workspace.privateDir, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of new Set([...targets, ...files.map(({ name }) => join(workspace.privateDir, name))])) {
      if (existsSync(path)) appendFileSync(path, 'echo evil\n');
      else writeFileSync(join(descriptors, String(open[targets.indexOf(path)])), 'echo evil\n');
    }
    writeFileSync(go, '');
    return (await running).stdout;
  }

  test('cannot be changed once it was checked', async () => {
    expect(await attacked(HOOK)).toBe('as it was approved\n');
  });

  // the proof that the attack works where it can
  test('is safer in that than other scripts, which lie in a file', async () => {
    expect(await attacked()).toBe('as it was approved\nevil\n');
  });
});
