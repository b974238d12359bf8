/**
 * Every escape sequence of ECMA-48, each also in its one-character C1 form: strings (OSC, DCS, SOS, PM, APC) up to
 * their end, CSI sequences, charset selections and the two-character rest. A string without an end loses only its
 * introducer, or one would hide the rest of its line. No part of it looks twice at the same character.
 */
export const TERMINAL_ESCAPES = new RegExp(
  [
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u0090\\u0098\\u009c-\\u009f]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?',
    '\\u001b[ -/]+[0-~]?',
    '\\u001b[0-~]?',
  ].join('|'),
  'g',
);

/** The words of a line, as somebody who sees it on a terminal would search for them. */
export function withoutEscapes(text: string): string {
  return MAY_HAVE_ESCAPES.test(text) ? text.replace(TERMINAL_ESCAPES, '') : text;
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const MAY_HAVE_ESCAPES = /[\u001b\u0090\u0098\u009b-\u009f]/;
