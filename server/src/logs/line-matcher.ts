import { isAscii } from 'node:buffer';
import { needlePattern, type WireLogLine, withoutEscapes } from '@dibs/shared';
import { VisibleChunk } from './visible-chunk.js';

/** Lines of a chunk that are worth a closer look. */
export interface LikelyLines {
  /** Of all lines in the chunk. */
  readonly count: number;
  /** Their places in it, from 0. */
  readonly indexes: readonly number[];
  /** Any line of it, until the next chunk is looked at. */
  readonly line: (index: number) => WireLogLine;
}

/**
 * Finds the stored lines that have a text in them as somebody sees it on a terminal: colours and other escape sequences
 * do not part words. Most lines of a log have no hit, so a chunk is first asked as the JSON it is stored as, and only those lines
 * are unpacked that seem to have the text.
 */
export class LineMatcher {
  private readonly visible: RegExp;
  /** As it is in JSON, in lower case where that does not count. */
  private readonly needle: Buffer;
  /** Only a pattern knows the cases of all letters. */
  private readonly inJson: RegExp | null;
  private readonly chunk = new VisibleChunk();

  constructor(
    needle: string,
    private readonly isCaseSensitive: boolean,
  ) {
    const json = JSON.stringify(needle).slice(1, -1);
    this.visible = needlePattern(needle, isCaseSensitive);
    this.needle = Buffer.from(isCaseSensitive ? json : json.toLowerCase());
    this.inJson = isCaseSensitive || isAscii(this.needle) ? null : needlePattern(json, false);
  }

  /** Whether somebody who sees the line sees the text. */
  matches(text: string): boolean {
    return this.visible.test(withoutEscapes(text));
  }

  /** @returns null: no line of this chunk matches; 'all': every one must be asked */
  in(json: Buffer): LikelyLines | 'all' | null {
    const { chunk } = this;
    if (this.isSurelyNotIn(json)) return null;
    if (!chunk.read(json, !this.isCaseSensitive)) return 'all';
    if (this.inJson) return this.inJson.test(chunk.text) ? 'all' : null;
    const indexes = chunk.linesWith(this.needle, chunk.lineCount * MOST_ONE_BY_ONE);
    if (indexes === null) return 'all';
    return indexes.length === 0 ? null : { count: chunk.lineCount, indexes, line: (index) => chunk.line(index) };
  }

  /** Known of a chunk of plain ASCII in a third of the time that a look at each byte takes. */
  private isSurelyNotIn(json: Buffer): boolean {
    if (this.inJson !== null || json.includes(ESCAPE_IN_JSON) || !isAscii(json)) return false;
    const text = json.toString('latin1');
    return !(this.isCaseSensitive ? text : text.toLowerCase()).includes(this.needle.toString('latin1'));
  }
}

/** Beyond this share of the lines it is faster to unpack all of them in one go. */
const MOST_ONE_BY_ONE = 1 / 4;
const ESCAPE_IN_JSON = '\\u001b';
