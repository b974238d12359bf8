import type { StepState } from '../job/job-state.js';
import type { HeldAttempt } from './renew.js';

/** No step runs before this is acknowledged. Repeating it is harmless. */
export interface StepStarted extends HeldAttempt {
  readonly step: number;
  /** Runner's clock, milliseconds since the epoch. */
  readonly atMs: number;
}

export interface StepFinished extends HeldAttempt {
  readonly step: number;
  readonly atMs: number;
  readonly state: Exclude<StepState, 'pending' | 'running'>;
  /** null: the step had no exit code of its own (ended by a signal, never started). */
  readonly exitCode: number | null;
  readonly signal: string | null;
}
