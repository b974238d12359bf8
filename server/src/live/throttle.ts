/** Does some work soon after it is asked for, but not more often than once in a period. */
export class Throttle {
  private timer: NodeJS.Timeout | null = null;
  private lastRunMs = -Infinity;

  constructor(
    private readonly work: () => void,
    private readonly everyMs: () => number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  ask(): void {
    if (this.timer !== null) return;
    const dueInMs = Math.max(0, this.lastRunMs + this.everyMs() - this.nowMs());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.lastRunMs = this.nowMs();
      this.work();
    }, dueInMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
