import type { InstanceId, JobId } from '@dibs/shared';

/** Whoever names a job that is not its own must not be able to hold up the one whose it is. */
export type OrderKey = `${InstanceId}/${JobId}`;

/**
 * Keeps the writes of one instance about one job in the order in which they arrived, while writes of different jobs share statements. A
 * runner may send the end of a step and the result in one burst: the result must find the step recorded.
 */
export class AttemptOrder {
  private readonly tails = new Map<OrderKey, Promise<unknown>>();

  /** Begins once everything before it has ended, well or not. */
  after<Result>(key: OrderKey, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(key);
    const own = tail ? tail.then(work, work) : work();
    this.append(key, own);
    return own;
  }

  /** Begins at once; what comes `after` waits for it too. */
  beside<Result>(key: OrderKey, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(key);
    const own = work();
    this.append(key, tail ? Promise.allSettled([tail, own]) : own);
    return own;
  }

  isBusy(key: OrderKey): boolean {
    return this.tails.has(key);
  }

  /** One piece of work about many jobs of which none is busy: begins at once, and what comes `after` any of them waits for it. */
  together<Result>(keys: ReadonlySet<OrderKey>, work: () => Promise<Result>): Promise<Result> {
    const own = work();
    const forget = (): void => {
      for (const key of keys) if (this.tails.get(key) === own) this.tails.delete(key);
    };
    for (const key of keys) this.tails.set(key, own);
    own.then(forget, forget);
    return own;
  }

  private append(key: OrderKey, own: Promise<unknown>): void {
    const forget = (): void => {
      if (this.tails.get(key) === own) this.tails.delete(key);
    };
    this.tails.set(key, own);
    own.then(forget, forget);
  }
}
