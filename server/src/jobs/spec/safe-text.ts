const LONE_SURROGATE = /\p{Surrogate}/u;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * NUL cannot be part of an environment, an argument or a PostgreSQL text, and half a surrogate pair is not text at
 * all: PostgreSQL would refuse the whole statement, also for the other jobs in it.
 *
 * @returns what is wrong, as a half sentence; null: nothing
 */
export function problemOfText(text: string): string | null {
  if (text.includes('\0')) return 'must not contain NUL characters';
  if (LONE_SURROGATE.test(text)) return 'must be valid Unicode text';
  return null;
}

/** For names that are shown in lists and terminals: one line, no escape sequences. */
export function problemOfLine(text: string): string | null {
  if (CONTROL_CHARACTER.test(text)) return 'must not contain control characters';
  return problemOfText(text);
}
