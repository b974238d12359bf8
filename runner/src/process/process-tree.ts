import type { CgroupRoot } from './cgroup.js';

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

export type OutputSink = (chunk: Buffer) => void | Promise<void>;

export interface ProcessTree {
  /** undefined: it could not be started. */
  readonly pid: number | undefined;
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

export function spawnTree(_options: SpawnTreeOptions): ProcessTree {
  throw new Error('in work');
}
