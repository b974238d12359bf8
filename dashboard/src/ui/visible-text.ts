/**
 * What of the text between escape sequences reaches the screen. It comes from whatever the job ran, so it is treated as
 * hostile: characters that would hide, reorder or overwrite text are shown as what they are. The result is text, not HTML.
 */
export function visibleText(raw: string): string {
  return raw.replace(INVISIBLE, nameOf);
}

/** Control characters (tab excepted), the bidirectional controls, zero-width and tag characters, and the byte order mark. */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Control characters as `^M`, as terminals do; code points in brackets for the rest. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
