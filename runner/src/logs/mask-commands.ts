const COMMAND = Buffer.from('::add-mask');
const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Longer lines are not taken as a command: no value has to be so large. */
const MAX_COMMAND_BYTES = 64 * 1024;
/** Indentation of more than this is not looked at. */
const MAX_BLANKS = 256;
/** Name, properties (none is known), and the value. */
const COMMAND_LINE = /^::add-mask(?: .*?)?::(.*)$/s;

/** In the order of the stream: bytes to go on with, a value to mask from here on, or a command whose value is unknown. */
export type OutputPart = { readonly bytes: Buffer } | { readonly value: string } | { readonly tooLong: true };

/**
 * Takes lines `::add-mask::VALUE` out of one stream, independent of how its bytes arrive. They are read as GitHub's
 * runners read them: white space may stand before, `%0A`, `%0D` and `%25` in the value stand for line ends and `%`. Such a
 * line is not shown, whatever happens: it contains a secret.
 */
export class MaskCommands {
  /** The beginning of a line that is a command, or may become one. */
  private held: Buffer = NOTHING;
  private isAtLineStart = true;
  /** Inside of a command that is too long. */
  private isSkipping = false;

  read(chunk: Buffer): OutputPart[] {
    const parts: OutputPart[] = [];
    const bytes = this.skip(this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]));
    this.held = NOTHING;
    let shownTo = 0;
    let found = bytes.indexOf(COMMAND);
    while (found >= 0) {
      const start = this.lineStartBefore(bytes, found, shownTo);
      const end = bytes.indexOf(NEWLINE, found);
      if (start < 0) {
        found = bytes.indexOf(COMMAND, found + COMMAND.length);
      } else if (end < 0) {
        show(parts, bytes, shownTo, start);
        this.holdCommand(bytes.subarray(start), parts);
        return parts;
      } else {
        const command = readCommand(bytes.subarray(found, end));
        if (command) {
          show(parts, bytes, shownTo, start);
          parts.push(command);
          shownTo = end + 1;
        }
        found = bytes.indexOf(COMMAND, end);
      }
    }
    this.holdBeginning(bytes, shownTo, parts);
    return parts;
  }

  /** The stream is over: an unfinished line is a line. */
  flush(): OutputPart[] {
    const { held } = this;
    this.held = NOTHING;
    this.isAtLineStart = true;
    this.isSkipping = false;
    if (held.length === 0) return [];
    const found = held.indexOf(COMMAND);
    return [(found >= 0 && readCommand(held.subarray(found))) || { bytes: held }];
  }

  private skip(bytes: Buffer): Buffer {
    if (!this.isSkipping) return bytes;
    const end = bytes.indexOf(NEWLINE);
    if (end < 0) return NOTHING;
    this.isSkipping = false;
    this.isAtLineStart = true;
    return bytes.subarray(end + 1);
  }

  private holdCommand(line: Buffer, parts: OutputPart[]): void {
    if (line.length <= MAX_COMMAND_BYTES) {
      this.held = Buffer.from(line);
      this.isAtLineStart = true;
    } else {
      parts.push({ tooLong: true });
      this.isSkipping = true;
    }
  }

  /** Shows the rest, except what may be the beginning of a command. */
  private holdBeginning(bytes: Buffer, from: number, parts: OutputPart[]): void {
    if (bytes.length === 0) return;
    let known = Math.min(COMMAND.length - 1, bytes.length - from);
    while (known > 0 && !endsWithBeginning(bytes, known)) known--;
    const start = this.lineStartBefore(bytes, bytes.length - known, from);
    const end = start < 0 ? bytes.length : start;
    show(parts, bytes, from, end);
    if (end < bytes.length) this.held = Buffer.from(bytes.subarray(end));
    // what is held begins a line, and a line end may be the last byte of a command
    this.isAtLineStart = end < bytes.length || isLineEnd(bytes[end - 1]);
  }

  /** @returns where the line begins in which only white space stands before `at`; -1: there is more before it */
  private lineStartBefore(bytes: Buffer, at: number, from: number): number {
    let start = at;
    while (start > from && at - start < MAX_BLANKS && isBlank(bytes[start - 1])) start--;
    if (start === 0) return this.isAtLineStart ? 0 : -1;
    return isLineEnd(bytes[start - 1]) ? start : -1;
  }
}

function readCommand(line: Buffer): OutputPart | null {
  if (line.length > MAX_COMMAND_BYTES) return { tooLong: true };
  const data = COMMAND_LINE.exec(line.toString().replace(/\r$/, ''))?.[1];
  if (data === undefined) return null;
  return { value: data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%') };
}

function show(parts: OutputPart[], bytes: Buffer, from: number, to: number): void {
  if (from < to) parts.push({ bytes: from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to) });
}

/** Whether `bytes` end with so many of the first bytes of the command. */
function endsWithBeginning(bytes: Buffer, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[bytes.length - count + i] !== COMMAND[i]) return false;
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === NEWLINE || byte === RETURN;
}
