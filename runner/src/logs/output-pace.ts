/**
 * Of the runner's time, what taking the output of one job may use up in the long run. That is a small part of what the output costs:
 * its lines are written, sent, stored and read after that, by this process and others. Measured with `log-flood`: docs/decisions/0043.
 */
const SHARE = 1 / 8;
/** The same beside other jobs. */
const SHARE_BESIDE_OTHERS = 1 / 32;
/** A build that prints much at once is not held up: some megabytes pass before the share counts. */
const BURST_MS = 100;
/** Timers are no finer, and a pipe that is paused and resumed for less costs more than it spares. */
const LEAST_PAUSE_MS = 2;
/** Longer than any chunk is worth: a process that was frozen while it took one must not rest for many times as long. */
const MOST_PAUSE_MS = 1_000;

/**
 * How fast the output of one job is taken. A job that prints without end would else be read as fast as it prints, and everybody beside
 * it would wait: other jobs of this runner for its loop, all others for the processor, the server and the database. It also prints
 * faster than can be stored, and what waits for that would have to be read back from the disk.
 */
export class OutputPace {
  /** Time that was used up beyond the share; negative: what may still be used at once. */
  private debtMs = -BURST_MS;
  private countedAtMs: number;

  constructor(
    private readonly isBesideOthers: () => boolean,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.countedAtMs = nowMs();
  }

  /**
   * Does `take`, which takes output.
   * @returns how long to take no more, in milliseconds; 0: not at all
   */
  pauseAfter(take: () => void): number {
    const startedAtMs = this.nowMs();
    take();
    const nowMs = this.nowMs();
    const share = this.isBesideOthers() ? SHARE_BESIDE_OTHERS : SHARE;
    const rested = Math.max(-BURST_MS, this.debtMs - (startedAtMs - this.countedAtMs));
    this.debtMs = Math.min(MOST_PAUSE_MS, rested + (nowMs - startedAtMs) * (1 / share - 1));
    this.countedAtMs = nowMs;
    return this.debtMs < LEAST_PAUSE_MS ? 0 : this.debtMs;
  }
}
