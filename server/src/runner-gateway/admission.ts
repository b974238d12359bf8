/** Lets a bounded number of tasks run at once and a bounded number wait; the rest is turned away at once. */
export class Admission {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: { readonly maxRunning: number; readonly maxWaiting: number }) {}

  /** @returns null when it was turned away */
  async run<Result>(work: () => Promise<Result>): Promise<Result | null> {
    if (this.running >= this.limits.maxRunning) {
      if (this.waiting.length >= this.limits.maxWaiting) return null;
      // whoever leaves hands over its place, so that `running` need not change
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
