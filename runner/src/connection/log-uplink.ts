import { NoAnswerError } from './link-errors.js';

/**
 * How many bytes of log are on their way at a time, over all jobs. The connection is one queue: what lies in it goes
 * before the next renewal, and on a slow link some batches of 256 KiB for each job are minutes. So log batches wait here
 * instead, where renewals, steps and results pass them by.
 *
 * The bound follows the link: it grows with the batches that are answered within the target time while it is needed,
 * and is halved when one is not, so that what is on its way takes about the target time to arrive, be it 2 MiB or 16 KiB.
 */
export class LogUplink {
  private budgetBytes = FIRST_BYTES;
  private inFlightBytes = 0;
  private targetMs = DEFAULT_TARGET_MS;
  private readonly waiting: Waiting[] = [];
  /** An answer to what was sent before the last cut says nothing about the budget since. */
  private cutAtMs = -Infinity;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** The link is up. A batch should not delay a renewal by more than a small part of the trust window. */
  linkUp(trustMs: number): void {
    this.targetMs = Math.max(MIN_TARGET_MS, trustMs / TRUST_PARTS);
  }

  /** What waits is out of date: each log goes on from where the server says. */
  linkDown(): void {
    for (const { reject } of this.waiting.splice(0)) reject(new NoAnswerError('the connection ended'));
  }

  /** The size that a batch should have at most; a single line may be larger. */
  get batchBytes(): number {
    return Math.max(MIN_BYTES, Math.floor(this.budgetBytes / 2));
  }

  /** Sends as soon as there is room, in the order of the calls. A batch larger than all the room goes alone. */
  async send<Reply>(bytes: number, request: () => Promise<Reply>): Promise<Reply> {
    if (this.waiting.length > 0 || !this.hasRoom(bytes)) {
      await new Promise<void>((resolve, reject) => this.waiting.push({ bytes, resolve, reject }));
    } else this.inFlightBytes += bytes;
    const sentAtMs = this.nowMs();
    const wasNeeded = this.inFlightBytes * 2 >= this.budgetBytes;
    try {
      const reply = await request();
      if (this.nowMs() - sentAtMs > this.targetMs) this.cut(sentAtMs);
      else if (wasNeeded) this.budgetBytes = Math.min(MAX_BYTES, this.budgetBytes + bytes);
      return reply;
    } catch (error) {
      this.cut(sentAtMs);
      throw error;
    } finally {
      this.inFlightBytes -= bytes;
      this.sendWaiting();
    }
  }

  private hasRoom(bytes: number): boolean {
    return this.inFlightBytes === 0 || this.inFlightBytes + bytes <= this.budgetBytes;
  }

  private sendWaiting(): void {
    for (let next = this.waiting[0]; next && this.hasRoom(next.bytes); next = this.waiting[0]) {
      this.waiting.shift();
      this.inFlightBytes += next.bytes;
      next.resolve();
    }
  }

  private cut(sentAtMs: number): void {
    if (sentAtMs < this.cutAtMs) return;
    this.cutAtMs = this.nowMs();
    this.budgetBytes = Math.max(MIN_BYTES, this.budgetBytes / 2);
  }
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const FIRST_BYTES = 64 * 1024;
const MIN_BYTES = 16 * 1024;
const MAX_BYTES = 2 * 1024 * 1024;
const DEFAULT_TARGET_MS = 2000;
/** Tests shorten time; a loaded machine still needs a moment to answer. */
const MIN_TARGET_MS = 100;
const TRUST_PARTS = 20;
