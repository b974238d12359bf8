import type { LogGap, StepLogCount, WireLogLine } from '@dibs/shared';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Deferred, deferred } from '../process/deferred.js';
import { removeSmallFolder, removeTree } from '../storage/remove-tree.js';
import { LogCounts } from './log-counts.js';
import { RecentLines } from './recent-lines.js';
import { type ReadLimits, SpoolSegment } from './spool-segment.js';

export interface SpoolOptions {
  /** Unacknowledged bytes after which `pressure()` holds writers back. Default 256 MiB. */
  readonly maxUnackedBytes?: number;
  /** Size at which the next file is begun; acknowledged files are removed. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** Pause between tries to write to a disk that refuses. Default 500. */
  readonly retryMs?: number;
  /** How long a disk may refuse before lines are also shipped from memory. Default 5,000. */
  readonly diskPatienceMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface LineBatch {
  readonly firstSeq: number;
  readonly lines: readonly WireLogLine[];
}

/** Lines that wait in memory to be written before their writers are held back. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;
const WRITE_BLOCK_BYTES = 256 * 1024;
const UNKNOWN_LOSS: LogGap = { lines: null, reason: 'spool_lost' };
const LOSS_TEXT = 'Lines of this log were lost with the disk of the runner.';

/**
 * The log of one attempt on disk until the server has it: a folder of files of JSON lines, the older ones removed as the
 * server acknowledges. `append` gives the numbers, in order, from 1, before any network.
 *
 * A line may be shipped once it is in the file: so a killed runner never gives its number to another line. (Not fsynced:
 * a line is worth less than a sync. A crash of the host can lose the end; `acked` then notices and says so.) When the
 * disk refuses, nothing is dropped: writers are held back, the write is tried again, and after `diskPatienceMs` lines
 * are shipped from memory too, which frees it.
 */
export class Spool {
  /** Called whenever more can be read. One listener. */
  onReadable: (() => void) | null = null;
  private segments: SpoolSegment[] = [];
  private recent: RecentLines;
  /** Lines up to here were written by an earlier process. */
  private readonly recoveredSeq: number;
  /** Everything up to here is in the files, or acknowledged. */
  private writtenSeq: number;
  private acknowledgedSeq = 0;
  private refusedSince: number | null = null;
  private refusal: Error | null = null;
  private room: Deferred | null = null;
  private writing: Promise<void> | null = null;
  private cleaning: Promise<unknown> = Promise.resolve();
  private closed = false;
  private unnumbered: { readonly gap: LogGap; readonly text: string } | null = null;
  /** null: lines are gone that nobody has counted. */
  private counts: LogCounts | null;

  private constructor(
    /** null: in memory only. */
    private readonly folder: string | null,
    private readonly options: Required<SpoolOptions>,
    segments: SpoolSegment[],
    counts: LogCounts | null,
  ) {
    this.counts = counts;
    this.segments = segments;
    this.writtenSeq = segments.at(-1)?.lastSeq ?? 0;
    this.recoveredSeq = this.writtenSeq;
    this.recent = new RecentLines(this.writtenSeq + 1);
  }

  /**
   * The spool of an attempt that just begins. In this thread: the folder is all there is to make, the first file comes
   * with the first line. @param isMade the folder is there already, and empty @throws when it cannot be made
   */
  static create(folder: string, options: SpoolOptions = {}, isMade = false): Spool {
    if (!isMade) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new Spool(folder, { ...DEFAULTS, ...options }, [], new LogCounts());
  }

  /** For the few words that tell why there is no folder. They are shipped, but do not outlive this process. */
  static inMemory(options: SpoolOptions = {}): Spool {
    return new Spool(null, { ...DEFAULTS, ...options }, [], new LogCounts());
  }

  /** Opens or makes the spool in `folder`; drops a torn last line. Rejects when the folder cannot be used. */
  static async open(folder: string, options: SpoolOptions = {}): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const firstSeqs = (await readdir(folder))
      .map((name) => SpoolSegment.firstSeqOf(name))
      .filter((seq) => seq !== null);
    const segments: SpoolSegment[] = [];
    const counts = new LogCounts();
    let lost = false;
    for (const firstSeq of firstSeqs.sort((a, b) => a - b)) {
      const segment = await SpoolSegment.recover(folder, firstSeq, (line) => counts.add(line));
      const before = segments.at(-1);
      // Only a crash of the host damages a file that another one follows. What comes after cannot keep its numbers.
      lost ||= before !== undefined && before.lastSeq + 1 !== firstSeq;
      if (lost) await segment.remove();
      else segments.push(segment);
    }
    // files that the server had acknowledged to their end are gone, and with them what they would count
    const isWhole = !lost && (segments[0]?.firstSeq ?? 1) === 1;
    const spool = new Spool(folder, { ...DEFAULTS, ...options }, segments, isWhole ? counts : null);
    if (lost) spool.gap(-1, UNKNOWN_LOSS, LOSS_TEXT);
    return spool;
  }

  /** Number of the last line appended; 0: none. */
  get lastSeq(): number {
    return this.recent.nextSeq - 1;
  }

  /** Every line up to this one can be read. */
  get readableSeq(): number {
    const { refusedSince } = this;
    if (this.folder === null) return this.lastSeq;
    const impatient = refusedSince !== null && performance.now() - refusedSince >= this.options.diskPatienceMs;
    return impatient ? this.lastSeq : this.writtenSeq;
  }

  /** What the log holds, for the receipt; null: not all of its lines were counted. */
  counted(): readonly StepLogCount[] | null {
    return this.counts?.result() ?? null;
  }

  get isInMemory(): boolean {
    return this.folder === null;
  }

  get ackedSeq(): number {
    return this.acknowledgedSeq;
  }

  /** In files and memory; too many by at most 64 KiB and one line. */
  get bytesUnacked(): number {
    const inFiles = (segment: SpoolSegment) => segment.bytes - segment.bytesBefore(this.acknowledgedSeq + 1);
    return this.segments.reduce((bytes, segment) => bytes + inFiles(segment), this.unwrittenBytes);
  }

  private get unwrittenBytes(): number {
    return this.recent.bytesFrom(Math.max(this.writtenSeq, this.acknowledgedSeq) + 1);
  }

  /** Encoded size of everything from `seq` on; Infinity for a backlog that is only in the files. */
  bytesFrom(seq: number): number {
    return seq >= this.recent.firstSeq ? this.recent.bytesFrom(seq) : Infinity;
  }

  /** Set while the disk refuses writes (full, read-only): the lines wait in memory and writers are held back. */
  get trouble(): Error | null {
    return this.refusal;
  }

  append(line: WireLogLine): number {
    // The attempt is over and its log handed in or given up: a late line has nowhere to go.
    if (this.closed) return this.lastSeq;
    this.counts?.add(line);
    this.recent.add(line);
    // In a microtask: lines that come from one chunk are written together.
    this.writing ??= Promise.resolve().then(() => this.write());
    return this.lastSeq;
  }

  /** Says that lines are missing, and how many; takes one number itself. */
  gap(step: number, gap: LogGap, text: string): number {
    return this.append([this.options.now(), step, 's', text, gap]);
  }

  /**
   * The same for a loss found after a restart. It gets its number when the server has said how far it is: it may have
   * lines that are not here any more, and a record under the number of one of those would never reach it.
   */
  gapWhenKnown(gap: LogGap, text: string): void {
    this.unnumbered = { gap, text };
    this.counts = null;
  }

  /** Something must be numbered that waits for the server's word. */
  get awaitsServer(): boolean {
    return this.unnumbered !== null;
  }

  /** undefined: go on. Else: hold the writers until it resolves. */
  pressure(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined;
    this.room ??= deferred();
    return this.room.promise;
  }

  /** Everything appended so far is in the files. Does not settle while the disk refuses. */
  async flushed(): Promise<void> {
    const { lastSeq } = this;
    while (this.writing && this.writtenSeq < lastSeq) await this.writing;
  }

  /** At least one line when there is one, then as many as both limits allow. */
  async read(fromSeq: number, limits: ReadLimits): Promise<LineBatch> {
    const { readableSeq } = this;
    if (fromSeq > readableSeq) return { firstSeq: fromSeq, lines: [] };
    if (fromSeq >= this.recent.firstSeq) {
      return { firstSeq: fromSeq, lines: this.recent.read(fromSeq, readableSeq, limits) };
    }
    const segment = this.segments.find(({ lastSeq }) => lastSeq >= fromSeq);
    if (!segment || segment.firstSeq > fromSeq) throw new Error(`Line ${fromSeq} is not in the spool any more.`);
    return { firstSeq: fromSeq, lines: await segment.read(fromSeq, limits) };
  }

  /**
   * The server has everything up to `seq`; frees memory and disk. If it has more than the spool, the host crashed and
   * took the end of the spool with it: numbers go on after the server's, beginning with a gap record.
   */
  acked(seq: number): void {
    const { unnumbered } = this;
    this.unnumbered = null;
    // else going on after the server's last line begins with such a record anyway
    if (unnumbered && seq <= this.lastSeq) this.gap(-1, unnumbered.gap, unnumbered.text);
    if (seq <= this.acknowledgedSeq) return;
    if (seq > this.lastSeq) this.continueAfter(seq);
    this.acknowledgedSeq = seq;
    const kept = this.segments.filter(({ lastSeq }, index) => lastSeq > seq || index === this.segments.length - 1);
    this.remove(this.segments.filter((segment) => !kept.includes(segment)));
    this.segments = kept;
    this.recent.trim(this.writtenSeq);
    this.releaseIfRoom();
  }

  /**
   * The server has lost lines that it had acknowledged, everything after `seq`, and they are not here any more either:
   * the log goes on after `seq` with a record of how many. Only for a log that is acknowledged to its end.
   */
  lostAfter(seq: number): void {
    const lines = this.acknowledgedSeq - seq;
    if (lines <= 0 || this.acknowledgedSeq < this.lastSeq) return;
    this.remove(this.segments.splice(0));
    this.acknowledgedSeq = this.writtenSeq = seq;
    this.recent = new RecentLines(seq + 1);
    this.gap(-1, { lines, reason: 'spool_lost' }, 'Lines of this log were lost by the server.');
  }

  /** Writes and fsyncs what is there; gives up on a disk that refuses. */
  async close(): Promise<void> {
    this.closed = true;
    this.room?.resolve();
    await this.writing;
    await this.cleaning;
    const segments = this.segments.splice(0);
    await Promise.allSettled(segments.map((segment) => segment.sync()));
    await Promise.allSettled(segments.map((segment) => segment.close()));
  }

  /** The server has it all, or nobody wants it any more. */
  async dispose(): Promise<void> {
    this.closed = true;
    this.room?.resolve();
    await this.writing;
    await this.cleaning;
    await Promise.allSettled(this.segments.splice(0).map((segment) => segment.close()));
    if (this.folder !== null && !(await removeSmallFolder(this.folder))) await removeTree(this.folder);
  }

  private async write(): Promise<void> {
    const { folder } = this;
    if (folder === null) this.onReadable?.();
    while (folder !== null && this.skipAcked() < this.lastSeq) {
      const { recent } = this;
      try {
        const segment = await this.segmentFor(folder, this.writtenSeq + 1);
        await segment.append(recent.encodedFrom(this.writtenSeq + 1, WRITE_BLOCK_BYTES));
        // Otherwise numbering went on elsewhere meanwhile, and this segment is about to be removed.
        if (recent === this.recent) this.writtenSeq = segment.lastSeq;
        this.refusal = null;
        this.refusedSince = null;
      } catch (error) {
        this.refusal = error as Error;
        this.refusedSince ??= performance.now();
        this.onReadable?.();
        if (this.closed) break;
        await delay(this.options.retryMs);
        continue;
      }
      this.recent.trim(this.writtenSeq);
      this.releaseIfRoom();
      this.onReadable?.();
    }
    this.writing = null;
  }

  /** What was shipped from memory, because the disk refused, needs no file any more. @returns writtenSeq */
  private skipAcked(): number {
    if (this.acknowledgedSeq > this.writtenSeq) {
      this.writtenSeq = this.acknowledgedSeq;
      this.remove(this.segments.splice(0));
    }
    return this.writtenSeq;
  }

  private async segmentFor(folder: string, seq: number): Promise<SpoolSegment> {
    const current = this.segments.at(-1);
    if (current && current.lastSeq + 1 === seq && current.bytes < this.options.segmentBytes) return current;
    // a file that is being removed may have the name of the next one
    await this.cleaning;
    const next = await SpoolSegment.create(folder, seq);
    this.segments.push(next);
    return next;
  }

  private continueAfter(seq: number): void {
    const { recent } = this;
    this.counts = null;
    const own = Math.max(this.recoveredSeq + 1, recent.firstSeq);
    const fromThisProcess = recent.read(own, this.lastSeq, { maxLines: Infinity, maxBytes: Infinity });
    this.recent = new RecentLines(seq + 1);
    this.gap(-1, UNKNOWN_LOSS, LOSS_TEXT);
    for (const line of fromThisProcess) this.append(line);
  }

  private remove(segments: readonly SpoolSegment[]): void {
    if (segments.length === 0) return;
    // A file that cannot be removed now goes with the folder.
    this.cleaning = Promise.allSettled([this.cleaning, ...segments.map((segment) => segment.remove())]);
  }

  private hasRoom(): boolean {
    return (
      this.closed || (this.unwrittenBytes <= MAX_UNWRITTEN_BYTES && this.bytesUnacked <= this.options.maxUnackedBytes)
    );
  }

  private releaseIfRoom(): void {
    if (!this.room || !this.hasRoom()) return;
    this.room.resolve();
    this.room = null;
  }
}

const DEFAULTS: Required<SpoolOptions> = {
  maxUnackedBytes: 256 * 1024 * 1024,
  segmentBytes: 16 * 1024 * 1024,
  retryMs: 500,
  diskPatienceMs: 5_000,
  now: Date.now,
};
