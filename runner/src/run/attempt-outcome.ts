import type { AttemptOutcome, CancelMode, EngineResult, JobReason, StepFinished } from '@dibs/shared';
import type { StepRunEnd } from '../executors/executor.js';
import type { Refused } from '../policy/gate.js';

/** Why the runner itself stops an attempt. */
export type StopCause =
  | { readonly kind: 'cancel'; readonly mode: CancelMode }
  | { readonly kind: 'job_timeout' }
  | { readonly kind: 'drain_deadline' }
  /** Contact was lost for so long that the server may give the job to somebody else. */
  | { readonly kind: 'trust_ended' }
  /** The server refuses what the runner reports, for a reason that repeating does not change. */
  | { readonly kind: 'report_refused' }
  /** The server says the attempt is over: nothing is left to report. */
  | { readonly kind: 'fenced' };

/** What ended a step: itself, or the runner. */
export type StepCause = 'exited' | 'refused' | 'spawn_failed' | 'step_timeout' | 'stopped' | 'skipped';

export interface StepEnd extends Pick<StepFinished, 'state' | 'exitCode' | 'signal'> {
  readonly cause: StepCause;
  /** Of `refused` alone: the reason of the job. */
  readonly reason?: JobReason;
}

export type Preparation =
  | 'ok'
  | 'stopped'
  | 'workspace_failed'
  | 'source_failed'
  | 'executor_unavailable'
  /** This host does not want the job. */
  | Refused['reason'];

export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  readonly reason: JobReason;
  readonly exitCode: number | null;
  /** Full id of the commit of the source. Absent: there is none. */
  readonly commit?: string;
  /** Of jobs that modules make, as far as the engine came. */
  readonly engine?: EngineResult;
}

/**
 * What became of an attempt. A stop counts only when it stopped something: a cancel that arrives as the last step
 * ends by itself changes nothing.
 */
export function decideOutcome(
  preparation: Preparation,
  steps: readonly StepEnd[],
  stop: StopCause | null,
): AttemptResult {
  if (preparation !== 'ok' && preparation !== 'stopped') return failed(preparation, null);
  const decisive = steps.find((step) => step.state !== 'succeeded');
  if (preparation === 'ok' && decisive === undefined && steps.every((step) => step.exitCode === 0)) {
    return { outcome: 'succeeded', reason: 'completed', exitCode: 0 };
  }
  switch (decisive?.cause) {
    case 'spawn_failed':
      return failed('spawn_failed', null);
    case 'refused':
      return failed(decisive.reason ?? 'step_failed', decisive.exitCode);
    case 'step_timeout':
      return { outcome: 'timed_out', reason: 'step_timeout', exitCode: decisive.exitCode };
    case 'exited':
      return failed(decisive.signal === null ? 'step_failed' : 'step_signaled', decisive.exitCode);
    case 'stopped':
    case 'skipped':
    case undefined:
      return stopped(stop, decisive?.exitCode ?? null);
  }
}

/** State and cause of a step whose process ended. */
export function describeStepEnd(
  end: Pick<StepRunEnd, 'exitCode' | 'signal' | 'spawnError' | 'failure'>,
  interruptedBy: 'step_timeout' | 'stopped' | null,
): StepEnd {
  const { exitCode, signal } = end;
  if (end.spawnError) return { state: 'failed', exitCode: null, signal: null, cause: 'spawn_failed' };
  if (end.failure) return { state: 'failed', exitCode, signal, cause: 'refused', reason: end.failure };
  if (interruptedBy === 'step_timeout') return { state: 'timed_out', exitCode, signal, cause: 'step_timeout' };
  if (interruptedBy === 'stopped') return { state: 'canceled', exitCode, signal, cause: 'stopped' };
  // success needs an explicit 0: a missing exit code never counts
  return { state: exitCode === 0 ? 'succeeded' : 'failed', exitCode, signal, cause: 'exited' };
}

function failed(reason: JobReason, exitCode: number | null): AttemptResult {
  return { outcome: 'failed', reason, exitCode };
}

function stopped(stop: StopCause | null, exitCode: number | null): AttemptResult {
  switch (stop?.kind) {
    case 'cancel':
      return { outcome: 'canceled', reason: 'canceled', exitCode };
    case 'job_timeout':
      return { outcome: 'timed_out', reason: 'job_timeout', exitCode };
    case 'drain_deadline':
      return { outcome: 'lost', reason: 'drain_deadline', exitCode };
    case 'trust_ended':
    case 'report_refused':
    case 'fenced':
    case undefined:
      return { outcome: 'lost', reason: 'runner_fenced', exitCode };
  }
}
