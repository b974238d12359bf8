import { setTimeout as delay } from 'node:timers/promises';
import { deferred } from './deferred.js';
import { type TreeEnd, type TreeIdentity, endTree, isTreeGone, signalGroup, signalLeader } from './end-tree.js';
import { type DirectLaunchOptions, launchDirectly } from './direct-launch.js';
import { type Exit, type Launch, PreparedProcessLost } from './launch.js';
import { OutputPipe, type OutputSink } from './output-pipe.js';
import { ATTEMPT_VARIABLE, JOB_VARIABLE, type ProcessMarker, type TreeLeader } from './process-table.js';

/** Processes that wait already. null: none now, or none that fits. */
export interface PreparedLaunches {
  launch(options: DirectLaunchOptions): Launch | null;
}

export interface SpawnTreeOptions extends DirectLaunchOptions {
  /** A returned promise is back-pressure: the pipe is paused until it settles. */
  readonly onStdout: OutputSink;
  readonly onStderr: OutputSink;
  /** Where a process may be had that waits already; without one, or when it has none that fits, a new one is made. */
  readonly prepared?: PreparedLaunches;
  /** How long a grandchild may keep the pipes open after the direct child has ended. Default 2,000. */
  readonly pipeGraceMs?: number;
}

export interface ProcessTree {
  /** The direct child, which may not have become the program yet; null: it could not be started. */
  readonly leader: TreeLeader | null;
  /** When the program began to run, of performance.now(); null: it could not be started. Never rejects. */
  readonly started: Promise<number | null>;
  /** After this nothing of the tree runs and both sinks have seen their last chunk. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Signal, then after the grace SIGKILL to everything. Settles with `ended`. May be called again. */
  terminate(how: StopOrder): Promise<void>;
  /** SIGKILL to everything at once. Settles with `ended`. */
  kill(): Promise<void>;
}

export interface StopOrder {
  readonly signal: 'SIGTERM' | 'SIGINT';
  readonly graceMs: number;
  /**
   * `leader`: the direct child alone hears the signal and ends what it started itself; what outlives it gets no grace.
   * Default `group`.
   */
  readonly to?: 'group' | 'leader';
}

export interface ProcessEnd {
  /** null: ended by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the child could not be started; `PreparedProcessLost`: nothing ran yet, and starting it anew may help. */
  readonly spawnError?: Error;
  /** Processes that outlived the direct child and were killed. */
  readonly leftoversKilled: number;
  /** Processes that could not be ended (in uninterruptible sleep, of another user), or not looked for. Almost always 0. */
  readonly survivors: number;
}

const DEFAULT_PIPE_GRACE_MS = 2_000;

/** Starts a command as leader of its own session and group, and in its own cgroup where the host allows. Never throws. */
export function spawnTree(options: SpawnTreeOptions): ProcessTree {
  return new RunningTree(options);
}

/**
 * Launched → the program runs → the direct child exits → its pipes close, or the grace for that is over → whatever is
 * left is killed → the pipes are read to their end → ended. A stop order only adds signals, and a longer grace for the
 * descendants (an engine goes on writing its state when the shell above it is already gone); a kill ends every grace.
 */
class RunningTree implements ProcessTree {
  readonly leader: TreeLeader | null;
  readonly started: Promise<number | null>;
  readonly ended: Promise<ProcessEnd>;

  private readonly launch: Launch;
  private readonly tree: TreeIdentity;
  private readonly pipes: readonly OutputPipe[];
  private readonly pipeGraceMs: number;
  private readonly stopOrdered = deferred<void>();
  private readonly killOrdered = deferred<void>();
  private readonly unkillable = deferred<Exit>();
  private isStopping = false;
  private stopDeadline: number | null = null;
  private killing: Promise<TreeEnd> | null = null;
  private gone = false;
  private over = false;

  constructor({ prepared, pipeGraceMs, onStdout, onStderr, ...how }: SpawnTreeOptions) {
    this.pipeGraceMs = pipeGraceMs ?? DEFAULT_PIPE_GRACE_MS;
    const { marker } = how;
    const options = { ...how, env: { ...how.env, ...markerVariables(marker) } };
    this.launch = prepared?.launch(options) ?? launchDirectly(options);
    const { leader, cgroup, output, started } = this.launch;
    this.leader = leader;
    this.started = started;
    this.tree = { marker, leader, cgroups: cgroup ? [cgroup] : [] };
    this.pipes = output
      ? [
          new OutputPipe(output.stdout, this.onceStarted(onStdout)),
          new OutputPipe(output.stderr, this.onceStarted(onStderr)),
        ]
      : [];
    this.ended = this.untilEnded();
  }

  async terminate({ signal, graceMs, to = 'group' }: StopOrder): Promise<void> {
    const { leader } = this.tree;
    if (this.over || !leader) return this.ended.then(() => undefined);
    this.isStopping = true;
    if (to === 'group') {
      const deadline = performance.now() + graceMs;
      this.stopDeadline = Math.min(this.stopDeadline ?? deadline, deadline);
      this.stopOrdered.resolve();
    }
    const send = to === 'group' ? signalGroup : signalLeader;
    send(leader, signal);
    send(leader, 'SIGCONT'); // a stopped process would only see the signal after its grace
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
    const exit = await Promise.race([this.exited(), this.unkillable.promise]);
    if (!exit.spawnError) await Promise.race([this.restEnds(), this.killOrdered.promise]);
    const { killed, survivors } = await this.endRest();
    await Promise.all(this.pipes.map((pipe) => pipe.drain(this.pipeGraceMs)));
    await Promise.all(this.tree.cgroups.map((cgroup) => cgroup.remove()));
    this.over = true;
    return { ...exit, leftoversKilled: killed, survivors };
  }

  /** A prepared process that was ended before it became the program, and not by us, is no end of the program. */
  private async exited(): Promise<Exit> {
    const exit = await this.launch.exit;
    const isRun = exit.spawnError !== undefined || (await this.started) !== null;
    const isOurs = this.killing !== null || this.isStopping;
    return isRun || isOurs ? exit : { exitCode: null, signal: null, spawnError: new PreparedProcessLost() };
  }

  /** What a prepared process says before it is the program is not the program's output. */
  private onceStarted(sink: OutputSink): OutputSink {
    let isStarted: boolean | null = null;
    const started = this.started.then((atMs) => (isStarted = atMs !== null));
    return (chunk) => (isStarted ? sink(chunk) : started.then((is) => (is ? sink(chunk) : undefined)));
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

function markerVariables({ jobId, attempt }: ProcessMarker): Record<string, string> {
  return { [JOB_VARIABLE]: jobId, [ATTEMPT_VARIABLE]: String(attempt) };
}
