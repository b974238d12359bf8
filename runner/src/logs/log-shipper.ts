import { type LinkLimits, type LogReply, type Refusal, type WireLogLine, isRedrawn } from '@dibs/shared';
import { type Deferred, deferred } from '../process/deferred.js';
import type { LineBatch, Spool } from './spool.js';

export interface LogShipperOptions {
  readonly spool: Spool;
  /** One `job:log` request. Rejects when there was no reply (cut, timeout). */
  readonly send: (batch: LineBatch) => Promise<LogReply>;
  readonly timing: LogShipperTiming;
  /** Size of one batch that the link bears at present. */
  readonly batchBytes: () => number;
  /** The server refused for good (E_FENCED and every other refusal that is not retryable). Called once. */
  readonly onRefused: (refusal: Refusal) => void;
}

export interface LogShipperTiming {
  readonly periodWatchedMs: number;
  readonly periodIdleMs: number;
  /** First pause after a retryable refusal or a missing reply; doubles up to 16 times of it. */
  readonly retryMs: number;
}

/** This much does not wait for the period. */
const FULL_BATCH_BYTES = 64 * 1024;
const FULL_BATCH_LINES = 500;
const MAX_UNACKNOWLEDGED_BATCHES = 4;
/** What an event carries besides the lines: ids, token, names. */
const ENVELOPE_BYTES = 2 * 1024;
const MAX_DOUBLINGS = 4;

/**
 * Brings the spool to the server: down (no link) → shipping → stopped. While shipping, up to four batches are on their
 * way, in order; the first line of a quiet log leaves at once, then at most one batch per period unless it is full.
 * A gap, a missing reply or a retryable refusal leads back to the line after the last acknowledged one; replies to
 * batches from before that are only read for what they acknowledge. Sending a line twice is harmless, a hole is not.
 */
export class LogShipper {
  private nextSeq = 1;
  private inFlight = 0;
  /** Grows with every way back: tells replies to what is on its way now from older ones. */
  private course = 0;
  private up = false;
  private stopped = false;
  private pausedUntilTimer: NodeJS.Timeout | null = null;
  private periodTimer: NodeJS.Timeout | null = null;
  private failures = 0;
  private ackedAtGap = -1;
  private isWatched = false;
  private lastSentAtMs = -Infinity;
  private limits: LinkLimits = { maxEventBytes: 256 * 1024, maxBatchLines: FULL_BATCH_LINES };
  private pumping = false;
  private pumpAgain = false;
  private drain: Deferred<boolean> | null = null;

  constructor(private readonly options: LogShipperOptions) {
    options.spool.onReadable = () => this.wake();
  }

  /** The link is up and the server has everything up to `ackedSeq` (0 for a fresh attempt). */
  resume(ackedSeq: number, limits: LinkLimits): void {
    this.limits = limits;
    this.up = true;
    this.failures = 0;
    this.acknowledge(ackedSeq);
    this.goBack(0);
  }

  /** The link is down. */
  pause(): void {
    this.up = false;
    this.clearTimers();
  }

  watched(watched: boolean): void {
    this.isWatched = watched;
    this.wake();
  }

  /**
   * true: everything up to `spool.lastSeq` is acknowledged. false: stopped or refused before.
   * Until then lines are shipped without waiting for the period.
   */
  drained(): Promise<boolean> {
    this.drain ??= deferred<boolean>();
    const { promise } = this.drain;
    this.settleDrain();
    this.wake();
    return promise;
  }

  stop(): void {
    this.stopped = true;
    this.clearTimers();
    this.settleDrain();
  }

  private wake(): void {
    this.pumpAgain = true;
    if (!this.pumping) void this.pump();
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    while (this.pumpAgain) {
      this.pumpAgain = false;
      try {
        while (this.maySend() && this.isDue()) await this.sendNext();
      } catch {
        // The spool could not be read. The disk may come back; until then there is nothing to send.
        this.backOff(undefined);
      }
    }
    this.pumping = false;
  }

  private maySend(): boolean {
    return (
      this.up &&
      !this.stopped &&
      this.pausedUntilTimer === null &&
      this.inFlight < MAX_UNACKNOWLEDGED_BATCHES &&
      this.options.spool.readableSeq >= this.nextSeq
    );
  }

  private isDue(): boolean {
    const { spool, timing } = this.options;
    const isFull =
      spool.readableSeq - this.nextSeq + 1 >= Math.min(FULL_BATCH_LINES, this.limits.maxBatchLines) ||
      spool.bytesFrom(this.nextSeq) >= FULL_BATCH_BYTES;
    const periodMs = this.isWatched ? timing.periodWatchedMs : timing.periodIdleMs;
    const waitMs = this.lastSentAtMs + periodMs - performance.now();
    if (isFull || this.drain !== null || waitMs <= 0) return true;
    if (this.periodTimer) clearTimeout(this.periodTimer);
    this.periodTimer = setTimeout(() => this.wake(), waitMs);
    return false;
  }

  private async sendNext(): Promise<void> {
    const { course } = this;
    const batch = await this.options.spool.read(this.nextSeq, {
      maxLines: this.limits.maxBatchLines,
      maxBytes: Math.min(this.limits.maxEventBytes - ENVELOPE_BYTES, this.options.batchBytes()),
    });
    if (course !== this.course || !this.maySend() || batch.firstSeq !== this.nextSeq || batch.lines.length === 0)
      return;
    this.nextSeq += batch.lines.length;
    this.inFlight++;
    this.lastSentAtMs = performance.now();
    void this.ship(batch);
  }

  private async ship(batch: LineBatch): Promise<void> {
    const { course } = this;
    const lastSeq = batch.firstSeq + batch.lines.length - 1;
    const { logRedraws } = this.limits;
    const sent = logRedraws ? batch : { ...batch, lines: batch.lines.map(withoutRedraw) };
    const reply = await this.options.send(sent).catch(() => null);
    if (this.stopped) return;
    if (reply?.ackedSeq !== undefined) this.acknowledge(reply.ackedSeq);
    if (reply && !reply.ok && !reply.retryable && reply.code !== 'E_GAP') return this.refuse(reply, batch, course);
    if (course !== this.course) return;
    this.inFlight--;
    if (this.options.spool.ackedSeq >= lastSeq) {
      this.failures = 0;
      this.wake();
    } else if (reply && (reply.ok || reply.code === 'E_GAP') && this.options.spool.ackedSeq > this.ackedAtGap) {
      // The server says what it misses. At once, unless it misses the same again.
      this.ackedAtGap = this.options.spool.ackedSeq;
      this.goBack(0);
    } else {
      this.backOff(reply && !reply.ok ? reply.retryAfterMs : undefined);
    }
  }

  private refuse(refusal: Refusal, { lines }: LineBatch, course: number): void {
    if (refusal.code === 'E_TOO_LARGE' && lines.length > 1) {
      if (course !== this.course) return;
      this.limits = { ...this.limits, maxBatchLines: Math.ceil(lines.length / 2) };
      return this.goBack(0);
    }
    this.stop();
    this.options.onRefused(refusal);
  }

  private acknowledge(seq: number): void {
    const { spool } = this.options;
    spool.acked(seq);
    this.nextSeq = Math.max(this.nextSeq, spool.ackedSeq + 1);
    this.settleDrain();
  }

  private backOff(afterMs: number | undefined): void {
    const doublings = Math.min(this.failures++, MAX_DOUBLINGS);
    this.goBack(Math.max(afterMs ?? 0, this.options.timing.retryMs * 2 ** doublings));
  }

  /** On to the line after the last acknowledged one, at once or after a pause. */
  private goBack(pauseMs: number): void {
    this.clearTimers();
    this.course++;
    this.inFlight = 0;
    this.nextSeq = this.options.spool.ackedSeq + 1;
    if (pauseMs > 0 && this.up && !this.stopped) {
      this.pausedUntilTimer = setTimeout(() => {
        this.pausedUntilTimer = null;
        this.wake();
      }, pauseMs);
    }
    this.wake();
  }

  private clearTimers(): void {
    if (this.periodTimer) clearTimeout(this.periodTimer);
    if (this.pausedUntilTimer) clearTimeout(this.pausedUntilTimer);
    this.periodTimer = this.pausedUntilTimer = null;
  }

  private settleDrain(): void {
    const { spool } = this.options;
    const isDrained = spool.ackedSeq >= spool.lastSeq && !spool.awaitsServer;
    if (!this.drain || (!isDrained && !this.stopped)) return;
    this.drain.resolve(isDrained);
    this.drain = null;
  }
}

/** For a server that is older: there it is a line like any other. */
function withoutRedraw(line: WireLogLine): WireLogLine {
  const [atMs, step, stream, text] = line;
  return isRedrawn(stream) ? [atMs, step, stream === 'O' ? 'o' : 'e', text] : line;
}
