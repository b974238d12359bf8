import type { WireLogLine } from '@dibs/shared';
import { type FileHandle, constants, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordOf, recordText, type SpoolRecord } from './spool-record.js';
import type { EncodedLine } from './recent-lines.js';

/** A place in the file is remembered every so many bytes, so that a read begins at most that far before its line. */
const MARK_EVERY_BYTES = 64 * 1024;
const READ_BLOCK_BYTES = 128 * 1024;
const SUFFIX = '.jsonl';
/** Of a line in the file: fewer damaged bytes than this cannot have been one. */
const SHORTEST_BYTES = 16;

export interface ReadLimits {
  readonly maxLines: number;
  /** Of the encoded lines. The first line is read whatever its size. */
  readonly maxBytes: number;
}

/**
 * One file of the spool: lines with consecutive numbers from `firstSeq`, which is also its name. Each carries its number and a
 * checksum, so one that the disk has changed is known, and those behind it keep their numbers; a gap record stands for it.
 */
export class SpoolSegment {
  bytes = 0;
  lastSeq: number;
  private readonly marks: { readonly seq: number; readonly offset: number }[] = [];
  /** Reads in progress: the file is closed after them. */
  private reading: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly firstSeq: number,
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {
    this.lastSeq = firstSeq - 1;
  }

  static async create(folder: string, firstSeq: number): Promise<SpoolSegment> {
    const file = join(folder, String(firstSeq).padStart(12, '0') + SUFFIX);
    // Not append mode: after a write that failed half-way the next one must go over its remains.
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    return new SpoolSegment(firstSeq, file, handle);
  }

  /** Counts what an earlier process wrote and cuts off what it did not finish. */
  static async recover(folder: string, firstSeq: number, onLine: (line: WireLogLine) => void): Promise<SpoolSegment> {
    const segment = await SpoolSegment.create(folder, firstSeq);
    const { size } = await segment.handle.stat();
    let damagedBytes = 0;
    for await (const raw of segment.rawLines(0, size)) {
      const bytes = raw.length + 1;
      const record = recordOf(raw, segment.lastSeq + 1);
      const damaged = record === null ? 0 : record.seq - segment.lastSeq - 1;
      if (record === null || damaged < 0 || damaged * SHORTEST_BYTES > damagedBytes) damagedBytes += bytes;
      else {
        for (let count = 0; count < damaged; count += 1) {
          onLine(damagedLine(record));
          segment.note(count === 0 ? damagedBytes : 0);
        }
        onLine(record.line);
        segment.note(damaged === 0 ? damagedBytes + bytes : bytes);
        damagedBytes = 0;
      }
    }
    if (segment.bytes < size) await segment.handle.truncate(segment.bytes);
    return segment;
  }

  /** null: not a file of the spool. */
  static firstSeqOf(fileName: string): number | null {
    return /^\d{12,}\.jsonl$/.test(fileName) ? Number(fileName.slice(0, -SUFFIX.length)) : null;
  }

  /** Either all of them are written, or it rejects and nothing has changed. */
  async append(lines: readonly EncodedLine[]): Promise<void> {
    const records = lines.map(({ encoded }, index) => recordText(this.lastSeq + 1 + index, encoded));
    const data = Buffer.from(records.join(''));
    for (let written = 0; written < data.length;) {
      const { bytesWritten } = await this.handle.write(data, written, data.length - written, this.bytes + written);
      written += bytesWritten;
    }
    lines.forEach(({ encoded, bytes }, index) => this.note(bytes - 1 + (records[index]!.length - encoded.length)));
  }

  /** Bytes before line `seq`; too few by at most MARK_EVERY_BYTES and one line. */
  bytesBefore(seq: number): number {
    return seq > this.lastSeq ? this.bytes : this.markFor(seq).offset;
  }

  read(fromSeq: number, limits: ReadLimits): Promise<WireLogLine[]> {
    const result = this.readNow(fromSeq, limits);
    this.reading = Promise.allSettled([this.reading, result]);
    return result;
  }

  sync(): Promise<void> {
    return this.handle.sync();
  }

  async close(): Promise<void> {
    await this.reading;
    await this.handle.close();
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
    await this.close();
  }

  private async readNow(fromSeq: number, { maxLines, maxBytes }: ReadLimits): Promise<WireLogLine[]> {
    const mark = this.markFor(fromSeq);
    const lines: WireLogLine[] = [];
    let bytes = 0;
    for await (const { seq, line, bytes: size } of this.records(mark.seq, mark.offset)) {
      if (seq < fromSeq) continue;
      bytes += size;
      if (lines.length > 0 && bytes > maxBytes) break;
      lines.push(line);
      if (lines.length >= maxLines) break;
    }
    return lines;
  }

  /** Without a hole up to the last line, whatever the file looks like by now. */
  private async *records(fromSeq: number, offset: number): AsyncGenerator<SpoolRecord> {
    const { lastSeq } = this;
    let seq = fromSeq;
    let last: SpoolRecord | null = null;
    for await (const raw of this.rawLines(offset, this.bytes)) {
      const record = recordOf(raw, seq);
      if (record === null || record.seq < seq || record.seq > lastSeq) continue;
      for (; seq < record.seq; seq += 1) yield { seq, line: damagedLine(record), bytes: 0 };
      yield record;
      last = record;
      seq += 1;
    }
    for (; seq <= lastSeq; seq += 1) yield { seq, line: damagedLine(last), bytes: 0 };
  }

  /** Complete lines between two offsets, without their ends. */
  private async *rawLines(from: number, to: number): AsyncGenerator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    for (let offset = from; offset < to;) {
      const block = Buffer.allocUnsafe(Math.min(READ_BLOCK_BYTES, to - offset));
      const { bytesRead } = await this.handle.read(block, 0, block.length, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      let data = rest.length > 0 ? Buffer.concat([rest, block.subarray(0, bytesRead)]) : block.subarray(0, bytesRead);
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
        yield data.subarray(0, end);
        data = data.subarray(end + 1);
      }
      rest = data;
    }
  }

  private note(bytes: number): void {
    const last = this.marks.at(-1);
    if (!last || this.bytes - last.offset >= MARK_EVERY_BYTES) {
      this.marks.push({ seq: this.lastSeq + 1, offset: this.bytes });
    }
    this.bytes += bytes;
    this.lastSeq++;
  }

  private markFor(seq: number): { readonly seq: number; readonly offset: number } {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.marks[middle]?.seq ?? Infinity) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.marks[low - 1] ?? { seq: this.firstSeq, offset: 0 };
  }
}

/** In place of a line that the disk has changed. @param beside a line near it; null: there is none */
function damagedLine(beside: SpoolRecord | null): WireLogLine {
  const [atMs, step] = beside?.line ?? [Date.now(), -1];
  return [atMs, step, 's', 'A line was damaged on the disk of the runner.', { lines: 1, reason: 'spool_lost' }];
}
