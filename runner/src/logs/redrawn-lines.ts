import { LineSplitter } from './line-splitter.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const RETURN_BYTE = Buffer.from('\r');

/**
 * Cuts a stream into lines, and sees where a program goes back to the beginning of a line to draw it anew: at a `\r` that
 * no `\n` follows. Such a line is one line, the way it stood last; how it stands in between is there to be asked for.
 */
export class RedrawnLines {
  private readonly splitter = new LineSplitter();
  /** The stream stopped at a `\r`: the next byte tells what it means. */
  private endedWithReturn = false;
  /** How the unfinished line stood when its program went back last; null: it never did. */
  private drawn: string | null = null;
  private shown = '';

  push(chunk: Buffer): string[] {
    let bytes = this.endedWithReturn ? Buffer.concat([RETURN_BYTE, chunk]) : chunk;
    this.endedWithReturn = bytes[bytes.length - 1] === RETURN;
    if (this.endedWithReturn) bytes = bytes.subarray(0, -1);
    // nearly always
    if (this.drawn === null && loneReturn(bytes, 0) < 0) return this.splitter.push(bytes);
    const lines: string[] = [];
    let from = 0;
    for (let back = loneReturn(bytes, 0); back >= 0; back = loneReturn(bytes, from)) {
      this.split(bytes.subarray(from, back), lines);
      // what has no characters draws nothing
      this.drawn = this.splitter.takeUnfinished() || (this.drawn ?? '');
      from = back + 1;
    }
    this.split(bytes.subarray(from), lines);
    return lines;
  }

  /** The stream is over: an unfinished line is a line. */
  flush(): string[] {
    const lines = this.splitter.flush();
    this.endedWithReturn = false;
    if (lines.length === 0 && this.drawn) lines.push(this.drawn);
    this.drawn = null;
    this.shown = '';
    return lines;
  }

  /** The unfinished line is one that is drawn anew; or will be, unless its line end comes in two parts. */
  get isRedrawing(): boolean {
    return this.drawn !== null || this.endedWithReturn;
  }

  /** How such a line stands now; null: as it did when it was asked for last. */
  look(): string | null {
    const text = this.splitter.unfinished || (this.drawn ?? '');
    if (!this.isRedrawing || text === '' || text === this.shown) return null;
    return (this.shown = text);
  }

  private split(bytes: Buffer, lines: string[]): void {
    if (bytes.length === 0) return;
    const end = this.drawn === null ? -1 : bytes.indexOf(NEWLINE);
    if (end >= 0) {
      const line = this.splitter.push(bytes.subarray(0, end + 1));
      // it went back, and then only on to the next line
      if (line.length === 1 && line[0] === '') lines.push(this.drawn ?? '');
      else lines.push(...line);
      this.drawn = null;
      this.shown = '';
    }
    for (const line of this.splitter.push(bytes.subarray(end + 1))) lines.push(line);
  }
}

/** @returns where the next `\r` is that is no part of a line end, and not the last byte; -1: nowhere */
function loneReturn(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(RETURN, from);
  while (at >= 0 && bytes[at + 1] === NEWLINE) at = bytes.indexOf(RETURN, at + 2);
  return at;
}
