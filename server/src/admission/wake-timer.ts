/** Longest delay a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The database's clock decides who is due; without a pause a clock that lags would be asked in a circle. */
const MIN_TIMER_MS = 5;

/** One timer for the earliest of many moments. */
export class WakeTimer {
  private timer: NodeJS.Timeout | null = null;
  private atMs = Infinity;
  private stopped = false;

  constructor(private readonly wake: () => void) {}

  /** Wakes after this time or earlier; a later moment than the one that is set changes nothing. */
  atLatestIn(delayMs: number): void {
    if (this.stopped) return;
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(MIN_TIMER_MS, Math.ceil(delayMs)));
    const atMs = performance.now() + waitMs;
    if (atMs >= this.atMs) return;
    clearTimeout(this.timer ?? undefined);
    this.atMs = atMs;
    this.timer = setTimeout(() => {
      this.atMs = Infinity;
      this.wake();
    }, waitMs);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer ?? undefined);
  }
}
