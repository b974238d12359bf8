import { eachTrigram, TRIGRAM_NUMBERS } from './trigrams.js';

/** Which trigrams a part of a log has, as a Bloom filter with one bit for each. */
export interface LogSignature {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** A power of two of bytes, from 8 to 8192: the bit of trigram N is number N modulo their number. */
  readonly bits: Buffer;
}

/** At most so many of the bits are set: it is how often a trigram seems to be there that is not. */
const MOST_SET = 1 / 3;
const SMALLEST_BYTES = 8;
/** A part with so many characters ends as soon as it would not fit with fewer set bits; longer ones end anyway. */
const SMALL_PART = 128 * 1024;
const LARGEST_PART = 4 * 1024 * 1024;

/** Goes once over the lines of a log. What it makes of them is some percent of their length, as docs/decisions/0021 tells. */
export class LogSigner {
  private readonly signed: LogSignature[] = [];
  private readonly bits = new Uint8Array(TRIGRAM_NUMBERS / 8);
  private set = 0;
  private characters = 0;
  private firstSeq = 1;

  /** @param text as a terminal shows it; @param lastSeq the number of the line, or the last one that it stands for */
  add(text: string, lastSeq: number): void {
    eachTrigram(text, this.mark);
    this.characters += text.length;
    const isFull = this.set > TRIGRAM_NUMBERS * MOST_SET && this.characters >= SMALL_PART;
    if (isFull || this.characters >= LARGEST_PART) this.end(lastSeq);
  }

  /** @param lastSeq the last line of the log */
  finish(lastSeq: number): readonly LogSignature[] {
    if (this.firstSeq <= lastSeq) this.end(lastSeq);
    return this.signed;
  }

  private readonly mark = (trigram: number): void => {
    const [at, bit] = [trigram >>> 3, 1 << (trigram & 7)];
    if ((this.bits[at]! & bit) !== 0) return;
    this.bits[at]! |= bit;
    this.set += 1;
  };

  private end(lastSeq: number): void {
    this.signed.push({ firstSeq: this.firstSeq, lastSeq, bits: shortened(this.bits) });
    this.bits.fill(0);
    [this.set, this.characters, this.firstSeq] = [0, 0, lastSeq + 1];
  }
}

/** Folds the second half upon the first for as long as few enough bits are set. */
function shortened(bits: Uint8Array): Buffer {
  let shortest = Buffer.from(bits);
  for (;;) {
    const half = shortest.length / 2;
    if (half < SMALLEST_BYTES) return shortest;
    const folded = Buffer.alloc(half);
    for (let at = 0; at < half; at += 1) folded[at] = shortest[at]! | shortest[at + half]!;
    if (countSet(folded) > half * 8 * MOST_SET) return shortest;
    shortest = folded;
  }
}

function countSet(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Asked one after the other until one is not there; more of them hardly make it surer. */
const MOST_PROBES = 16;

/** The trigrams of a text that a part must have to be worth a closer look; none: every part is. */
export function probesOf(needle: string): number[] {
  const numbers = new Set<number>();
  eachTrigram(needle, (number) => numbers.add(number));
  const all = [...numbers];
  const step = Math.max(1, all.length / MOST_PROBES);
  return Array.from({ length: Math.min(all.length, MOST_PROBES) }, (_, index) => all[Math.floor(index * step)]!);
}
