import { carryColours, carryInto, NO_PENS, pensBehind, type Pens } from './carry-colours';
import { withFolds, type StepRange, type ViewRow } from './log-rows';

/** The part of a log that is in memory: one unbroken range of lines. */
export interface LogWindow {
  readonly rows: readonly ViewRow[];
  /** Number of the first row for the list, which must not see the others move when rows come and go above them. */
  readonly firstIndex: number;
  /** Behind the last row. */
  readonly pens: Pens;
}

/** Far from zero, because rows that are put above count down from it. */
export const EMPTY_WINDOW: LogWindow = { rows: [], firstIndex: 1_000_000_000, pens: NO_PENS };

/** A page that is open all day stays as large as this: some 10 MB of lines as builds print them. */
const MOST_ROWS = 20_000;
/** What is too much goes in pieces of this, not with every line. */
const TRIMMED_ROWS = 2_000;

export function withRowsBelow(window: LogWindow, items: readonly ViewRow[], folds: readonly StepRange[]): LogWindow {
  const { rows: added, pens } = carryColours(withFolds(items, folds), window.pens);
  const rows = [...window.rows, ...added];
  if (rows.length <= MOST_ROWS + TRIMMED_ROWS) return { rows, firstIndex: window.firstIndex, pens };
  const dropped = rows.length - MOST_ROWS;
  return { rows: rows.slice(dropped), firstIndex: window.firstIndex + dropped, pens };
}

/** @param isEndKept false: rows at the other end may go */
export function withRowsAbove(
  window: LogWindow,
  items: readonly ViewRow[],
  folds: readonly StepRange[],
  isEndKept: boolean,
): LogWindow {
  const above = carryColours(withFolds(items, folds), NO_PENS);
  const rows = [...above.rows, ...carryInto(window.rows, above.pens)];
  const firstIndex = window.firstIndex - above.rows.length;
  const kept = isEndKept || rows.length <= MOST_ROWS + TRIMMED_ROWS ? rows : rows.slice(0, MOST_ROWS);
  return { rows: kept, firstIndex, pens: pensBehind(kept) };
}

/** With one row for a step that was folded. */
export function withFold({ rows, firstIndex }: LogWindow, fold: StepRange): LogWindow {
  const folded = withFolds(rows, [fold]);
  return { rows: folded, firstIndex, pens: pensBehind(folded) };
}
