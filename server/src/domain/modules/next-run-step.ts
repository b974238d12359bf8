import { isTerminal } from '@dibs/shared';
import type { ApprovalRule, JobReason, JobState, PlanSummary, RunOperation, RunState } from '@dibs/shared';
import { asksForApproval } from './approval.js';

export interface RunFacts {
  readonly operation: RunOperation;
  readonly state: RunState;
  readonly approvalRule: ApprovalRule;
  readonly cancelRequested: boolean;
}

/** The job that the run is at. */
export interface RunJob {
  readonly state: JobState;
  readonly reason: JobReason | null;
  readonly cancelRequested: boolean;
  /** null: it has made none (yet). */
  readonly plan: PlanSummary | null;
}

export type RunStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'cancel_job' }
  | { readonly kind: 'ask_for_approval' }
  | { readonly kind: 'apply' }
  | RunEnd;

interface RunEnd {
  readonly kind: 'end';
  readonly state: Extract<RunState, 'succeeded' | 'failed' | 'canceled'>;
  readonly reason: JobReason | null;
}

const WAIT: RunStep = { kind: 'wait' };

/**
 * What is to be done about a run now. Approving, rejecting and expiring are not decided here: those are asked for, or are a
 * matter of the clock.
 *
 * @param job null: it was removed
 */
export function nextRunStep(run: RunFacts, job: RunJob | null): RunStep {
  switch (run.state) {
    case 'awaiting_approval':
      return job === null ? end('failed', 'plan_unavailable') : WAIT;
    case 'planning':
    case 'applying':
    case 'working':
      return job === null ? end('failed', null) : afterJob(run, job);
    case 'succeeded':
    case 'failed':
    case 'canceled':
    case 'rejected':
    case 'expired':
      return WAIT;
  }
}

function afterJob(run: RunFacts, job: RunJob): RunStep {
  if (!isTerminal(job.state)) return run.cancelRequested && !job.cancelRequested ? { kind: 'cancel_job' } : WAIT;
  if (job.state === 'canceled') return end('canceled', job.reason);
  if (job.state !== 'succeeded') return end('failed', job.reason);
  const appliesNext = run.state === 'planning' && (run.operation === 'apply' || run.operation === 'destroy');
  return appliesNext ? afterPlan(run, job.plan) : end('succeeded', job.reason);
}

function afterPlan({ approvalRule, cancelRequested }: RunFacts, plan: PlanSummary | null): RunStep {
  // its job was done before the cancel reached it
  if (cancelRequested) return end('canceled', 'canceled');
  if (plan === null) return end('failed', 'plan_unavailable');
  if (!plan.hasChanges) return end('succeeded', 'completed');
  return asksForApproval(approvalRule, plan) ? { kind: 'ask_for_approval' } : { kind: 'apply' };
}

function end(state: RunEnd['state'], reason: JobReason | null): RunEnd {
  return { kind: 'end', state, reason };
}
