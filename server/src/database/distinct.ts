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

/** @param kindOf the same for rows of one kind, different for all others */
export function distinct<Row>(rows: readonly Row[], kindOf: (row: Row) => string): Distinct<Row> {
  const known = new Map<string, number>();
  const kinds: Row[] = [];
  const places: number[] = [];
  for (const row of rows) {
    const kind = kindOf(row);
    let place = known.get(kind);
    if (place === undefined) known.set(kind, (place = kinds.push(row)));
    places.push(place);
  }
  return { kinds, places };
}
