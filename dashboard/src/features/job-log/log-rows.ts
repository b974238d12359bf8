import { lastSeqOfRow, type LogRow } from '@dibs/shared';
import type { Sgr } from './sgr';

/** A line with what the viewer knows of it. */
export interface ViewRow extends LogRow {
  /** The pen that the lines above left; absent: nothing is set. */
  readonly pen?: Sgr;
  /** It stands for a step that is folded, up to the line of this number. */
  readonly foldedTo?: number;
}

/** Last number that a row stands for, which may be a folded step. */
export function lastNumberOf(row: ViewRow): number {
  return row.foldedTo ?? lastSeqOfRow(row);
}

/** Place of a line, or of the row that stands for it; where it would be if it is not there. */
export function placeOf(rows: readonly ViewRow[], seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lastNumberOf(rows[middle]!) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lines of a step that has ended. */
export interface StepRange {
  readonly step: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Puts one row in the place of the lines of each folded step. */
export function withFolds(rows: readonly ViewRow[], folds: readonly StepRange[]): readonly ViewRow[] {
  return folds.reduce((left, fold) => {
    const isFolded = ({ seq, foldedTo }: ViewRow): boolean =>
      seq >= fold.firstSeq && seq <= fold.lastSeq && foldedTo === undefined;
    const first = left.findIndex(isFolded);
    if (first < 0) return left;
    const { at, stream } = left[first]!;
    const { step, firstSeq: seq, lastSeq: foldedTo } = fold;
    const last = left.findLastIndex(isFolded);
    return [...left.slice(0, first), { seq, at, step, stream, text: '', foldedTo }, ...left.slice(last + 1)];
  }, rows);
}

/** Without states of lines that were drawn anew since; the last state of one stays as long as nothing followed. */
export function withoutRedrawn(rows: readonly ViewRow[]): readonly ViewRow[] {
  if (!rows.some((row) => row.redrawn)) return rows;
  const followed = new Set<string>();
  const isShown = ({ step, stream, redrawn }: ViewRow): boolean => {
    const place = `${step} ${stream}`;
    if (redrawn && followed.has(place)) return false;
    followed.add(place);
    return true;
  };
  return rows.toReversed().filter(isShown).reverse();
}
