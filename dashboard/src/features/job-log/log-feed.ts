import type { LogPage, LogRow } from '@dibs/shared';
import { messageOf } from '../../api/api-error';
import { TAIL_LINES, type LogRange, type ReadLog } from '../../api/logs';
import { lastNumberOf, type StepRange } from './log-rows';
import { EMPTY_WINDOW, withFold, withRowsAbove, withRowsBelow, type LogWindow } from './log-window';

export interface LogSnapshot {
  readonly window: LogWindow;
  /** Counts the times the window was exchanged: a list of its rows has to begin anew. */
  readonly generation: number;
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
  window: EMPTY_WINDOW,
  generation: 0,
  lastSeq: 0,
  isComplete: false,
  isLoaded: false,
  isLoadingOlder: false,
  problem: null,
};

const LINES_PER_READ = 2_000;
/** A reader further behind than this starts at the end again instead of reading everything between. */
const MOST_LINES_BEHIND = 10_000;
const LINES_BEFORE_ANCHOR = 100;

/**
 * The log of one attempt as far as it is loaded: one unbroken range of lines, bounded in memory. It begins at the end (or
 * around one line), grows forward by the cursor after every hint while the reader follows, and else where the reader gets to its
 * ends.
 *
 * Lines are numbered, so a cursor is all it takes to have each line once: an answer is only added when the last
 * line there is was the last one when it was asked for, whatever was asked twice, answered late or cut by a reconnect.
 * Forward reads never overlap; a hint during one is remembered in `lastSeq` and read next.
 */
export class LogFeed {
  private snapshot = EMPTY;
  private readonly listeners = new Set<() => void>();
  private folds: readonly StepRange[] = [];
  private abort = new AbortController();
  private isReading = false;
  private isReadWanted = false;
  private isFollowing: boolean;

  constructor(
    private readonly read: ReadLog,
    /** Line to begin around; null: begin at the end. */
    private anchorSeq: number | null,
  ) {
    this.isFollowing = anchorSeq === null;
  }

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

  /** A hint: the server has lines up to this one. Who does not follow gets them when they get there. */
  grewTo(seq: number): void {
    if (seq <= this.snapshot.lastSeq && seq <= this.lastLoadedSeq()) return;
    if (this.isFollowing) this.readForward();
    else if (seq > this.snapshot.lastSeq) this.update({ lastSeq: seq });
  }

  /** Whether the reader wants every new line; if not, lines wait on the server. */
  follow(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    if (isFollowing && this.snapshot.isLoaded && this.isBehind()) this.readForward();
  }

  /** To the last line; begins again there when it is far from what is loaded. */
  jumpToEnd(): void {
    this.isFollowing = true;
    if (this.snapshot.lastSeq - this.lastLoadedSeq() > LINES_PER_READ) this.beginAt(null);
    else if (this.isBehind()) this.readForward();
  }

  /**
   * To a line that may be far from what is loaded; then begins again around it.
   *
   * @param anew also when it is loaded: of a long log lines may have been left out since
   */
  goTo(seq: number, anew = false): void {
    this.isFollowing = false;
    const { rows, firstSeq } = this.snapshot.window;
    const unfolded = this.folds.filter((fold) => seq < fold.firstSeq || seq > fold.lastSeq);
    const isFolded = unfolded.length < this.folds.length;
    this.folds = unfolded;
    const isThere = !anew && !isFolded && rows.length > 0 && seq >= firstSeq && seq <= this.lastLoadedSeq();
    if (!isThere && this.snapshot.isLoaded) this.beginAt(seq);
  }

  /** Shows one row for a step that has ended, and reads nothing of it. */
  fold(range: StepRange): void {
    this.folds = [...this.folds.filter(({ step }) => step !== range.step), range];
    this.update({
      window: withFold(this.snapshot.window, range),
      generation: this.snapshot.generation + 1,
    });
  }

  isFolded(step: number): boolean {
    return this.folds.some((fold) => fold.step === step);
  }

  /** Shows its lines again, beginning with the first. */
  unfold(step: number): void {
    const fold = this.folds.find((one) => one.step === step);
    if (!fold) return;
    this.folds = this.folds.filter((one) => one !== fold);
    this.isFollowing = false;
    this.beginAt(fold.firstSeq);
  }

  /** What may have been missed; after a reconnect, on a slow poll, when the job ended. */
  async refresh(): Promise<void> {
    if (this.isFollowing || !this.snapshot.isLoaded) return this.readForward();
    const { signal } = this.abort;
    try {
      const { lastSeq, complete } = await this.read({ tail: 1 }, signal);
      if (!signal.aborted) this.update({ lastSeq, isComplete: complete, problem: null });
    } catch (error) {
      if (!signal.aborted) this.update({ problem: messageOf(error) });
    }
  }

  /** The lines behind those that are loaded. */
  readForward(): void {
    if (this.isReading) {
      this.isReadWanted = true;
      return;
    }
    void this.forward(this.abort.signal);
  }

  async readOlder(): Promise<void> {
    const first = this.snapshot.window.firstSeq;
    if (first <= 1 || this.snapshot.isLoadingOlder) return;
    const { signal } = this.abort;
    const rowsBefore = this.snapshot.window.rows.length;
    this.update({ isLoadingOlder: true });
    try {
      const page = await this.read({ before: first, limit: LINES_PER_READ }, signal);
      const { window } = this.snapshot;
      const last = page.items.at(-1);
      if (!signal.aborted && window.firstSeq === first && last && lastNumberOf(last) === first - 1) {
        this.update({ window: withRowsAbove(window, page.items, this.folds, this.isFollowing), problem: null });
      }
    } catch (error) {
      if (!signal.aborted) this.update({ problem: messageOf(error) });
    } finally {
      this.update({ isLoadingOlder: false });
    }
    const { window } = this.snapshot;
    // nothing of it is shown (an hour of a progress bar): the reader is still at the top, and nobody would ask again
    if (window.firstSeq < first && window.rows.length === rowsBefore) await this.readOlder();
  }

  private beginAt(seq: number | null): void {
    this.stop();
    this.anchorSeq = seq;
    this.forget();
    this.start();
  }

  private forget(): void {
    this.update({ window: EMPTY_WINDOW, generation: this.snapshot.generation + 1, isLoaded: false });
  }

  private async forward(signal: AbortSignal): Promise<void> {
    this.isReading = true;
    try {
      let isGoingOn = true;
      while (isGoingOn) {
        this.isReadWanted = false;
        const from = this.lastLoadedSeq();
        const page = await this.read(this.nextRange(), signal);
        const isAround = !this.snapshot.isLoaded && this.anchorSeq !== null;
        const above = isAround ? await this.whereColoursBegin(page, signal) : [];
        if (signal.aborted) return;
        const isProgress = this.accept(from, page, above);
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

  /**
   * The lines above those around a line, where colours are used: those may have been set there. Read before anything is shown,
   * for a list that is just being mounted somewhere loses its place when rows are put above.
   */
  private async whereColoursBegin({ items }: LogPage, signal: AbortSignal): Promise<readonly LogRow[]> {
    const first = items[0]?.seq ?? 1;
    if (first <= 1 || !items.some(({ text }) => text.includes('\u001b['))) return [];
    const above = await this.read({ before: first, limit: LINES_PER_READ }, signal);
    const last = above.items.at(-1);
    return last && lastNumberOf(last) === first - 1 ? above.items : [];
  }

  /**
   * @param from the last line there was when it was asked for
   * @returns whether the next read can bring more than this one
   */
  private accept(from: number, page: LogPage, above: readonly LogRow[]): boolean {
    const { window, isLoaded } = this.snapshot;
    const behind = page.lastSeq - this.lastLoadedSeq();
    const isAnchorBeyondEnd = !isLoaded && this.anchorSeq !== null && page.items.length === 0 && page.lastSeq > 0;
    const isTooFarBehind = isLoaded && this.isFollowing && behind > MOST_LINES_BEHIND;
    if (isAnchorBeyondEnd || isTooFarBehind) {
      this.anchorSeq = null;
      this.forget();
      return true;
    }
    const isNext = page.items.length > 0 && from === this.lastLoadedSeq();
    this.update({
      window: isNext ? withRowsBelow(window, [...above, ...page.items], this.folds) : window,
      lastSeq: page.lastSeq,
      isComplete: page.complete,
      isLoaded: true,
      problem: null,
    });
    return isNext;
  }

  private isBehind(): boolean {
    if (!this.snapshot.isLoaded) return true;
    return this.isFollowing && this.lastLoadedSeq() < this.snapshot.lastSeq;
  }

  private lastLoadedSeq(): number {
    return this.snapshot.window.lastSeq;
  }

  private update(change: Partial<LogSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
