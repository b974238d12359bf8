import type { Renewed } from '@dibs/shared';

export interface DrainStateOptions {
  /** Begins or ends to drain: the server is to be told. */
  readonly onChange: (draining: boolean, why: string) => void;
  /** The deadline of a drain that the server asked for has come. */
  readonly giveUp: () => void;
}

/** Node takes a longer timer for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Whether this process takes jobs. It drains for good once it was told to stop, and for as long as an operator wants
 * it to: that comes with every renewal, so that it also ends with one, and outlives connections and servers.
 */
export class DrainState {
  private stopping = false;
  private wanted = false;
  private deadline: NodeJS.Timeout | undefined;

  constructor(private readonly options: DrainStateOptions) {}

  get isDraining(): boolean {
    return this.stopping || this.wanted;
  }

  /** For good: the process ends when nothing is left. */
  stop(why: string): void {
    const before = this.isDraining;
    this.stopping = true;
    if (!before) this.options.onChange(true, why);
  }

  /** What the server said last. */
  follow({ drain, drainDeadlineMs = null }: Pick<Renewed, 'drain' | 'drainDeadlineMs'>): void {
    const before = this.isDraining;
    this.wanted = drain;
    clearTimeout(this.deadline);
    if (drain && drainDeadlineMs !== null) {
      this.deadline = setTimeout(() => this.options.giveUp(), Math.min(drainDeadlineMs, LONGEST_TIMER_MS));
    }
    if (before !== this.isDraining) {
      this.options.onChange(this.isDraining, drain ? 'the server asked for it' : 'the server takes it back');
    }
  }

  close(): void {
    clearTimeout(this.deadline);
  }
}
