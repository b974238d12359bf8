import type { Executor, StepRun, StepRunEnd } from '../executors/executor.js';
import {
  spawnTree,
  type ProcessEnd,
  type ProcessTree,
  type SpawnTreeOptions,
  type StopOrder,
} from '../process/process-tree.js';
import { EngineRefusal, type CallOptions, type EngineCalls } from './engine.js';

export interface EngineStepOptions {
  /** Absolute path of the engine. */
  readonly program: string;
  readonly process: Pick<SpawnTreeOptions, 'cwd' | 'env' | 'marker' | 'cgroupRoot' | 'pipeGraceMs'>;
  readonly onOutput: Parameters<Executor['runStep']>[0]['onOutput'];
  readonly onProcess: (tree: Pick<ProcessTree, 'leader' | 'started'>) => void;
  /** Of each call, with the end of what it printed. */
  readonly onEnded: (end: ProcessEnd, output: string, how: CallOptions) => void;
  readonly say: (line: string) => void;
  /** What the step does. The signal comes when it must stop. */
  readonly work: (calls: EngineCalls, signal: AbortSignal) => Promise<void>;
}

/** A call that did not end with 0. */
class CallFailed extends Error {
  constructor(readonly end: ProcessEnd) {
    super(`the engine ended with ${end.exitCode ?? end.signal}`);
  }
}

/**
 * A step in which the engine is called several times, and files travel in between.
 *
 * A stop reaches the engine that runs as one signal, and nothing is called after it. One, because renewals repeat a
 * cancel, and for terraform a second one means: leave everything as it is, the state too.
 */
export class EngineStep implements StepRun {
  readonly leader = null;
  readonly started = Promise.resolve(null);
  readonly ended: Promise<StepRunEnd>;
  private readonly stopping = new AbortController();
  private current: ProcessTree | null = null;
  private survivors = 0;

  constructor(private readonly options: EngineStepOptions) {
    this.ended = this.run();
  }

  async terminate(how: StopOrder): Promise<void> {
    if (!this.stopping.signal.aborted) {
      this.stopping.abort();
      void this.current?.terminate(how);
    }
    await this.ended;
  }

  async kill(): Promise<void> {
    this.stopping.abort();
    void this.current?.kill();
    await this.ended;
  }

  private async run(): Promise<StepRunEnd> {
    const { signal } = this.stopping;
    const calls: EngineCalls = {
      run: async (args, how) => void (await this.call(args, how ?? {}, false)),
      read: (args) => this.call(args, {}, true),
    };
    try {
      await this.options.work(calls, signal);
      return this.endedWith(0);
    } catch (error) {
      if (error instanceof CallFailed) return { ...error.end, survivors: this.survivors };
      if (signal.aborted) return this.endedWith(null);
      this.options.say((error as Error).message);
      const reason = error instanceof EngineRefusal ? error.reason : 'step_failed';
      return reason === 'step_failed' ? this.endedWith(1) : { ...this.endedWith(null), failure: reason };
    }
  }

  private endedWith(exitCode: number | null): StepRunEnd {
    return { exitCode, signal: null, leftoversKilled: 0, survivors: this.survivors };
  }

  private async call(args: readonly string[], how: CallOptions, isRead: boolean): Promise<string> {
    this.stopping.signal.throwIfAborted();
    const { program, process, onOutput, onProcess, onEnded } = this.options;
    const [output, read] = [new Tail(), new Capture()];
    const tree = spawnTree({
      ...process,
      command: [...(how.stdin === undefined ? [] : ['/bin/sh', '-c', 'exec "$@" <"$0"', how.stdin]), program, ...args],
      onStdout: (chunk) => {
        if (isRead) return read.push(chunk);
        output.push(chunk);
        return onOutput('stdout', chunk);
      },
      onStderr: (chunk) => {
        output.push(chunk);
        return onOutput('stderr', chunk);
      },
    });
    this.current = tree;
    onProcess(tree);
    const end = await tree.ended;
    this.current = null;
    this.survivors += end.survivors;
    onEnded(end, output.text, how);
    if (end.exitCode !== 0) throw new CallFailed(end);
    return read.text();
  }
}

/** The last of what an engine printed: what it says of locks stands at its end. */
class Tail {
  text = '';

  push(chunk: Buffer): void {
    this.text = (this.text + chunk.toString('utf8')).slice(-MAX_TAIL_LENGTH);
  }
}

/** Output that is read by the runner. */
class Capture {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= MAX_READ_BYTES) this.chunks.push(chunk);
  }

  text(): string {
    if (this.bytes <= MAX_READ_BYTES) return Buffer.concat(this.chunks).toString('utf8');
    const limit = `${MAX_READ_BYTES / 2 ** 20} MiB`;
    throw new EngineRefusal(
      'step_failed',
      `The engine describes it in more than ${limit}, which this runner does not read.`,
    );
  }
}

const MAX_TAIL_LENGTH = 64 * 1024;
/** A plan of some ten thousand resources. */
const MAX_READ_BYTES = 128 * 2 ** 20;
