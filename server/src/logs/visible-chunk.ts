import type { WireLogLine } from '@dibs/shared';

/**
 * A chunk of lines as it is stored (JSON in UTF-8), looked at byte by byte: to make a text of it, to unpack a million lines, or
 * to pass over their colours with patterns, takes longer than everything else that a search does. It is made once and read into
 * again and again.
 */
export class VisibleChunk {
  private json: Buffer = Buffer.alloc(0);
  /** Without escape sequences. */
  private visible = Buffer.alloc(0);
  private visibleEnd = 0;
  /** Where each line begins in both. */
  private jsonAt = new Int32Array(0);
  private visibleAt = new Int32Array(0);
  private lines = 0;

  /**
   * @param json must stay as it is for as long as lines of it are asked for
   * @param isFolded letters that differ from ASCII ones by case only, become these, in lower case
   * @returns false: there is more in it than is common in logs (text, colours and other CSI sequences)
   */
  read(json: Buffer, isFolded: boolean): boolean {
    const { length } = json;
    this.makeRoomFor(length);
    const { visible, jsonAt, visibleAt } = this;
    const become = isFolded ? FOLDED : AS_IT_IS;
    let to = 0;
    let lines = 0;
    for (let at = 0; at < length; at += 1) {
      const byte = json[at]!;
      const seen = become[byte]!;
      if (seen !== LOOK) {
        visible[to++] = seen;
      } else if (byte === BACKSLASH) {
        const end = json[at + 1] === LETTER_U ? endOfEscape(json, at) : NOT_ONE;
        if (end === OTHER) return false;
        if (end !== NOT_ONE) {
          at = end;
          continue;
        }
        // together with what it escapes: a spelled out `\\u001b` is no sequence
        visible[to++] = byte;
        visible[to++] = json[(at += 1)]!;
      } else if (byte === BRACKET) {
        if (isLineAt(json, at)) {
          jsonAt[lines] = at;
          visibleAt[lines++] = to;
        }
        visible[to++] = byte;
      } else {
        if (isC1(json, at)) return false;
        const letter = isFolded ? foldedToAscii(json, at) : null;
        visible[to++] = letter?.byte ?? byte;
        if (letter !== null) at += letter.bytes - 1;
      }
    }
    this.json = json;
    this.visibleEnd = to;
    this.lines = lines;
    return true;
  }

  /** Where it is not that of the lines stored, there are records in it that stand for lines. */
  get lineCount(): number {
    return this.lines;
  }

  /** What can be seen of all lines, with their frames. */
  get text(): string {
    return this.bytes.toString();
  }

  /**
   * Which lines, counted from 0, have a text in them or in their frame.
   *
   * @returns null: more than `most`
   */
  linesWith(needle: Buffer, most: number): number[] | null {
    const { bytes, visibleAt, lines } = this;
    const found: number[] = [];
    let line = 0;
    for (let from = 0; ;) {
      const at = bytes.indexOf(needle, from);
      if (at < 0) return found;
      if (found.length >= most) return null;
      while (line < lines && visibleAt[line]! <= at) line += 1;
      // nothing stands before the first line but a bracket
      if (line > 0) found.push(line - 1);
      if (line === lines) return found;
      from = visibleAt[line]!;
    }
  }

  line(index: number): WireLogLine {
    const end = index + 1 < this.lines ? this.jsonAt[index + 1]! : this.json.length;
    // without the comma or bracket behind it
    return JSON.parse(this.json.toString('utf8', this.jsonAt[index], end - 1)) as WireLogLine;
  }

  private get bytes(): Buffer {
    return this.visible.subarray(0, this.visibleEnd);
  }

  private makeRoomFor(bytes: number): void {
    if (bytes <= this.visible.length) return;
    this.visible = Buffer.allocUnsafe(2 * bytes);
    this.jsonAt = new Int32Array(this.visible.length / FEWEST_LINE_BYTES);
    this.visibleAt = new Int32Array(this.jsonAt.length);
  }
}

const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LETTER_D = 0x64;
const LETTER_U = 0x75;
/** Of a JSON escape: `\\u001b`. */
const ESCAPE_BYTES = 6;
const NOT_ONE = -2;
const OTHER = -1;
/** `[0,0,"o",""],` has some more. */
const FEWEST_LINE_BYTES = 8;

/** With these begin, in UTF-8, the C1 characters, `ſ`, and the Kelvin sign. */
const C1_LEAD = 0xc2;
const LONG_S_LEAD = 0xc5;
const KELVIN_LEAD = 0xe2;

/** What nearly every byte becomes is known at once; 0, which JSON has nowhere: look at it. */
const LOOK = 0;
const AS_IT_IS = Uint8Array.from({ length: 0x100 }, (_, byte) => byte);
for (const byte of [BACKSLASH, BRACKET, C1_LEAD]) AS_IT_IS[byte] = LOOK;
const FOLDED = AS_IT_IS.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
for (const byte of [LONG_S_LEAD, KELVIN_LEAD]) FOLDED[byte] = LOOK;

const LONG_S = { byte: 0x73, bytes: 2 } as const;
const KELVIN = { byte: 0x6b, bytes: 3 } as const;

/** Two characters beyond ASCII are taken for `s` and `k` by patterns without regard to case. */
function foldedToAscii(json: Buffer, at: number): typeof LONG_S | typeof KELVIN | null {
  if (json[at] === LONG_S_LEAD) return json[at + 1] === 0xbf ? LONG_S : null;
  return json[at] === KELVIN_LEAD && json[at + 1] === 0x84 && json[at + 2] === 0xaa ? KELVIN : null;
}

function isC1(json: Buffer, at: number): boolean {
  return json[at] === C1_LEAD && json[at + 1]! < 0xa0;
}

/**
 * Behind the outer bracket, or behind the end of a line, which is that of its text. A quote within a text has a backslash
 * before it that is not half of two. (A gap record does not end with its text: then there are too few lines.)
 */
function isLineAt(json: Buffer, at: number): boolean {
  if (at === 1) return true;
  if (json[at - 1] !== COMMA || json[at - 2] !== 0x5d || json[at - 3] !== QUOTE) return false;
  let before = at - 4;
  while (json[before] === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

/**
 * @param at of a `\\u`
 * @returns the last character of the sequence that begins there; OTHER: it is no colour, or a cut one, or half a character that may
 *   become a whole one without what parts it from the other half; NOT_ONE: another character
 */
function endOfEscape(json: Buffer, at: number): number {
  if (json[at + 2] === LETTER_D) return OTHER;
  // by hand: to compare a part of the buffer takes as long as all the rest
  const isEscape = json[at + 5] === 0x62 && json[at + 4] === 0x31 && json[at + 3] === 0x30 && json[at + 2] === 0x30;
  return isEscape ? endOfColour(json, at) : NOT_ONE;
}

/** @returns its last character, or OTHER: it is another sequence, or a cut one */
function endOfColour(json: Buffer, escapeAt: number): number {
  let at = escapeAt + ESCAPE_BYTES;
  if (json[at] !== BRACKET) return OTHER;
  let byte = json[(at += 1)]!;
  while (byte >= 0x30 && byte <= 0x3f) byte = json[(at += 1)]!;
  return byte >= 0x40 && byte <= 0x7e && byte !== BACKSLASH ? at : OTHER;
}
