import type { JobEventRow } from './job-timeline.js';

/** A stretch of time in which no known runner could have taken the jobs of a lane. */
export interface LaneWarningRow {
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

/**
 * The events of a job with those that are noted on its lane (docs/decisions/0010), by time.
 *
 * @param events in their order, which events of the same moment keep
 * @param createdAt a lane may have been raised before the job came
 */
export function withWarnings(
  events: readonly JobEventRow[],
  warnings: readonly LaneWarningRow[],
  createdAt: Date,
): readonly JobEventRow[] {
  if (warnings.length === 0) return events;
  const since = createdAt.getTime();
  const told = warnings.flatMap(({ raisedAt, clearedAt }) => [
    event('no_matching_runner', Math.max(since, Date.parse(raisedAt))),
    ...(clearedAt === null ? [] : [event('runner_matches', Date.parse(clearedAt))]),
  ]);
  return [...events, ...told].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function event(type: 'no_matching_runner' | 'runner_matches', atMs: number): JobEventRow {
  return { at: new Date(atMs).toISOString(), type, attempt: null, data: {} };
}
