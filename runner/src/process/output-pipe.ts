import type { Readable } from 'node:stream';

/** Takes one chunk. A returned promise is back-pressure: the pipe is paused until it settles. */
export type OutputSink = (chunk: Buffer) => void | Promise<void>;

/**
 * Reads one pipe of a child at the pace of its sink. Time limits count reading time only: while the sink holds the
 * pipe back, output that is still in the pipe is our delay and not the child's.
 */
export class OutputPipe {
  private held: Promise<void> | null = null;
  private readonly ended: Promise<void>;
  private isEnded = false;
  private heeds = true;

  constructor(
    private readonly stream: Readable,
    sink: OutputSink,
  ) {
    this.ended = new Promise<void>((resolve) => {
      const end = () => {
        this.isEnded = true;
        resolve();
      };
      // A pipe whose descriptors break reads as ended: there is nothing more to get from it.
      stream.once('end', end).once('close', end).once('error', end);
    });
    stream.on('data', (chunk: Buffer) => {
      const room = sink(chunk);
      if (room && this.heeds) this.holdUntil(room);
    });
  }

  /** true: every writer has closed it and all was read, within this much reading time. */
  async closesWithin(readingMs: number): Promise<boolean> {
    let leftMs = readingMs;
    while (!this.isEnded && leftMs > 0) {
      if (this.held) {
        await this.held;
      } else {
        const sliceMs = Math.min(leftMs, 100);
        await this.endOr(sliceMs);
        leftMs -= sliceMs;
      }
    }
    return this.isEnded;
  }

  /**
   * For a pipe whose writers are dead: reads what is left without heeding back-pressure (it is at most what the kernel
   * buffers, and a full spool must not keep a finished step from ending), then lets go of the pipe, even if some
   * process out of reach still holds its other end.
   */
  async drain(readingMs: number): Promise<void> {
    this.heeds = false;
    this.held = null;
    this.stream.resume();
    await this.closesWithin(readingMs);
    this.stream.destroy();
  }

  private holdUntil(room: Promise<void>): void {
    this.stream.pause();
    const held = room
      .catch(() => undefined)
      .then(() => {
        if (this.held !== held) return;
        this.held = null;
        this.stream.resume();
      });
    this.held = held;
  }

  private endOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      void this.ended.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
