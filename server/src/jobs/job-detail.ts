import type { AttemptView, ChildrenView, ClaimedBy, JobDetail, JobSpec, StepState, StepView } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import { toJobSummary, type JobRow } from './job-row.js';
import { toTimeline, type JobEventRow } from './job-timeline.js';
import { timelineOf } from './lived-events.js';
import { withWarnings, type LaneWarningRow } from './lane-warnings.js';

/** A job with all that belongs to it. What PostgreSQL put together as JSON has its times as strings. */
export interface JobDetailRow extends JobRow {
  readonly spec: JobSpec;
  readonly lane: string;
  readonly secret_names: readonly string[];
  /** Of every attempt, by number. */
  readonly steps: readonly StepRow[];
  readonly attempts: readonly AttemptRow[];
  readonly events: readonly JobEventRow[];
  readonly warnings: readonly LaneWarningRow[];
}

interface StepRow {
  readonly attempt: number;
  readonly step: number;
  readonly state: StepState;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

interface AttemptRow extends Omit<AttemptView, 'claimedBy'>, ClaimedBy {}

/** @param children of a job that was fanned out */
export function toJobDetail(row: JobDetailRow, children: ChildrenView | null): JobDetail {
  return {
    ...toJobSummary(row),
    spec: row.spec,
    lane: row.lane,
    children,
    secretNames: row.secret_names,
    steps: toStepViews(row),
    attempts: row.attempts.map(toAttemptView),
    timeline: toTimeline(
      timelineOf(row, withWarnings(row.events, row.warnings, row.created_at)),
      row.spec.steps.map((step) => step.name),
    ),
  };
}

/**
 * Every step of the spec, whether the current attempt has reached it or not. What no runner told of is still to come;
 * in a job that has ended it will not come any more.
 */
function toStepViews({ spec, steps, state, attempt }: JobDetailRow): StepView[] {
  const current = steps.filter((step) => step.attempt === attempt);
  const told = new Map(current.map((step) => [step.step, step]));
  // nothing of a noop job ever runs, so no step of it is recorded
  const ended: StepState = spec.executor.type === 'noop' && state === 'succeeded' ? 'succeeded' : 'skipped';
  const untold: StepState = isTerminal(state) ? ended : 'pending';
  return spec.steps.map(({ name }, index) => {
    const step = told.get(index);
    return {
      step: index,
      name,
      state: step?.state ?? untold,
      exitCode: step?.exitCode ?? null,
      signal: step?.signal ?? null,
      startedAt: isoOf(step?.startedAt ?? null),
      finishedAt: isoOf(step?.finishedAt ?? null),
    };
  });
}

function toAttemptView({ runnerId, runner, instanceId, instance, ...attempt }: AttemptRow): AttemptView {
  return {
    attempt: attempt.attempt,
    claimedBy: { runnerId, runner, instanceId, instance },
    outcome: attempt.outcome,
    reason: attempt.reason,
    exitCode: attempt.exitCode,
    claimedAt: new Date(attempt.claimedAt).toISOString(),
    finishedAt: isoOf(attempt.finishedAt),
    lastSeq: attempt.lastSeq,
    logComplete: attempt.logComplete,
  };
}

function isoOf(time: string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
