import type { JobReason, StepSpec } from '@dibs/shared';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import type { ProcessMarker, TreeLeader } from '../process/process-table.js';
import type { PreparedLaunches, ProcessEnd, StopOrder } from '../process/process-tree.js';
import type { Workspace } from '../workspace/workspace.js';

/** How the steps of one job run. One implementation per `ExecutorSpec.type`. */
export interface Executor {
  readonly type: 'shell';
  /** Never throws; a step that cannot be started ends with `spawnError`. */
  runStep(request: StepRequest): StepRun;
}

export interface StepRequest {
  readonly step: StepSpec;
  /** Zero-based. */
  readonly index: number;
  readonly marker: ProcessMarker;
  readonly workspace: Workspace;
  /** Complete, from `stepEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** No prepared process is used, because one was lost just now. */
  readonly anew?: boolean;
  /** A returned promise pauses the step's pipe until it settles. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void | Promise<void>;
}

export interface StepRun {
  /** Host process that leads the step; null: it could not be started, or is not a process of this host. */
  readonly leader: TreeLeader | null;
  /** When the step began to run, of performance.now(); null: it does not. Never rejects. */
  readonly started: Promise<number | null>;
  /** Nothing of the step runs after this, and all its output was handed over. Never rejects. */
  readonly ended: Promise<StepRunEnd>;
  terminate(how: StopOrder): Promise<void>;
  kill(): Promise<void>;
}

export interface StepRunEnd extends ProcessEnd {
  /** It failed for this reason, and not by an exit code. */
  readonly failure?: JobReason;
}

export interface ExecutorHost {
  readonly cgroupRoot: CgroupRoot | null;
  /** Where shells are found: the PATH of the runner. */
  readonly searchPath: string | undefined;
  readonly pipeGraceMs: number;
  readonly prepared?: PreparedLaunches;
  /** Puts a script at a path where nothing is. @returns false: it is not there, or what was there */
  readonly placeScript?: (path: string, text: string) => boolean;
}
