import type { AttemptOutcome, JobReason, JobState, OnLost, TerminalJobState } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';

/** What the decision after an attempt depends on. */
export interface JobAtAttemptEnd {
  readonly onLost: OnLost;
  /** How many attempts the loss of runners may cost, the first included. */
  readonly maxAttempts: number;
  /** Attempts that ended as lost, this one included; the job's own failures do not count. */
  readonly losses: number;
  readonly cancelRequested: boolean;
  /** A newer job of the group asked for the cancel. */
  readonly superseded: boolean;
}

export type AfterAttempt =
  | { readonly kind: 'final'; readonly state: TerminalJobState; readonly reason: JobReason }
  /** `pinned`: only the instance it was lost with may take it again. */
  | { readonly kind: 'requeue'; readonly reason: JobReason; readonly pinned: boolean };

/**
 * What follows the end of an attempt. Only a *lost* attempt leaves anything to decide: a job somebody asked to
 * cancel must not start again, and its cancel would otherwise stay open for ever, so it ends `canceled`.
 */
export function afterAttemptEnded(job: JobAtAttemptEnd, outcome: AttemptOutcome, reason: JobReason): AfterAttempt {
  if (outcome !== 'lost') return { kind: 'final', state: outcome, reason };
  if (job.cancelRequested) {
    return { kind: 'final', state: 'canceled', reason: job.superseded ? 'superseded' : 'canceled' };
  }
  if (job.onLost !== 'fail' && job.losses < job.maxAttempts) {
    return { kind: 'requeue', reason, pinned: job.onLost === 'wait' };
  }
  return { kind: 'final', state: 'lost', reason };
}

/**
 * What a cancel request does. A job nobody holds ends at once; one that is held is asked for through its runner,
 * because only the runner can end its processes.
 */
export type CancelDecision = 'end_now' | 'ask_runner' | 'ask_children' | 'already_terminal';

interface JobNow {
  readonly state: JobState;
  readonly reason: JobReason | null;
}

export function decideCancel({ state, reason }: JobNow): CancelDecision {
  if (isTerminal(state)) return 'already_terminal';
  if (state === 'waiting' && reason === 'fan_out') return 'ask_children';
  return state === 'claimed' || state === 'running' ? 'ask_runner' : 'end_now';
}
