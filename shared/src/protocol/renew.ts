import type { JobId } from '../ids.js';

/** Names one attempt and proves that the sender holds it. The pair (attempt, claimToken) is the fence. */
export interface HeldAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
}

/** Heartbeat of the instance and renewal of all its leases in one message. */
export interface Renew {
  readonly held: readonly HeldAttempt[];
  readonly freeSlots: number;
  readonly draining: boolean;
}

export interface Renewed {
  /** Attempts that are no longer the sender's: kill, clean up, forget. */
  readonly fenced: readonly { readonly jobId: JobId; readonly attempt: number }[];
  /** Every cancel that is still open for the sender's attempts: makes a lost `job:cancel` harmless. */
  readonly cancels: readonly CancelOrder[];
  /** Jobs of the sender whose log somebody is watching right now. */
  readonly watched: readonly JobId[];
  /** An operator wants it to drain; false: or does not any more. A drain of the runner's own goes on all the same. */
  readonly drain: boolean;
  /** Milliseconds until a draining runner gives up what still runs; absent or null: it may take as long as it takes. */
  readonly drainDeadlineMs?: number | null;
}

export const CANCEL_MODES = ['graceful', 'after_step', 'kill'] as const;
/** `graceful`: signal, grace, kill. `after_step`: the running step may finish. `kill`: SIGKILL at once. */
export type CancelMode = (typeof CANCEL_MODES)[number];

export interface CancelOrder {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly mode: CancelMode;
}
