import type { PartitionSpan } from './log-partitions.js';

const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

export interface LogFloorInput {
  readonly nowMs: number;
  /** null: whatever their age. */
  readonly days: number | null;
  /** Logs of jobs submitted before are too much; null: they are not. */
  readonly tooMuchBeforeMs: number | null;
  readonly partitions: readonly PartitionSpan[];
}

/**
 * Up to when the logs of an organization go. By age they go with their whole partition: dropping a table costs nothing,
 * and deleting the rows of every organization a few days before it is dropped would cost as much as storing them did. By
 * size they go by the hour, but never those of the last one, whose jobs may just begin to print.
 */
export function logFloorMs({ nowMs, days, tooMuchBeforeMs, partitions }: LogFloorInput): number {
  const agedMs = days === null ? 0 : nowMs - days * DAY_MS;
  const byAgeMs = partitions.find(({ fromMs, toMs }) => fromMs <= agedMs && agedMs < toMs)?.fromMs ?? agedMs;
  const bySizeMs = Math.min(tooMuchBeforeMs ?? 0, hourOf(nowMs) * HOUR_MS - HOUR_MS);
  return Math.max(0, byAgeMs, bySizeMs);
}

export function hourOf(atMs: number): number {
  // what an id says may be nonsense; the column is an integer
  return Math.min(Math.floor(atMs / HOUR_MS), 2_147_483_647);
}
