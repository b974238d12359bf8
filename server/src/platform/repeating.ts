/** Work that is done again and again, a period after its last end. It must deal with its own errors. */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly periodMs: number,
  ) {}

  get isStopped(): boolean {
    return this.stopped;
  }

  /** The first time at once. */
  start(): void {
    this.next(0);
  }

  /** Resolves when the work that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private next(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.work().finally(() => this.next(this.periodMs));
    }, delayMs);
  }
}
