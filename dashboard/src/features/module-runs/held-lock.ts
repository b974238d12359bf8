import type { ModuleRun, StateLock } from '@dibs/shared';

export interface HeldLock {
  readonly lock: Extract<StateLock, { state: 'held' }>;
  /** The run that told of it. */
  readonly run: ModuleRun;
}

/**
 * The lock that the newest run which told anything of it left; null: none, as far as is known.
 * @param runs the newest first
 */
export function heldLockOf(runs: readonly ModuleRun[]): HeldLock | null {
  for (const run of runs) {
    if (run.stateLock?.state === 'held') return { lock: run.stateLock, run };
    // an unlock that succeeded has taken it away, whether or not the engine said so
    if (run.stateLock?.state === 'released' || (run.operation === 'unlock' && run.state === 'succeeded')) return null;
  }
  return null;
}
