import type { StepShell } from '@dibs/shared';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '../process/find-executable.js';
import { spawnTree } from '../process/process-tree.js';
import type { Executor, ExecutorHost, StepRequest, StepRun } from './executor.js';

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
  const script = join(workspace.privateDir, `step-${index}.sh`);
  try {
    // A file and not an argument: scripts may be longer than an argument can be, and `ps` shows arguments to everybody.
    writeFileSync(script, step.run.endsWith('\n') ? step.run : `${step.run}\n`, { mode: 0o600 });
  } catch (error) {
    return notStarted(`its script could not be written: ${(error as Error).message}`, error);
  }
  return spawnTree({
    command: [shell, ...SHELL_OPTIONS[step.shell], script],
    cwd: workspace.stepDir,
    env,
    marker,
    cgroupRoot: host.cgroupRoot,
    ...(host.prepared && !anew && { prepared: host.prepared }),
    onStdout: (chunk) => onOutput('stdout', chunk),
    onStderr: (chunk) => onOutput('stderr', chunk),
    pipeGraceMs: host.pipeGraceMs,
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
