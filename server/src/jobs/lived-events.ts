import { isTerminal, type JobEventType } from '@dibs/shared';
import type { JobDetailRow } from './job-detail.js';
import type { JobEventRow } from './job-timeline.js';

/**
 * The time line of a job, oldest first. What happens to every job is read from its rows (the job, its attempts, their
 * steps) and was never written down as an event, which would double the writes of a job's life. Events tell the rest:
 * cancels, requeues, trouble with a runner. An event that says what the rows say, too, is the one that is shown: older
 * releases wrote them all.
 */
export function timelineOf(row: JobDetailRow, events: readonly JobEventRow[]): JobEventRow[] {
  const told = new Set(events.map(identityOf));
  const lived = [...submit(row, events), ...row.attempts.flatMap((attempt) => life(row, attempt)), ...end(row)];
  const untold = lived.filter((event) => event.type === 'queued' || !told.has(identityOf(event)));
  return [...untold, ...events].sort(inOrder);
}

type AttemptRow = JobDetailRow['attempts'][number];

function submit(row: JobDetailRow, events: readonly JobEventRow[]): JobEventRow[] {
  const submitted = event('submitted', row.created_at, null, { by: row.submitted_by, retryOf: row.retry_of });
  if (row.queued_at === null) return [submitted];
  const [first] = row.attempts;
  const isTold = events.some(({ type, at }) => {
    return type === 'queued' && (!first || Date.parse(at) <= Date.parse(first.claimedAt));
  });
  if (isTold) return [submitted];
  // a requeue has overwritten the time at which the job was queued first
  const again = events.some(({ type }) => type === 'requeued' || type === 'queued');
  return [submitted, event('queued', again ? row.created_at : row.queued_at, null, {})];
}

function life(row: JobDetailRow, { attempt, claimedAt, runner, instance }: AttemptRow): JobEventRow[] {
  const steps = row.steps.filter((step) => step.attempt === attempt);
  const starts = steps.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  const isCurrent = attempt === row.attempt;
  // of earlier attempts only their first step knows; one statement writes both, each with a look at the clock
  const [firstStepAt = null] = starts;
  const startedAt = isCurrent ? earliest(row.started_at, firstStepAt) : firstStepAt;
  return [
    event('claimed', claimedAt, attempt, { runner, instance }),
    ...(startedAt === null ? [] : [event('started', startedAt, attempt, {})]),
    ...steps.flatMap(({ step, state, exitCode, signal, ...times }) => [
      ...(times.startedAt === null ? [] : [event('step_started', times.startedAt, attempt, { step })]),
      ...(times.finishedAt === null
        ? []
        : [event('step_finished', times.finishedAt, attempt, { step, state, exitCode, signal })]),
    ]),
  ];
}

function earliest(a: Date | null, b: string | null): Date | string | null {
  if (a === null || b === null) return a ?? b;
  return a.getTime() <= Date.parse(b) ? a : b;
}

function end({ state, reason, exit_code: exitCode, finished_at: at, attempt }: JobDetailRow): JobEventRow[] {
  if (at === null || !isTerminal(state)) return [];
  return [event('finished', at, attempt === 0 ? null : attempt, { state, reason, exitCode })];
}

function event(type: JobEventType, at: Date | string, attempt: number | null, data: JobEventRow['data']): JobEventRow {
  return { at: new Date(at).toISOString(), type, attempt, data };
}

/** A job is submitted and finished once, whatever attempt an event of it names. */
const ONCE: ReadonlySet<JobEventType> = new Set(['submitted', 'finished']);

function identityOf({ type, attempt, data }: JobEventRow): string {
  return ONCE.has(type) ? type : `${type}/${attempt}/${data.step ?? ''}`;
}

/** Within one millisecond: what leads to what. Everything else keeps the order in which it was written down. */
const POSITIONS: Readonly<Partial<Record<JobEventType, number>>> = {
  submitted: 0,
  queued: 1,
  claimed: 2,
  started: 3,
  step_started: 4,
  step_finished: 4,
  requeued: 6,
};
const ANYWHERE = 5;

function inOrder(a: JobEventRow, b: JobEventRow): number {
  return (
    // an event that its statement wrote beside the end may have got the later time
    Number(a.type === 'finished') - Number(b.type === 'finished') ||
    Date.parse(a.at) - Date.parse(b.at) ||
    attemptOf(a) - attemptOf(b) ||
    positionOf(a) - positionOf(b)
  );
}

function attemptOf({ type, attempt }: JobEventRow): number {
  return type === 'submitted' || type === 'queued' ? 0 : (attempt ?? Number.MAX_SAFE_INTEGER);
}

function positionOf({ type }: JobEventRow): number {
  return POSITIONS[type] ?? ANYWHERE;
}
