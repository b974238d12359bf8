import { TERMINAL_ESCAPES } from '@dibs/shared';

/**
 * What of a log line reaches the screen. Its text comes from whatever the job ran, so it is treated as hostile:
 * of all escape sequences only colours and weights survive, and characters that would hide, reorder or overwrite
 * text are shown as what they are. The result still has to be escaped for HTML.
 */
export function visibleText(raw: string): string {
  return raw.replace(CARRIAGE_RETURN_AT_END, '').replace(TERMINAL_ESCAPES, keepColours).replace(INVISIBLE, nameOf);
}

const CARRIAGE_RETURN_AT_END = /\r+$/;

// eslint-disable-next-line no-control-regex -- the escape character is what it looks for
const COLOUR_SEQUENCE = /^(?:\u001b\[|\u009b)([\d;:]*)m$/;

/** SGR 8 hides text and 10 to 20 change the font: neither is a colour. */
const REFUSED_ATTRIBUTES = new Set(['8', '08', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20']);

function keepColours(sequence: string): string {
  const parameters = COLOUR_SEQUENCE.exec(sequence)?.[1];
  if (parameters === undefined) return '';
  const kept = withoutRefused(parameters.replaceAll(':', ';').split(';'));
  return kept === null ? '' : `\u001b[${kept.join(';')}m`;
}

/** The numbers after 38, 48 and 58 are part of a colour and not attributes of their own. */
function withoutRefused(parameters: readonly string[]): string[] | null {
  const kept: string[] = [];
  for (let at = 0; at < parameters.length; at += 1) {
    const parameter = parameters[at] ?? '';
    if (['38', '48', '58'].includes(parameter)) {
      const length = parameters[at + 1] === '2' ? 5 : 3;
      kept.push(...parameters.slice(at, at + length));
      at += length - 1;
    } else if (!REFUSED_ATTRIBUTES.has(parameter)) {
      kept.push(parameter);
    }
  }
  return kept.length > 0 ? kept : null;
}

/**
 * Control characters (tab and the colours' own escape excepted), the bidirectional controls, zero-width and
 * tag characters, and the byte order mark.
 */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Control characters as `^M`, as terminals do; code points in brackets for the rest. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
