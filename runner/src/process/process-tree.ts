import { setTimeout as delay } from 'node:timers/promises';
import type { CgroupRoot } from './cgroup-folder.js';
import { deferred } from './deferred.js';
import { type TreeEnd, type TreeIdentity, endTree, isTreeGone, signalGroup } from './end-tree.js';
import { findExecutable } from './find-executable.js';
import { OutputPipe, type OutputSink } from './output-pipe.js';
import { ATTEMPT_VARIABLE, JOB_VARIABLE, type TreeLeader, readProcess } from './process-table.js';
import { type Child, NotStarted, startProcess } from './start-process.js';
import { TreeCgroup } from './tree-cgroup.js';

/** Put into the environment of everything a job starts, so that what escaped its group can still be found. */
export interface ProcessMarker {
  readonly jobId: string;
  readonly attempt: number;
}

export interface SpawnTreeOptions {
  /** argv; never passed through a shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The complete environment: nothing of the runner's own is added, except the two variables of the marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly marker: ProcessMarker;
  /** From `openCgroupRoot`; null: groups and the /proc scan only. */
  readonly cgroupRoot: CgroupRoot | null;
  /** A returned promise is back-pressure: the pipe is paused until it settles. */
  readonly onStdout: OutputSink;
  readonly onStderr: OutputSink;
  /** How long a grandchild may keep the pipes open after the direct child has ended. Default 2,000. */
  readonly pipeGraceMs?: number;
}

export interface ProcessTree {
  /** The direct child; null: it could not be started. */
  readonly leader: TreeLeader | null;
  /** When that was there, or known not to be: of performance.now(). */
  readonly startedAtMs: number;
  /** true once the child runs; false when it could not be started. Never rejects. */
  readonly spawned: Promise<boolean>;
  /** After this nothing of the tree runs and both sinks have seen their last chunk. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Signal to the group, then after the grace SIGKILL to everything. Settles with `ended`. May be called again. */
  terminate(how: StopOrder): Promise<void>;
  /** SIGKILL to everything at once. Settles with `ended`. */
  kill(): Promise<void>;
}

export interface StopOrder {
  readonly signal: 'SIGTERM' | 'SIGINT';
  readonly graceMs: number;
}

export interface ProcessEnd {
  /** null: ended by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the child could not be started. */
  readonly spawnError?: Error;
  /** Processes that outlived the direct child and were killed. */
  readonly leftoversKilled: number;
  /** Processes that could not be ended (in uninterruptible sleep, or of another user). Almost always 0. */
  readonly survivors: number;
}

const DEFAULT_PIPE_GRACE_MS = 2_000;

/** Starts a command as leader of its own session and group, and in its own cgroup where the host allows. Never throws. */
export function spawnTree(options: SpawnTreeOptions): ProcessTree {
  return new RunningTree(options);
}

interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly spawnError?: Error;
}

/**
 * Running → the direct child exits → its pipes close, or the grace for that is over → whatever is left is killed →
 * the pipes are read to their end → ended. A stop order only adds signals, and a longer grace for the descendants
 * (an engine goes on writing its state when the shell above it is already gone); a kill ends every grace.
 */
class RunningTree implements ProcessTree {
  readonly leader: TreeLeader | null;
  readonly startedAtMs: number;
  readonly spawned: Promise<boolean>;
  readonly ended: Promise<ProcessEnd>;

  private readonly tree: TreeIdentity;
  private readonly pipes: readonly OutputPipe[];
  private readonly exit: Promise<Exit>;
  private readonly pipeGraceMs: number;
  private readonly stopOrdered = deferred<void>();
  private readonly killOrdered = deferred<void>();
  private readonly unkillable = deferred<Exit>();
  private stopDeadline: number | null = null;
  private killing: Promise<TreeEnd> | null = null;
  private gone = false;
  private over = false;

  constructor({ command, cwd, env, marker, cgroupRoot, onStdout, onStderr, pipeGraceMs }: SpawnTreeOptions) {
    this.pipeGraceMs = pipeGraceMs ?? DEFAULT_PIPE_GRACE_MS;
    // `sh` would turn "not found" into an exit code: only wrap what is known to exist.
    const program = findExecutable(command[0] ?? '', env.PATH);
    const cgroup = program === null ? null : TreeCgroup.create(cgroupRoot, marker);
    const argv = cgroup && program !== null ? cgroup.wrap([program, ...command.slice(1)]) : command;
    const child = startProcess(argv, { cwd, env: { ...env, ...markerVariables(marker) } });
    this.startedAtMs = performance.now();
    const pid = child instanceof NotStarted ? undefined : child.pid;
    this.spawned = Promise.resolve(pid !== undefined);
    this.leader = pid === undefined ? null : { pid, startTicks: readProcess(pid)?.startTicks ?? null };
    this.tree = { marker, leader: this.leader, cgroups: cgroup ? [cgroup] : [] };
    this.exit = child instanceof NotStarted ? child.why.then(neverRan) : exitOf(child);
    this.pipes =
      child instanceof NotStarted
        ? []
        : [new OutputPipe(child.stdout, onStdout), new OutputPipe(child.stderr, onStderr)];
    this.ended = this.untilEnded();
  }

  async terminate({ signal, graceMs }: StopOrder): Promise<void> {
    const { leader } = this.tree;
    if (this.over || !leader) return this.ended.then(() => undefined);
    const deadline = performance.now() + graceMs;
    this.stopDeadline = Math.min(this.stopDeadline ?? deadline, deadline);
    this.stopOrdered.resolve();
    signalGroup(leader, signal);
    signalGroup(leader, 'SIGCONT'); // a stopped process would only see the signal after its grace
    const graceOver = new AbortController();
    await Promise.race([this.ended, delay(graceMs, undefined, { signal: graceOver.signal }).catch(() => undefined)]);
    graceOver.abort();
    return this.kill();
  }

  async kill(): Promise<void> {
    if (!this.over && this.tree.leader && !this.killing) {
      this.killing = endTree(this.tree);
      this.killOrdered.resolve();
      const { survivors } = await this.killing;
      if (survivors > 0) this.unkillable.resolve({ exitCode: null, signal: 'SIGKILL' });
    }
    await this.ended;
  }

  private async untilEnded(): Promise<ProcessEnd> {
    const exit = await Promise.race([this.exit, this.unkillable.promise]);
    if (!exit.spawnError) await Promise.race([this.restEnds(), this.killOrdered.promise]);
    const { killed, survivors } = await this.endRest();
    await Promise.all(this.pipes.map((pipe) => pipe.drain(this.pipeGraceMs)));
    await Promise.all(this.tree.cgroups.map((cgroup) => cgroup.remove()));
    this.over = true;
    return { ...exit, leftoversKilled: killed, survivors };
  }

  /** The descendants get the time to end by themselves: until the pipes close, or all of a stop order's grace. */
  private async restEnds(): Promise<void> {
    if (await this.isGone()) return;
    const pipesClosed = Promise.all(this.pipes.map((pipe) => pipe.closesWithin(this.pipeGraceMs)));
    await Promise.race([pipesClosed, this.stopOrdered.promise]);
    while (this.stopDeadline !== null && !this.killing && performance.now() < this.stopDeadline) {
      if (await this.isGone()) return;
      await delay(Math.min(100, Math.max(1, this.stopDeadline - performance.now())));
    }
  }

  private async endRest(): Promise<TreeEnd> {
    if (this.killing) return { killed: 0, survivors: (await this.killing).survivors };
    return (await this.isGone()) ? { killed: 0, survivors: 0 } : endTree(this.tree);
  }

  /** Once nothing lives nothing can be born: the answer "gone" is final and not looked up again. */
  private async isGone(): Promise<boolean> {
    this.gone ||= !this.tree.leader || (await isTreeGone(this.tree));
    return this.gone;
  }
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

function markerVariables({ jobId, attempt }: ProcessMarker): Record<string, string> {
  return { [JOB_VARIABLE]: jobId, [ATTEMPT_VARIABLE]: String(attempt) };
}
