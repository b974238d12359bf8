import type { LogRow } from '@dibs/shared';

/** Last number that a row stands for: its own, but for the record of what was left out of a log that was too long. */
export function lastNumberOf({ seq, gap }: LogRow): number {
  return gap?.lastSeq ?? seq;
}

/** Place of a line, or of the record that stands for it, among the rows; where it would be if it is not there. */
export function placeOf(rows: readonly LogRow[], seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lastNumberOf(rows[middle]!) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Number of the first row for the list, which counts rows and must not see the others move when rows are put above them:
 * the line number, more by the numbers that have no row of their own.
 */
export function firstItemIndexOf(rows: readonly LogRow[]): number {
  const withoutRow = rows.reduce((count, row) => count + lastNumberOf(row) - row.seq, 0);
  return (rows[0]?.seq ?? 1) + withoutRow;
}
