import type { JobReason, JobState, SubmitJobBody } from '@dibs/shared';
import type { InstallationOptions } from '../support/installation.js';
import type { WorkPlan } from '../support/ledger.js';

/**
 * Where processes are killed and come back: that takes seconds, on a busy machine ten and more, and the lease (30 s) has
 * to outlive it as the real one does. Nothing here waits for the end of one.
 */
export const ROBUST: InstallationOptions = { timeScale: 0.5, ownDatabase: true };

/** What happens to one job, and what must come of it. */
export interface Scenario {
  readonly name: string;
  readonly installation?: InstallationOptions;
  /** Of its own, with one slot each, by name. Default: the one that all scenarios of this installation share. */
  readonly runners?: readonly string[];
  /** One step each. */
  readonly work: readonly (WorkPlan & { readonly untilLetGo?: boolean })[];
  readonly submit?: Partial<SubmitJobBody>;
  /** In order: each waits for its moment. */
  readonly faults?: readonly Fault[];
  readonly expect: {
    readonly state: JobState;
    readonly reason?: JobReason;
    readonly attempts: number;
    /** Attempts whose steps may overlap with the next one's: their runner was killed and could not end them. */
    readonly overlapExcused?: readonly number[];
    /** Lines stored of the last attempt. */
    readonly lines?: number;
  };
}

export interface Fault {
  /** When a step of the job has printed this many lines (by the ledger). Default: at once. */
  readonly printed?: number;
  readonly then: Action;
}

export type Action =
  /** Steps that hold until then go on. */
  | { readonly do: 'let-go' }
  | { readonly do: 'kill-runner-of-job' }
  | { readonly do: 'restart-killed-runner' }
  | { readonly do: 'drain-runner-of-job' }
  | { readonly do: 'kill-server' | 'restart-server' | 'crash-database' }
  | { readonly do: 'cancel'; readonly mode: 'graceful' | 'after_step' | 'kill' }
  | { readonly do: 'reset-connections' }
  | { readonly do: 'cut-after-bytes'; readonly bytes: number }
  | { readonly do: 'silence'; readonly mode: 'black-hole' | 'drop-up' | 'drop-down'; readonly forMs: number };
