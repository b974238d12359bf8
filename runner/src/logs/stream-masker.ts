import type { SecretMatcher } from './secret-matcher.js';

const MASK = Buffer.from('***');
const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Masks the bytes of one stream, independent of how they arrive. Every byte that is part of any secret is covered, also
 * where secrets overlap, and each stretch of covered bytes becomes one `***`. Line ends stay as they are, so a log keeps
 * its lines; that tells how many lines a secret has.
 *
 * What a match could begin in is held back until the bytes that come decide, or the stream is over; never by time. A
 * program that writes a secret slowly would otherwise have it shown in parts, all of them. It delays nothing that a
 * reader waits for: lines are shown when they are complete, a line end is no part of most secrets and so ends all
 * doubt, and the first line of a longer one is masked, and leaves, as soon as it is there.
 */
export class StreamMasker {
  /** From the first undecided byte on. */
  private carry: Buffer = NOTHING;
  /** Of the carry (or of what is scanned): what has left already, as a mask or a line end. */
  private left = 0;
  /** Of what is scanned: everything from `left` up to here is part of a secret. */
  private coveredTo = 0;
  /** The last byte that left was covered: the mask that stands for it stands for those that follow, too. */
  private isInMask = false;

  constructor(private readonly matcher: SecretMatcher) {}

  /** @returns what can be shown; may share memory with `chunk` */
  push(chunk: Buffer): Buffer {
    if (this.matcher.isEmpty) return chunk;
    return this.scan(this.carry.length === 0 ? chunk : Buffer.concat([this.carry, chunk]), false);
  }

  /** The stream is over: what was held back has become no secret. */
  flush(): Buffer {
    return this.carry.length === 0 ? NOTHING : this.scan(this.carry, true);
  }

  private scan(bytes: Buffer, isOver: boolean): Buffer {
    const { matcher } = this;
    let start = matcher.find(bytes, 0, isOver);
    // nearly always
    if (start < 0 && this.left === 0 && bytes.length > 0) {
      this.carry = NOTHING;
      this.isInMask = false;
      return bytes;
    }
    const out: Buffer[] = [];
    while (start >= 0) {
      this.leave(bytes, start, out);
      this.coveredTo = Math.max(this.coveredTo, start + matcher.matchedBytes);
      if (matcher.isOpen) break;
      // not after the match: another one may begin in the middle of it
      start = matcher.find(bytes, start + 1, isOver);
    }
    if (start >= 0) this.hold(bytes, start, out);
    else {
      this.leave(bytes, bytes.length, out);
      this.carry = NOTHING;
      this.left = this.coveredTo = 0;
    }
    return out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out);
  }

  /** Everything before `start` has left. */
  private hold(bytes: Buffer, start: number, out: Buffer[]): void {
    while (this.left < bytes.length) {
      // covered stays covered, and a line end stays a line end
      if (this.left < this.coveredTo) this.leave(bytes, this.coveredTo, out);
      else if (isLineEnd(bytes[this.left])) this.leave(bytes, this.left + 1, out);
      else break;
    }
    this.carry = Buffer.from(bytes.subarray(start));
    this.left -= start;
    this.coveredTo = 0;
  }

  private leave(bytes: Buffer, to: number, out: Buffer[]): void {
    const covered = Math.min(to, this.coveredTo);
    for (; this.left < covered; this.left++) {
      if (isLineEnd(bytes[this.left])) {
        out.push(bytes.subarray(this.left, this.left + 1));
        this.isInMask = false;
      } else if (!this.isInMask) {
        out.push(MASK);
        this.isInMask = true;
      }
    }
    if (this.left >= to) return;
    out.push(bytes.subarray(this.left, to));
    this.left = to;
    this.isInMask = false;
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === NEWLINE || byte === RETURN;
}
