import type { JobId } from '@dibs/shared';

/**
 * Keeps the writes of one job in the order in which they arrived, while writes of different jobs share statements. A
 * runner may send the end of a step and the result in one burst: the result must find the step recorded.
 */
export class AttemptOrder {
  private readonly tails = new Map<JobId, Promise<unknown>>();

  /** Begins once everything before it has ended, well or not. */
  after<Result>(jobId: JobId, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(jobId);
    const own = tail ? tail.then(work, work) : work();
    this.append(jobId, own);
    return own;
  }

  /** Begins at once; what comes `after` waits for it too. */
  beside<Result>(jobId: JobId, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(jobId);
    const own = work();
    this.append(jobId, tail ? Promise.allSettled([tail, own]) : own);
    return own;
  }

  private append(jobId: JobId, own: Promise<unknown>): void {
    const forget = (): void => {
      if (this.tails.get(jobId) === own) this.tails.delete(jobId);
    };
    this.tails.set(jobId, own);
    own.then(forget, forget);
  }
}
