import { MAX_LINE_BYTES } from '@dibs/shared';

const NEWLINE = 0x0a;

/**
 * Cuts the bytes of one stream into lines, independent of how they arrive. A line ends with `\n` or `\r\n`; a lone `\r`
 * stays inside (redrawn-lines.ts knows what it means). Bytes that are not UTF-8 become U+FFFD. What is longer than
 * MAX_LINE_BYTES goes on in the next line, cut between characters, so memory stays bounded without any newline.
 */
export class LineSplitter {
  /** The bytes of the unfinished line that are not decoded yet. */
  private bytes: Buffer = Buffer.alloc(0);
  /** The text of the unfinished line that is known to be too short to be cut. */
  private text = '';
  private textBytes = 0;

  constructor(private readonly maxLineBytes = MAX_LINE_BYTES) {}

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    // A newline byte is never part of a longer character, so everything between two of them decodes by itself.
    if (this.bytes.length > 0 || this.text !== '') {
      const newline = chunk.indexOf(NEWLINE);
      if (newline < 0) {
        this.keep(chunk, lines);
        return lines;
      }
      this.finish(chunk.subarray(0, newline), lines);
      start = newline + 1;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= start) {
      for (const line of chunk.toString('utf8', start, last).split('\n')) this.cut(withoutReturn(line), lines);
      start = last + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start), lines);
    return lines;
  }

  /** The stream is over: an unfinished line is a line. */
  flush(): string[] {
    const lines: string[] = [];
    if (this.bytes.length > 0 || this.text !== '') this.finish(Buffer.alloc(0), lines, false);
    return lines;
  }

  /** What is there of the unfinished line, as far as its characters are complete. */
  get unfinished(): string {
    return this.text + this.bytes.toString('utf8', 0, completeLength(this.bytes));
  }

  /** The unfinished line, which is none any more. */
  takeUnfinished(): string {
    const text = this.text + this.bytes.toString('utf8');
    this.bytes = Buffer.alloc(0);
    this.text = '';
    this.textBytes = 0;
    return text;
  }

  private keep(more: Buffer, lines: string[]): void {
    const bytes = this.bytes.length === 0 ? Buffer.from(more) : Buffer.concat([this.bytes, more]);
    // Many small writes without a newline: decode now and then, not each time.
    if (bytes.length < 1024 && this.textBytes + 3 * bytes.length <= this.maxLineBytes) {
      this.bytes = bytes;
      return;
    }
    const complete = completeLength(bytes);
    this.bytes = Buffer.from(bytes.subarray(complete));
    this.append(bytes.toString('utf8', 0, complete), lines);
  }

  private append(text: string, lines: string[]): void {
    this.textBytes += Buffer.byteLength(text);
    this.text += text;
    // A `\r` at the end may belong to the line end that comes next: it does not count yet.
    const heldBack = this.text.endsWith('\r') ? 1 : 0;
    if (this.textBytes - heldBack <= this.maxLineBytes) return;
    const pieces: string[] = [];
    this.cut(this.text.slice(0, this.text.length - heldBack), pieces);
    this.text = (pieces.pop() ?? '') + (heldBack ? '\r' : '');
    this.textBytes = Buffer.byteLength(this.text);
    lines.push(...pieces);
  }

  private finish(rest: Buffer, lines: string[], ended = true): void {
    this.bytes = Buffer.concat([this.bytes, rest]);
    const text = this.takeUnfinished();
    this.cut(ended ? withoutReturn(text) : text, lines);
  }

  /** One or more pieces of at most the allowed bytes, each as long as possible. */
  private cut(text: string, lines: string[]): void {
    if (text.length * 3 <= this.maxLineBytes) {
      lines.push(text);
      return;
    }
    let start = 0;
    while (Buffer.byteLength(text.slice(start)) > this.maxLineBytes) {
      const end = start + charactersWithin(text.slice(start, start + this.maxLineBytes), this.maxLineBytes);
      lines.push(text.slice(start, end));
      start = end;
    }
    lines.push(text.slice(start));
  }
}

/** How many UTF-16 units of the beginning of `text` fit into so many UTF-8 bytes, without cutting a character. */
export function charactersWithin(text: string, maxBytes: number): number {
  let bytes = 0;
  let units = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    units += character.length;
  }
  return units;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Without a sequence at the end that the next bytes may complete. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
