import type {
  AttemptView,
  ChildrenView,
  ClaimedBy,
  EngineResult,
  JobDetail,
  JobSpec,
  JobState,
  StepState,
  StepView,
} from '@dibs/shared';
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
  /** Of the last attempt that told any; null: none did. */
  readonly engine_result: { readonly commit: string | null; readonly engine: EngineResult | null } | null;
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

interface AttemptRow extends Omit<AttemptView, 'claimedBy' | 'steps'>, ClaimedBy {}

/** @param children of a job that was fanned out */
export function toJobDetail(row: JobDetailRow, children: ChildrenView | null): JobDetail {
  const { commit = null, engine = null } = row.engine_result ?? {};
  return {
    ...toJobSummary(row),
    spec: row.spec,
    lane: row.lane,
    children,
    secretNames: row.secret_names,
    ...(commit === null ? {} : { commit }),
    ...(engine === null ? {} : { engine }),
    steps: toStepViews(row, row.attempt, isTerminal(row.state) ? row.state : null),
    attempts: row.attempts.map((own) => toAttemptView(own, toStepViews(row, own.attempt, own.outcome))),
    timeline: toTimeline(
      timelineOf(row, withWarnings(row.events, row.warnings, row.created_at)),
      row.spec.steps.map((step) => step.name),
    ),
  };
}

/**
 * Every step of the spec, whether the attempt has reached it or not. What no runner told of is still to come; once the attempt
 * has ended it will not come any more.
 * @param outcome null: the attempt, or the job that waits for another one, goes on
 */
function toStepViews({ spec, steps }: JobDetailRow, attempt: number, outcome: JobState | null): StepView[] {
  const told = new Map(steps.filter((step) => step.attempt === attempt).map((step) => [step.step, step]));
  // nothing of a noop job ever runs, so no step of it is recorded
  const isNoop = spec.executor.type === 'noop' && outcome === 'succeeded';
  const untold: StepState = isNoop ? 'succeeded' : outcome === null ? 'pending' : 'skipped';
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

function toAttemptView(row: AttemptRow, steps: readonly StepView[]): AttemptView {
  const { runnerId, runner, instanceId, instance, ...attempt } = row;
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
    steps,
  };
}

function isoOf(time: string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
