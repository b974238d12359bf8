/**
 * Arrays as PostgreSQL reads them: of values, or of one value of each row. The driver would make them too, but it looks at
 * every element five times over, which costs more than the statement's own row where a batch has hundreds of rows.
 *
 * Rows are asked one by one, without an array of values in between: V8 compiles a dozen `map` calls in one function for a tenth
 * of a second, and again whenever an array of another kind comes along.
 */
export function textArray(values: readonly (string | null)[]): string;
export function textArray<Row>(rows: readonly Row[], valueOf: (row: Row) => string | null): string;
export function textArray<Row>(rows: readonly Row[], valueOf: ValueOf<Row, string | null> = itself): string {
  let literal = '{';
  for (let index = 0; index < rows.length; index += 1) {
    const value = valueOf(rows[index] as Row);
    if (index > 0) literal += ',';
    // quoted always: a bare NULL would be no text
    literal += value === null ? 'NULL' : `"${SPECIAL.test(value) ? value.replace(EACH_SPECIAL, '\\$&') : value}"`;
  }
  return `${literal}}`;
}

/** Of ids, which need neither quotes nor a look at what is in them. */
export function uuidArray<Row>(rows: readonly Row[], valueOf: ValueOf<Row, string>): string {
  return bareArray(rows, valueOf);
}

export function numberArray(values: readonly (number | null)[]): string;
export function numberArray<Row>(rows: readonly Row[], valueOf: (row: Row) => number | null): string;
export function numberArray<Row>(rows: readonly Row[], valueOf: ValueOf<Row, number | null> = itself): string {
  return bareArray(rows, valueOf);
}

export function booleanArray(values: readonly boolean[]): string;
export function booleanArray<Row>(rows: readonly Row[], valueOf: (row: Row) => boolean): string;
export function booleanArray<Row>(rows: readonly Row[], valueOf: ValueOf<Row, boolean> = itself): string {
  return bareArray(rows, valueOf);
}

type ValueOf<Row, Value> = (row: Row) => Value;

function itself<Value>(value: unknown): Value {
  return value as Value;
}

function bareArray<Row>(rows: readonly Row[], valueOf: ValueOf<Row, string | number | boolean | null>): string {
  let literal = '{';
  for (let index = 0; index < rows.length; index += 1) {
    if (index > 0) literal += ',';
    literal += String(valueOf(rows[index] as Row) ?? 'NULL');
  }
  return `${literal}}`;
}

const SPECIAL = /["\\]/;
const EACH_SPECIAL = /["\\]/g;
