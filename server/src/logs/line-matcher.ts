import { needlePattern, type WireLogLine, withoutEscapes } from '@dibs/shared';
import { lineAt, linesWith, lineStartsOf } from './plain-chunk.js';
import { VisibleChunk } from './visible-chunk.js';

/** Lines of a chunk that are worth a closer look, with their places in it. */
export interface LikelyLines {
  /** Of all lines in the chunk. */
  readonly count: number;
  readonly lines: readonly { readonly index: number; readonly line: WireLogLine }[];
}

/**
 * Finds the stored lines that have a text in them as somebody sees it on a terminal: colours and other escape sequences
 * do not part words. Most lines of a log have no hit, so a chunk is first asked as the JSON it is stored as. Of a coloured
 * one, for which that takes longer than to look for a text, only those lines are unpacked that seem to have it.
 */
export class LineMatcher {
  private readonly visible: RegExp;
  private readonly inJson: RegExp;
  /** As it is in JSON, in lower case where that does not count. */
  private readonly needle: string;
  private readonly needleBytes: Buffer;
  private readonly isAsciiNeedle: boolean;
  private readonly chunk = new VisibleChunk();

  constructor(
    needle: string,
    private readonly isCaseSensitive: boolean,
  ) {
    const json = JSON.stringify(needle).slice(1, -1);
    this.visible = needlePattern(needle, isCaseSensitive);
    this.inJson = needlePattern(json, isCaseSensitive);
    this.needle = isCaseSensitive ? json : json.toLowerCase();
    this.needleBytes = Buffer.from(this.needle, 'utf16le');
    this.isAsciiNeedle = isAscii(json);
  }

  /** Whether somebody who sees the line sees the text. */
  matches(text: string): boolean {
    return this.visible.test(withoutEscapes(text));
  }

  /** @returns null: no line of this chunk matches; 'all': every one must be asked */
  in(json: string): LikelyLines | 'all' | null {
    if (!json.includes(ESCAPE_IN_JSON)) {
      const isPlainAscii = isAscii(json);
      if (isPlainAscii || !C1_ESCAPE.test(json)) return this.inPlain(json, isPlainAscii);
    }
    if (!this.chunk.read(json, !this.isCaseSensitive)) return 'all';
    // only a pattern knows the cases of all letters
    if (!this.isCaseSensitive && !this.isAsciiNeedle) return this.inJson.test(this.chunk.text) ? 'all' : null;
    const { lineCount: count } = this.chunk;
    const found = this.chunk.linesWith(this.needleBytes, count * MOST_ONE_BY_ONE);
    if (found === null) return 'all';
    if (found.length === 0) return null;
    return { count, lines: found.map((index) => ({ index, line: this.chunk.line(index) })) };
  }

  /** Nothing is faster than to look for a text: a pattern takes three times as long. */
  private inPlain(json: string, isPlainAscii: boolean): LikelyLines | 'all' | null {
    if (!isPlainAscii || !this.isAsciiNeedle) return this.inJson.test(json) ? 'all' : null;
    const text = this.isCaseSensitive ? json : json.toLowerCase();
    if (!text.includes(this.needle)) return null;
    const starts = lineStartsOf(json);
    const count = starts.length - 1;
    const found = linesWith(text, this.needle, starts, count * MOST_ONE_BY_ONE);
    if (found === null) return 'all';
    return { count, lines: found.map((index) => ({ index, line: lineAt(json, starts, index) })) };
  }
}

/** Beyond this share of the lines it is faster to unpack all of them in one go. */
const MOST_ONE_BY_ONE = 1 / 4;
const ESCAPE_IN_JSON = '\\u001b';
const C1_ESCAPE = /[\u0080-\u009f]/;

/** Faster than any pattern. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
