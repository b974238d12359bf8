import type { WireLogLine } from '@dibs/shared';
import type { ReadLimits } from './spool-segment.js';

/** Lines up to this size stay in memory after they were written, because they are about to be shipped. */
const KEEP_BYTES = 1024 * 1024;

/** As it is written. */
export interface EncodedLine {
  readonly encoded: string;
  /** In UTF-8, with the line end. */
  readonly bytes: number;
}

interface RecentLine extends EncodedLine {
  readonly line: WireLogLine;
  /** Bytes of all lines ever added, this one included: the difference of two is the size of what lies between. */
  readonly endsAt: number;
}

/** The newest lines of the spool, by number: those not yet written, and those that are read soon. */
export class RecentLines {
  firstSeq: number;
  private lines: RecentLine[] = [];
  private bytes = 0;
  private added = 0;

  constructor(nextSeq: number) {
    this.firstSeq = nextSeq;
  }

  get nextSeq(): number {
    return this.firstSeq + this.lines.length;
  }

  add(line: WireLogLine): void {
    const encoded = JSON.stringify(line);
    const bytes = Buffer.byteLength(encoded) + 1;
    this.bytes += bytes;
    this.added += bytes;
    this.lines.push({ line, encoded, bytes, endsAt: this.added });
  }

  /** Encoded lines from `fromSeq` on, about `maxBytes` of them. */
  encodedFrom(fromSeq: number, maxBytes: number): readonly EncodedLine[] {
    return this.take(fromSeq, this.nextSeq - 1, { maxLines: Infinity, maxBytes });
  }

  /** Size of everything from `fromSeq` on. */
  bytesFrom(fromSeq: number): number {
    const before = this.lines[fromSeq - this.firstSeq - 1];
    return before ? this.added - before.endsAt : this.bytes;
  }

  read(fromSeq: number, upToSeq: number, limits: ReadLimits): WireLogLine[] {
    return this.take(fromSeq, upToSeq, limits).map(({ line }) => line);
  }

  /** Forgets the oldest as far as `writtenSeq`, once there are too many. */
  trim(writtenSeq: number): void {
    let count = 0;
    while (this.bytes > KEEP_BYTES && this.firstSeq + count <= writtenSeq) {
      this.bytes -= this.lines[count++]?.bytes ?? 0;
    }
    // Half of the limit at once: shifting an array by one line for each line would cost its length each time.
    while (count > 0 && this.bytes > KEEP_BYTES / 2 && this.firstSeq + count <= writtenSeq) {
      this.bytes -= this.lines[count++]?.bytes ?? 0;
    }
    if (count > 0) this.lines = this.lines.slice(count);
    this.firstSeq += count;
  }

  private take(fromSeq: number, upToSeq: number, { maxLines, maxBytes }: ReadLimits): RecentLine[] {
    const start = fromSeq - this.firstSeq;
    const end = Math.min(this.lines.length, upToSeq - this.firstSeq + 1, start + maxLines);
    let bytes = 0;
    let index = start;
    for (; index < end; index++) {
      bytes += this.lines[index]?.bytes ?? 0;
      if (bytes > maxBytes && index > start) break;
    }
    return this.lines.slice(start, index);
  }
}
