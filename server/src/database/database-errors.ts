/** Facts about errors of PostgreSQL and of the way to it, by SQLSTATE (appendix A of its manual) or socket code. */

/** Classes 08 connection, 53 out of resources, 57P0x shutting down or starting; 58 is the disk. */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P0|58)/;
const UNAVAILABLE_SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/** pg tells these by message only. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|DataSource is not (set|initialized)|Connection is not established)/i;

/** The database cannot answer now; the same request may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (const each of chain(error)) {
    const code = codeOf(each);
    if (code !== null && (UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_SOCKET.has(code))) return true;
    if (UNAVAILABLE_MESSAGE.test(each.message)) return true;
  }
  return false;
}

/** Serialization failure or deadlock: nothing was done, and doing it again is safe. */
export function isTransient(error: unknown): boolean {
  return hasCode(error, '40001') || hasCode(error, '40P01');
}

export function isUniqueViolation(error: unknown): boolean {
  return hasCode(error, '23505');
}

/** A row was locked for longer than `lock_timeout`: nothing was done. */
export function isLockTimeout(error: unknown): boolean {
  return hasCode(error, '55P03');
}

export function isForeignKeyViolation(error: unknown): boolean {
  return hasCode(error, '23503');
}

/** In one line, for people. Several addresses of one name fail as an AggregateError without a message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}

function hasCode(error: unknown, code: string): boolean {
  return [...chain(error)].some((each) => codeOf(each) === code);
}

/** The error, what TypeORM wrapped (`driverError`), and causes. */
function* chain(error: unknown): Generator<Error> {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    yield current;
    if (current instanceof AggregateError) for (const inner of current.errors) if (inner instanceof Error) yield inner;
    current = (current as { driverError?: unknown }).driverError ?? current.cause;
  }
}

function codeOf(error: Error): string | null {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : null;
}
