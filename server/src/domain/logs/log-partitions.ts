import { firstIdAt, lastIdAt, timeOfId } from './id-time.js';

/** Logs of the jobs that were submitted from one moment to another, of which the second is not included any more. */
export interface PartitionSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;
/** 1970-01-05, so that partitions of seven days begin on Mondays. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** So long a server's housekeeping may fail before lines go to the partition for the rest. */
export const PARTITIONS_AHEAD_MS = 14 * DAY_MS;

/**
 * The partitions that are missing. They follow on the last one, or begin now when that has passed: what lies between
 * is in the partition for the rest already. The length may change at any time; the next one ends where one of the new
 * length would.
 *
 * @param lastEndMs where the last partition ends
 */
export function missingSpans(lastEndMs: number, nowMs: number, days: number): PartitionSpan[] {
  const spans: PartitionSpan[] = [];
  let fromMs = Math.max(lastEndMs, beginOf(nowMs, days));
  while (fromMs < nowMs + PARTITIONS_AHEAD_MS) {
    const toMs = beginOf(fromMs, days) + days * DAY_MS;
    spans.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return spans;
}

export function nameOfPartition({ fromMs }: PartitionSpan): string {
  return `log_chunks_${new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** The ids of the week in which this one was made. @returns first and last */
export function weekOfId(id: string): readonly [string, string] {
  const fromMs = beginOf(timeOfId(id), 7);
  return [firstIdAt(fromMs), lastIdAt(fromMs + 7 * DAY_MS - 1)];
}

function beginOf(atMs: number, days: number): number {
  const lengthMs = days * DAY_MS;
  return Math.floor((atMs - FIRST_MONDAY_MS) / lengthMs) * lengthMs + FIRST_MONDAY_MS;
}
