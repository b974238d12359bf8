import { ENGINE_REASONS, type AttemptOutcome, type JobReason } from '@dibs/shared';

/** What a runner may give as the reason of an outcome. The other reasons are the server's own. */
const REASONS_OF_RUNNERS: Readonly<Record<AttemptOutcome, readonly JobReason[]>> = {
  succeeded: ['completed'],
  failed: [
    'step_failed',
    'step_signaled',
    'spawn_failed',
    'workspace_failed',
    'source_failed',
    'executor_unavailable',
    ...ENGINE_REASONS,
  ],
  canceled: ['canceled'],
  timed_out: ['step_timeout', 'job_timeout'],
  lost: ['runner_restarted', 'runner_fenced', 'drain_deadline'],
};

/** A reason that contradicts its outcome would make infrastructure failure look like the job's own, or the reverse. */
export function isReasonOf(outcome: AttemptOutcome, reason: JobReason): boolean {
  return REASONS_OF_RUNNERS[outcome].includes(reason);
}

/** What the job itself did: only that can be worth another try by its own `retry`. */
export const RETRYABLE_REASONS: readonly JobReason[] = [...REASONS_OF_RUNNERS.failed, ...REASONS_OF_RUNNERS.timed_out];
