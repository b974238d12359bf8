import type { LogPage, LogRow } from '@dibs/shared';
import { messageOf } from '../../api/api-error';
import type { LogRange, ReadLog } from '../../api/logs';
import { lastNumberOf } from './log-rows';

export interface LogSnapshot {
  /** Lines in order and without holes; the first one's `seq` tells how many are above it. */
  readonly rows: readonly LogRow[];
  /** Last line known to be on the server. */
  readonly lastSeq: number;
  /** true: nothing will be added. */
  readonly isComplete: boolean;
  readonly isLoaded: boolean;
  readonly isLoadingOlder: boolean;
  /** Why the last read failed; null: it did not. */
  readonly problem: string | null;
}

const EMPTY: LogSnapshot = {
  rows: [],
  lastSeq: 0,
  isComplete: false,
  isLoaded: false,
  isLoadingOlder: false,
  problem: null,
};

const TAIL_LINES = 500;
const LINES_PER_READ = 2_000;
/** A reader further behind than this starts at the end again instead of reading everything between. */
const MOST_LINES_BEHIND = 20_000;
const LINES_BEFORE_ANCHOR = 100;

/**
 * The log of one attempt as far as it is loaded: one unbroken range of lines. It begins at the end (or around one
 * line), grows forward by the cursor after every hint and backward when the reader scrolls up.
 *
 * Lines are numbered without gaps, so a cursor is all it takes to have each line once: an answer is only added when
 * it begins right behind the last line, whatever was asked twice, answered late or cut by a reconnect.
 * Forward reads never overlap; a hint during one is remembered in `lastSeq` and read next.
 */
export class LogFeed {
  private snapshot = EMPTY;
  private readonly listeners = new Set<() => void>();
  private abort = new AbortController();
  private isReading = false;
  private isReadWanted = false;

  constructor(
    private readonly read: ReadLog,
    /** Line to begin around; null: begin at the end, or the end was reached since. */
    private anchorSeq: number | null,
  ) {}

  readonly getSnapshot = (): LogSnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  start(): void {
    this.abort = new AbortController();
    this.isReading = false;
    this.readForward();
  }

  /** Ends running reads; `start` goes on from what is there. */
  stop(): void {
    this.abort.abort();
  }

  /** A hint: the server has lines up to this one. A reader in the middle of a long log gets them when they get there. */
  grewTo(seq: number): void {
    if (seq <= this.lastLoadedSeq()) return;
    if (this.anchorSeq === null) this.readForward();
    else this.update({ lastSeq: Math.max(seq, this.snapshot.lastSeq) });
  }

  /** Leaves the middle of a long log: forgets what is loaded and begins at the end. */
  jumpToEnd(): void {
    if (this.anchorSeq === null) return;
    this.stop();
    this.anchorSeq = null;
    this.update({ rows: [], isLoaded: false });
    this.start();
  }

  /** To a line that may be far from what is loaded; then begins again around it. */
  goTo(seq: number): void {
    const { rows, isLoaded } = this.snapshot;
    const isThere = rows.length > 0 && seq >= rows[0]!.seq && seq <= this.lastLoadedSeq();
    if (isThere || !isLoaded) return;
    this.stop();
    this.anchorSeq = seq;
    this.update({ rows: [], isLoaded: false });
    this.start();
  }

  /** Reads whatever is new; after a reconnect, on a slow poll, when the job ended, at the end of what is loaded. */
  readForward(): void {
    if (this.isReading) {
      this.isReadWanted = true;
      return;
    }
    void this.forward(this.abort.signal);
  }

  async readOlder(): Promise<void> {
    const first = this.snapshot.rows[0]?.seq ?? 1;
    if (first <= 1 || this.snapshot.isLoadingOlder) return;
    const { signal } = this.abort;
    this.update({ isLoadingOlder: true });
    try {
      const page = await this.read({ before: first, limit: LINES_PER_READ }, signal);
      const isStillAbove = this.snapshot.rows[0]?.seq === first && lastLoaded(page.items) === first - 1;
      if (isStillAbove) this.update({ rows: [...page.items, ...this.snapshot.rows], problem: null });
    } catch (error) {
      if (!signal.aborted) this.update({ problem: messageOf(error) });
    } finally {
      this.update({ isLoadingOlder: false });
    }
  }

  private async forward(signal: AbortSignal): Promise<void> {
    this.isReading = true;
    try {
      let isGoingOn = true;
      while (isGoingOn) {
        this.isReadWanted = false;
        const page = await this.read(this.nextRange(), signal);
        if (signal.aborted) return;
        const isProgress = this.accept(page);
        isGoingOn = this.isReadWanted || (isProgress && this.isBehind());
      }
    } catch (error) {
      // The next hint, poll or reconnect reads again from the same cursor.
      if (!signal.aborted) this.update({ problem: messageOf(error) });
    } finally {
      if (!signal.aborted) this.isReading = false;
    }
  }

  private nextRange(): LogRange {
    if (this.snapshot.isLoaded) return { after: this.lastLoadedSeq(), limit: LINES_PER_READ };
    if (this.anchorSeq === null) return { tail: TAIL_LINES };
    return { after: Math.max(0, this.anchorSeq - 1 - LINES_BEFORE_ANCHOR), limit: LINES_PER_READ };
  }

  /** @returns whether the next read can bring more than this one */
  private accept(page: LogPage): boolean {
    const { rows, isLoaded } = this.snapshot;
    const behind = page.lastSeq - this.lastLoadedSeq();
    const isAnchorBeyondEnd = !isLoaded && this.anchorSeq !== null && page.items.length === 0 && page.lastSeq > 0;
    const isTooFarBehind = isLoaded && this.anchorSeq === null && behind > MOST_LINES_BEHIND;
    if (isAnchorBeyondEnd || isTooFarBehind) {
      this.anchorSeq = null;
      this.update({ rows: [], isLoaded: false });
      return true;
    }
    const isNext = page.items.length > 0 && (!isLoaded || page.items[0]?.seq === this.lastLoadedSeq() + 1);
    this.update({
      rows: isNext ? [...rows, ...page.items] : rows,
      lastSeq: page.lastSeq,
      isComplete: page.complete,
      isLoaded: true,
      problem: null,
    });
    if (this.lastLoadedSeq() >= page.lastSeq) this.anchorSeq = null;
    return isNext;
  }

  private isBehind(): boolean {
    if (!this.snapshot.isLoaded) return true;
    return this.anchorSeq === null && this.lastLoadedSeq() < this.snapshot.lastSeq;
  }

  private lastLoadedSeq(): number {
    return lastLoaded(this.snapshot.rows);
  }

  private update(change: Partial<LogSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}

function lastLoaded(rows: readonly LogRow[]): number {
  const last = rows.at(-1);
  return last ? lastNumberOf(last) : 0;
}
