import type { StepShell } from '@dibs/shared';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '../process/find-executable.js';
import { spawnTree } from '../process/process-tree.js';
import type { Executor, ExecutorHost, StepRequest, StepRun } from './executor.js';
import { scriptInMemory } from './script-in-memory.js';

/** How each shell stops at the first failing command. `pipefail`: also when it is not the last of a pipe. */
const SHELL_OPTIONS: Readonly<Record<StepShell, readonly string[]>> = { bash: ['-eo', 'pipefail'], sh: ['-e'] };

/** Steps as process trees of this host, with the runner's user and HOME. No isolation between jobs. */
export function shellExecutor(host: ExecutorHost): Executor {
  const found = new Map<StepShell, string>();
  // Found before the job's own PATH can matter: `shell` means the host's shell, not one from the checkout.
  const findShell = (shell: StepShell): string | null => {
    const path = found.get(shell) ?? findExecutable(shell, host.searchPath);
    if (path !== null) found.set(shell, path);
    return path;
  };
  return { type: 'shell', runStep: (request) => runStep(host, findShell(request.step.shell), request) };
}

function runStep(
  host: ExecutorHost,
  shell: string | null,
  { step, index, marker, workspace, env, anew = false, onOutput }: StepRequest,
): StepRun {
  if (shell === null) return notStarted(`there is no ${step.shell} on this runner's PATH`);
  const options = SHELL_OPTIONS[step.shell];
  const where = { cwd: workspace.stepDir, marker, cgroupRoot: host.cgroupRoot, pipeGraceMs: host.pipeGraceMs };
  const sinks = {
    onStdout: (chunk: Buffer) => onOutput('stdout', chunk),
    onStderr: (chunk: Buffer) => onOutput('stderr', chunk),
  };
  if (step.part?.type === 'hook') {
    // no prepared process either: its orders come through a pipe
    const script = scriptInMemory(step.run, step.name);
    const command = [shell, ...options, ...script.args];
    return spawnTree({ ...where, ...sinks, command, env: { ...env, ...script.env } });
  }
  const script = join(workspace.privateDir, `step-${index}.sh`);
  try {
    // A file and not an argument: scripts may be longer than an argument can be, and `ps` shows arguments to everybody.
    const text = step.run.endsWith('\n') ? step.run : `${step.run}\n`;
    if (!host.placeScript?.(script, text)) writeFileSync(script, text, { mode: 0o600 });
  } catch (error) {
    return notStarted(`its script could not be written: ${(error as Error).message}`, error);
  }
  return spawnTree({
    ...where,
    ...sinks,
    command: [shell, ...options, script],
    env,
    ...(host.prepared && !anew && { prepared: host.prepared }),
  });
}

function notStarted(why: string, cause?: unknown): StepRun {
  const end = { exitCode: null, signal: null, spawnError: new Error(why, { cause }), leftoversKilled: 0, survivors: 0 };
  return {
    leader: null,
    started: Promise.resolve(null),
    ended: Promise.resolve(end),
    terminate: () => Promise.resolve(),
    kill: () => Promise.resolve(),
  };
}
