import type { WireLogLine } from '@dibs/shared';

/**
 * A chunk of lines as it is stored (JSON), looked at character by character: to unpack a million lines, or to pass over
 * their colours with patterns, takes longer than everything else that a search does. It is made once and read into again
 * and again.
 */
export class VisibleChunk {
  private json = '';
  /** Without escape sequences, in UTF-16. */
  private visible = new Uint16Array(256 * 1024);
  private visibleEnd = 0;
  /** Where each line begins in both, and where one behind the last would. */
  private jsonAt: number[] = [];
  private visibleAt: number[] = [];

  /**
   * @param isFolded letters that differ from ASCII ones by case only, become these, in lower case
   * @returns false: there are other sequences in it than those that are common in logs (colours and other CSI)
   */
  read(json: string, isFolded: boolean): boolean {
    const { length } = json;
    if (length > this.visible.length) this.visible = new Uint16Array(length);
    const { visible } = this;
    const become = isFolded ? FOLDED : AS_IT_IS;
    const [jsonAt, visibleAt]: [number[], number[]] = [[], []];
    let to = 0;
    for (let at = 0; at < length; at += 1) {
      const unit = json.charCodeAt(at);
      const seen = unit < 0x80 ? become[unit]! : LOOK;
      if (seen !== LOOK) {
        visible[to++] = seen;
      } else if (unit === BACKSLASH) {
        const end = isEscape(json, at) ? endOfColour(json, at) : NOT_ONE;
        if (end === OTHER) return false;
        if (end !== NOT_ONE) {
          at = end;
          continue;
        }
        // together with what it escapes: a spelled out `\\u001b` is no sequence
        visible[to++] = unit;
        visible[to++] = json.charCodeAt(++at);
      } else if (unit === BRACKET) {
        if (isLineAt(json, at)) {
          jsonAt.push(at);
          visibleAt.push(to);
        }
        visible[to++] = unit;
      } else {
        if (unit >= 0x80 && unit < 0xa0) return false;
        visible[to++] = isFolded ? foldedToAscii(unit) : unit;
      }
    }
    this.json = json;
    this.jsonAt = [...jsonAt, length];
    this.visibleAt = [...visibleAt, to];
    this.visibleEnd = to;
    return true;
  }

  get lineCount(): number {
    return this.jsonAt.length - 1;
  }

  /** What can be seen of all lines, with their frames. */
  get text(): string {
    return this.bytes.toString('utf16le');
  }

  /**
   * Which lines, counted from 0, have a text in them or in their frame.
   *
   * @param needle in UTF-16
   * @returns null: more than `most`
   */
  linesWith(needle: Buffer, most: number): number[] | null {
    const { bytes } = this;
    const found: number[] = [];
    let line = 0;
    for (let from = 0; ;) {
      const at = bytes.indexOf(needle, from, 'utf16le') / 2;
      if (at < 0) return found;
      if (found.length >= most) return null;
      while (line < this.lineCount && this.visibleAt[line]! <= at) line += 1;
      // nothing stands before the first line but a bracket
      if (line > 0) found.push(line - 1);
      if (line === this.lineCount) return found;
      from = this.visibleAt[line]! * 2;
    }
  }

  line(index: number): WireLogLine {
    // without the comma or bracket behind it
    return JSON.parse(this.json.slice(this.jsonAt[index], this.jsonAt[index + 1]! - 1)) as WireLogLine;
  }

  private get bytes(): Buffer {
    return Buffer.from(this.visible.buffer, 0, this.visibleEnd * 2);
  }
}

const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const ESCAPE_UNITS = 6;
const NOT_ONE = -2;
const OTHER = -1;

/** What nearly every ASCII character becomes is known at once; 0, which JSON has nowhere: look at it. */
const LOOK = 0;
const AS_IT_IS = Uint8Array.from({ length: 0x80 }, (_, unit) => unit);
for (const unit of [BACKSLASH, BRACKET]) AS_IT_IS[unit] = LOOK;
const FOLDED = AS_IT_IS.map((unit) => (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit));

/** Two characters beyond ASCII are taken for `s` and `k` by patterns without regard to case. */
function foldedToAscii(unit: number): number {
  if (unit === 0x17f) return 0x73;
  return unit === 0x212a ? 0x6b : unit;
}

/**
 * Behind the outer bracket, or behind the end of a line, which is that of its text. A quote within a text has a backslash
 * before it that is not half of two. (A gap record does not end with its text: then there are too few lines.)
 */
export function isLineAt(json: string, at: number): boolean {
  if (at === 1) return true;
  if (!json.startsWith('"],', at - 3)) return false;
  let before = at - 4;
  while (json.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

/** `\\u001b`. By hand: `startsWith` takes as long as all the rest. */
function isEscape(json: string, at: number): boolean {
  return (
    json.charCodeAt(at + 5) === 0x62 &&
    json.charCodeAt(at + 4) === 0x31 &&
    json.charCodeAt(at + 3) === 0x30 &&
    json.charCodeAt(at + 2) === 0x30 &&
    json.charCodeAt(at + 1) === 0x75
  );
}

/** @returns its last character, or OTHER: it is another sequence, or a cut one */
function endOfColour(json: string, escapeAt: number): number {
  let at = escapeAt + ESCAPE_UNITS;
  if (json.charCodeAt(at) !== BRACKET) return OTHER;
  let unit = json.charCodeAt((at += 1));
  while (unit >= 0x30 && unit <= 0x3f) unit = json.charCodeAt((at += 1));
  return unit >= 0x40 && unit <= 0x7e && unit !== BACKSLASH ? at : OTHER;
}
