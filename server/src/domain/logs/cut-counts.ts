import type { LogGap, WireLogLine } from '@dibs/shared';

/** A stored chunk that is taken out of a log. */
export interface GoneChunk {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly minStep: number | null;
  /** null: what it holds must be counted from `lines`. */
  readonly bytes: number | null;
  readonly lines: readonly WireLogLine[] | null;
}

/**
 * The one line that stands for all that were left out, whatever was left out before included.
 *
 * @param gone in the order of their numbers, without a hole; at least one
 */
export function cutLine(gone: readonly GoneChunk[], atMs: number): WireLogLine {
  const steps = new Map<number, { lines: number; bytes: number }>();
  let lostBefore = 0;
  const add = (step: number, lines: number, bytes: number): void => {
    const count = steps.get(step);
    if (!count) return void steps.set(step, { lines, bytes });
    count.lines += lines;
    count.bytes += bytes;
  };
  for (const { firstSeq, lastSeq, minStep, bytes, lines } of gone) {
    if (bytes !== null) add(minStep!, lastSeq - firstSeq + 1, bytes);
    else {
      for (const [, step, , text, gap] of lines ?? []) {
        gap?.steps?.forEach((count) => add(count.step, count.lines, count.bytes));
        if (gap) lostBefore += (gap.lines ?? 0) - sum(gap.steps ?? [], 'lines');
        else add(step, 1, Buffer.byteLength(text) + 1);
      }
    }
  }
  const counts = [...steps].map(([step, count]) => ({ step, ...count })).sort((a, b) => a.step - b.step);
  // what was lost on the way and had its own record here
  const lines = sum(counts, 'lines') + lostBefore;
  const bytes = sum(counts, 'bytes');
  const lastSeq = gone[gone.length - 1]!.lastSeq;
  const gap: LogGap = { lines, reason: 'limit', bytes, lastSeq, steps: counts };
  return [atMs, counts[0]?.step ?? -1, 's', inWords(lines, bytes), gap];
}

/** The same line for who reads one step only. @returns null: nothing of this step was left out */
export function cutLineOf(step: number, [atMs, , stream, , gap]: WireLogLine): WireLogLine | null {
  const count = gap?.steps?.find((each) => each.step === step);
  if (!gap || !count) return null;
  const { lines, bytes } = count;
  return [atMs, step, stream, inWords(lines, bytes), { ...gap, lines, bytes, steps: [count] }];
}

function inWords(lines: number, bytes: number): string {
  const size = `${lines.toLocaleString('en-US')} lines (${bytes.toLocaleString('en-US')} bytes)`;
  return `${size} were left out here: the log is longer than it may be.`;
}

function sum<Key extends string>(counts: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return counts.reduce((total, count) => total + count[key], 0);
}
