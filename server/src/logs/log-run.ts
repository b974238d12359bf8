import type { LogBatch } from '@dibs/shared';
import { decideLogAppend } from '../domain/logs/log-sequence.js';

/** Bounds of one stored chunk: a reader has at least one whole chunk in memory. */
const MAX_RUN_LINES = 10_000;
const MAX_RUN_BATCHES = 8;

/** Lines without a hole between them, made of one or more batches of one attempt: they become one stored chunk. */
export interface LogRun {
  readonly firstSeq: number;
  readonly lines: LogBatch['lines'];
}

type Numbered = Pick<LogBatch, 'firstSeq' | 'lines'>;

/**
 * The longest run that can be put together from the waiting batches of one attempt, beginning with the lowest number.
 * A runner keeps several batches in flight and repeats them after a cut, so they touch and overlap.
 *
 * @param lastSeq number of the last stored line, if it is known: lines up to it are left out
 * @returns null: no batch has anything to append
 */
export function nextRun(batches: readonly Numbered[], lastSeq: number | null): LogRun | null {
  const sorted = [...batches].sort((a, b) => a.firstSeq - b.firstSeq);
  const firstSeq = lastSeq === null ? (sorted[0]?.firstSeq ?? 1) : lastSeq + 1;
  let stored = firstSeq - 1;
  const parts: LogBatch['lines'][] = [];
  for (const batch of sorted) {
    const decision = decideLogAppend(stored, batch.firstSeq, batch.lines.length);
    if (decision.kind === 'gap') break;
    if (decision.kind === 'duplicate') continue;
    const isFull = stored - firstSeq + 1 + batch.lines.length - decision.skip > MAX_RUN_LINES;
    if (parts.length > 0 && (isFull || parts.length === MAX_RUN_BATCHES)) break;
    parts.push(decision.skip === 0 ? batch.lines : batch.lines.slice(decision.skip));
    stored = batch.firstSeq + batch.lines.length - 1;
  }
  if (parts.length === 0) return null;
  return { firstSeq, lines: parts.length === 1 ? parts[0]! : joined(parts) };
}

export function lastSeqOf({ firstSeq, lines }: Numbered): number {
  return firstSeq + lines.length - 1;
}

/** In a tenth of the time of `flat`, which asks every line whether it is an array to be opened. It is one. */
function joined(parts: readonly LogBatch['lines'][]): LogBatch['lines'] {
  const lines: LogBatch['lines'][number][] = [];
  for (const part of parts) for (const line of part) lines.push(line);
  return lines;
}
