/**
 * What many rows of a statement have in common, each once, for arrays that its SQL looks into: `(…)[place]` costs less than
 * the same value in each row.
 */
export interface Distinct<Row> {
  /** The first row of each kind. */
  readonly kinds: readonly Row[];
  /** Which kind each row is of, counted from 1 as PostgreSQL does. */
  readonly places: readonly number[];
}

/** For kinds that are few: each row is compared with one of each kind, after that of the row before. */
export function distinct<Row>(rows: readonly Row[], areOfOneKind: (a: Row, b: Row) => boolean): Distinct<Row> {
  const kinds: Row[] = [];
  const places: number[] = [];
  let place = 0;
  for (const row of rows) {
    if (place === 0 || !areOfOneKind(kinds[place - 1]!, row)) {
      place = kinds.findIndex((kind) => areOfOneKind(kind, row)) + 1 || kinds.push(row);
    }
    places.push(place);
  }
  return { kinds, places };
}
