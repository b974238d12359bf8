/**
 * Shorter values would hide ordinary text more than they protect. The server refuses them in a job's `secrets`, so only
 * values registered at run time can be shorter.
 */
export const MIN_SECRET_LENGTH = 4;

/** Widths at which the usual tools break base64: coreutils and MIME 76, PEM and OpenSSL 64. */
const BASE64_WIDTHS = [76, 64];
const LINE_END = /\r\n|\n|\r/;

/** White space around a value is no secret: a value is as long as what is left without it. */
export function isMaskable(value: string): boolean {
  return value.trim().length >= MIN_SECRET_LENGTH;
}

/**
 * Every text in which a value is looked for: as it is, each of its lines that is long enough, and both in base64, hex,
 * URL and JSON forms. White space around it is left out, so that no form begins with a line end: a stream would have to
 * hold back each of its lines until the next one begins.
 */
export function formsOf(value: string): ReadonlySet<string> {
  const forms = new Set<string>();
  if (!isMaskable(value)) return forms;
  const parts = new Set([value.trim(), ...longLines(value)]);
  for (const part of parts) for (const form of encodedForms(part)) forms.add(form);
  for (const text of [value, ...wrappedBase64(value)]) for (const form of plainForms(text)) forms.add(form);
  return forms;
}

/**
 * Lines, and the whole for the lines that are too short by themselves. The whole begins with its first line that is long
 * enough: in a stream that line is masked at once, whatever follows, where a `{` at the beginning of a key file would
 * make every `{` at the end of a line wait for the next line.
 */
function plainForms(text: string): string[] {
  const lines = text.trim().split(LINE_END);
  if (lines.length === 1) return lines;
  const first = Math.max(0, lines.findIndex(isMaskable));
  const whole = [lines[first]?.trimStart(), ...lines.slice(first + 1)];
  return [...longLines(text), whole.join('\n'), whole.join('\r\n')];
}

function longLines(text: string): string[] {
  return text
    .split(LINE_END)
    .map((line) => line.trim())
    .filter(isMaskable);
}

function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  return [...base64Forms(bytes), hex, hex.toUpperCase(), ...urlForms(bytes.toString()), ...jsonForms(text)];
}

/**
 * Base64 of anything that contains the bytes, in each of the three ways in which they can fall into groups of three. The
 * characters at the ends that also depend on what stands around them are not part of it, except as they are when the
 * text ends with the bytes.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const certain = Math.floor(((before + bytes.length) * 8) / 6);
    const start = Math.ceil((before * 8) / 6);
    const standard = [certain, encoded.replace(/=+$/, '').length, encoded.length].map((end) =>
      encoded.slice(start, end),
    );
    return [...standard, ...standard.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
  });
}

function wrappedBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  const encoded = bytes.toString('base64').slice(0, Math.floor((bytes.length * 8) / 6));
  return BASE64_WIDTHS.filter((width) => encoded.length > width).map((width) =>
    (encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n'),
  );
}

/** @param text without lone surrogates, which have no URL form */
function urlForms(text: string): string[] {
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const upper = [component, strict, strict.replaceAll('%2F', '/'), form];
  return upper.flatMap((encoded) => [encoded, encoded.replace(/%../g, (escape) => escape.toLowerCase())]);
}

/** As JavaScript writes it, as Go does, with `\/` as PHP does, and with everything but ASCII escaped as Python does. */
function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(/[^\x20-\x7e]/g, escaped);
  return [
    plain,
    plain.replace(/[<>&]/g, escaped),
    plain.replaceAll('/', '\\/'),
    ascii,
    ascii.replaceAll('/', '\\/'),
    plain.replace(/[^\x20-\x7e]/g, (character) => `\\u${escaped(character).slice(2).toUpperCase()}`),
  ];
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
