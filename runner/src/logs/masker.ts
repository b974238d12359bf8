/** Shorter values would hide ordinary text more than they protect. */
const MIN_SECRET_LENGTH = 4;
const MASK = '***';

/**
 * Replaces the values of a job's secrets in log lines: as they are, each line of a multi-line value, and their base64,
 * hex, URL and JSON forms. It is a safety net against accidents, not a security boundary. Not caught: a value that
 * spans several lines of output or the cut of an over-long line, base64 of a text that only contains the value or is
 * wrapped, ANSI sequences in the middle, values under 4 characters, and every other transformation.
 */
export class Masker {
  private readonly forms: RegExp | null;

  constructor(secrets: Readonly<Record<string, string>>) {
    const forms = new Set<string>();
    for (const value of Object.values(secrets)) {
      for (const part of [value, ...value.split(/\r?\n/), value.trim()]) {
        if (part.trim().length >= MIN_SECRET_LENGTH) for (const form of formsOf(part)) forms.add(form);
      }
    }
    // Longest first: a value must not leave the rest of a longer one that contains it.
    const ordered = [...forms].sort((a, b) => b.length - a.length).map(escapeForRegExp);
    this.forms = ordered.length > 0 ? new RegExp(ordered.join('|'), 'g') : null;
  }

  mask(line: string): string {
    return this.forms ? line.replace(this.forms, MASK) : line;
  }
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [
    value,
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    new URLSearchParams([['', value]]).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    // By way of bytes: a lone surrogate has no URL form.
    encodeURIComponent(bytes.toString()),
  ];
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
