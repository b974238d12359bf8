import type { CgroupRoot } from './cgroup-folder.js';
import { findExecutable } from './find-executable.js';
import type { Exit, Launch } from './launch.js';
import { type ProcessMarker, startTicksOf } from './process-table.js';
import { type Child, NotStarted, startProcess } from './start-process.js';
import { TreeCgroup } from './tree-cgroup.js';

export interface DirectLaunchOptions {
  /** argv; never passed through a shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The complete environment: nothing of the runner's own is added, except the two variables of the marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly marker: ProcessMarker;
  /** From `openCgroupRoot`; null: groups and the /proc scan only. */
  readonly cgroupRoot: CgroupRoot | null;
}

/** The usual way: a new process for the program. Never throws. */
export function launchDirectly({ command, cwd, env, marker, cgroupRoot }: DirectLaunchOptions): Launch {
  // `sh` would turn "not found" into an exit code: only wrap what is known to exist.
  const program = findExecutable(command[0] ?? '', env.PATH);
  const cgroup = program === null ? null : TreeCgroup.create(cgroupRoot, marker);
  const argv = cgroup && program !== null ? cgroup.wrap([program, ...command.slice(1)]) : command;
  const child = startProcess(argv, { cwd, env });
  if (child instanceof NotStarted) return notLaunched(cgroup, child.why.then(neverRan));
  const { pid } = child;
  if (pid === undefined) return notLaunched(cgroup, exitOf(child));
  const leader = { pid, startTicks: startTicksOf(pid) };
  const { stdout, stderr } = child;
  return {
    leader,
    cgroup,
    output: { stdout, stderr },
    started: Promise.resolve(performance.now()),
    exit: exitOf(child),
  };
}

function notLaunched(cgroup: TreeCgroup | null, exit: Promise<Exit>): Launch {
  return { leader: null, cgroup, output: null, started: Promise.resolve(null), exit };
}

/** Not execa's promise for a child that runs: it also waits for the pipes, which a grandchild may hold for ever. */
function exitOf(child: Child): Promise<Exit> {
  return new Promise((resolve) => {
    if (child.pid !== undefined) child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    void child.then(({ cause, message }) => {
      if (child.pid === undefined) resolve(neverRan(cause instanceof Error ? cause : new Error(message)));
    });
  });
}

function neverRan(spawnError: Error): Exit {
  return { exitCode: null, signal: null, spawnError };
}
