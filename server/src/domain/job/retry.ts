import type { AttemptOutcome, JobReason, RetrySpec } from '@dibs/shared';

/** How long a doubled pause may become. */
const MAX_BACKOFF_SECONDS = 3600;

/** How an attempt ended by the job's own doing. */
export interface OwnFailure {
  readonly outcome: Exclude<AttemptOutcome, 'lost'>;
  readonly reason: JobReason;
  /** Of the step that ended the attempt; null: none did. */
  readonly exitCode: number | null;
}

export interface JobAtFailure {
  /** null: a failure is final. */
  readonly retry: RetrySpec | null;
  /** Attempts that ended in a failure of the job itself, this one included; lost ones do not count. */
  readonly failures: number;
  readonly cancelRequested: boolean;
}

export type AfterFailure = { readonly kind: 'final' } | { readonly kind: 'retry'; readonly delaySeconds: number };

/** Whether a job that failed by itself is tried again, and after what pause. Whoever asked to cancel it wins. */
export function afterFailure(job: JobAtFailure, failure: OwnFailure): AfterFailure {
  const { retry, failures, cancelRequested } = job;
  if (retry === null || cancelRequested || failures >= retry.maxAttempts) return { kind: 'final' };
  if (!isWorthAnother(retry, failure)) return { kind: 'final' };
  return { kind: 'retry', delaySeconds: backoffSeconds(retry.backoffSeconds, failures) };
}

/** With neither codes nor reasons named, whatever a step failed with; else only what is named. */
function isWorthAnother({ onExitCodes, onReasons }: RetrySpec, { outcome, reason, exitCode }: OwnFailure): boolean {
  if (outcome !== 'failed' && outcome !== 'timed_out') return false;
  if (onExitCodes.length === 0 && onReasons.length === 0) return reason === 'step_failed' || reason === 'step_signaled';
  if (onReasons.includes(reason)) return true;
  return reason === 'step_failed' && exitCode !== null && onExitCodes.includes(exitCode);
}

/** @param failures 1 after the first */
function backoffSeconds(firstSeconds: number, failures: number): number {
  return Math.min(MAX_BACKOFF_SECONDS, firstSeconds * 2 ** (failures - 1));
}
