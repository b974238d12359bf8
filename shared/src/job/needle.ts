/** Longest text that can be searched for, in characters. */
export const MAX_NEEDLE_LENGTH = 200;

/**
 * Finds a text as it is written; nothing in it has a special meaning. The server finds lines with it and the
 * dashboard marks them, so both must mean the same by "case".
 *
 * @param flags more flags of a regular expression, as in "g"
 */
export function needlePattern(needle: string, isCaseSensitive: boolean, flags = ''): RegExp {
  return new RegExp(escaped(needle), `${flags}u${isCaseSensitive ? '' : 'i'}`);
}

/** The text as the source of a regular expression. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
