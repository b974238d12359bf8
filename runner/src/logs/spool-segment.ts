import type { WireLogLine } from '@dibs/shared';
import { type FileHandle, constants, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodedLine } from './recent-lines.js';

/** A place in the file is remembered every so many bytes, so that a read begins at most that far before its line. */
const MARK_EVERY_BYTES = 64 * 1024;
const READ_BLOCK_BYTES = 128 * 1024;
const SUFFIX = '.jsonl';

export interface ReadLimits {
  readonly maxLines: number;
  /** Of the encoded lines. The first line is read whatever its size. */
  readonly maxBytes: number;
}

/** One file of the spool: JSON lines with consecutive numbers from `firstSeq`, which is also its name. */
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

  /** Counts what an earlier process wrote and cuts off what it did not finish. `damaged`: something was cut off. */
  static async recover(
    folder: string,
    firstSeq: number,
    onLine: (line: WireLogLine) => void,
  ): Promise<{ segment: SpoolSegment; damaged: boolean }> {
    const segment = await SpoolSegment.create(folder, firstSeq);
    const { size } = await segment.handle.stat();
    for await (const line of segment.rawLines(0, size)) {
      const parsed = parseLine(line);
      if (parsed === null) break;
      onLine(parsed);
      segment.note(line.length + 1);
    }
    const damaged = segment.bytes < size;
    if (damaged) await segment.handle.truncate(segment.bytes);
    return { segment, damaged };
  }

  /** null: not a file of the spool. */
  static firstSeqOf(fileName: string): number | null {
    return /^\d{12,}\.jsonl$/.test(fileName) ? Number(fileName.slice(0, -SUFFIX.length)) : null;
  }

  /** Either all of them are written, or it rejects and nothing has changed. */
  async append(lines: readonly EncodedLine[]): Promise<void> {
    const data = Buffer.from(lines.map(({ encoded }) => `${encoded}\n`).join(''));
    for (let written = 0; written < data.length;) {
      const { bytesWritten } = await this.handle.write(data, written, data.length - written, this.bytes + written);
      written += bytesWritten;
    }
    for (const { bytes } of lines) this.note(bytes);
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
    let seq = mark.seq;
    let bytes = 0;
    for await (const raw of this.rawLines(mark.offset, this.bytes)) {
      if (seq++ < fromSeq) continue;
      bytes += raw.length;
      if (lines.length > 0 && bytes > maxBytes) break;
      const line = parseLine(raw);
      if (line === null) throw new Error(`${this.file} is damaged at line ${seq - this.firstSeq}`);
      lines.push(line);
      if (lines.length >= maxLines) break;
    }
    return lines;
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

/** null: not a line that the spool wrote (torn, or zeros after a power cut). */
function parseLine(raw: Buffer): WireLogLine | null {
  try {
    const line: unknown = JSON.parse(raw.toString('utf8'));
    return Array.isArray(line) && line.length >= 4 ? (line as unknown as WireLogLine) : null;
  } catch {
    return null;
  }
}
