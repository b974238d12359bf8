import { carryColours, carryInto, NO_PENS, pensBehind, type Pens } from './carry-colours';
import { lastNumberOf, withFolds, withoutRedrawn, type StepRange, type ViewRow } from './log-rows';

/** The part of a log that is in memory: one unbroken range of lines. */
export interface LogWindow {
  readonly rows: readonly ViewRow[];
  /** Number of the first row for the list, which must not see the others move when rows come and go above them. */
  readonly firstIndex: number;
  /** Where it begins and ends in the log, of which not every number has a row; 0 without rows. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Behind the last row. */
  readonly pens: Pens;
}

/** Far from zero, because rows that are put above count down from it. */
export const EMPTY_WINDOW: LogWindow = { rows: [], firstIndex: 1_000_000_000, firstSeq: 0, lastSeq: 0, pens: NO_PENS };

/** A page that is open all day stays as large as this: some 10 MB of lines as builds print them. */
const MOST_ROWS = 20_000;
/** What is too much goes in pieces of this, not with every line. */
const TRIMMED_ROWS = 2_000;

/** @param items in order, at least one, and right below the last row */
export function withRowsBelow(window: LogWindow, items: readonly ViewRow[], folds: readonly StepRange[]): LogWindow {
  const { rows: added, pens } = carryColours(withFolds(items, folds), window.pens);
  const rows = withoutRedrawn([...window.rows, ...added]);
  const { firstIndex } = window;
  const firstSeq = window.rows.length > 0 ? window.firstSeq : added[0]!.seq;
  const lastSeq = lastNumberOf(added.at(-1)!);
  if (rows.length <= MOST_ROWS + TRIMMED_ROWS) return { rows, firstIndex, firstSeq, lastSeq, pens };
  const dropped = rows.length - MOST_ROWS;
  const kept = rows.slice(dropped);
  return { rows: kept, firstIndex: firstIndex + dropped, firstSeq: kept[0]!.seq, lastSeq, pens };
}

/**
 * @param items in order, at least one, and right above the first row
 * @param isEndKept false: rows at the other end may go
 */
export function withRowsAbove(
  window: LogWindow,
  items: readonly ViewRow[],
  folds: readonly StepRange[],
  isEndKept: boolean,
): LogWindow {
  const above = carryColours(withFolds(items, folds), NO_PENS);
  const rows = withoutRedrawn([...above.rows, ...carryInto(window.rows, above.pens)]);
  const firstIndex = window.firstIndex - (rows.length - window.rows.length);
  const firstSeq = above.rows[0]!.seq;
  if (isEndKept || rows.length <= MOST_ROWS + TRIMMED_ROWS) return { ...window, rows, firstIndex, firstSeq };
  const kept = rows.slice(0, MOST_ROWS);
  return { rows: kept, firstIndex, firstSeq, lastSeq: lastNumberOf(kept.at(-1)!), pens: pensBehind(kept) };
}

/** With one row for a step that was folded. */
export function withFold(window: LogWindow, fold: StepRange): LogWindow {
  const rows = withFolds(window.rows, [fold]);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return window;
  return {
    ...window,
    rows,
    firstSeq: Math.min(window.firstSeq, first.seq),
    lastSeq: Math.max(window.lastSeq, lastNumberOf(last)),
    pens: pensBehind(rows),
  };
}
