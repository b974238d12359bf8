import type { InstanceId, JobId } from '@dibs/shared';

/**
 * Keeps the writes of one instance about one job in the order in which they arrived, while writes of different jobs share statements. A
 * runner may send the end of a step and the result in one burst: the result must find the step recorded.
 */
export class AttemptOrder {
  /** By instance: whoever names a job that is not its own must not be able to hold up the one whose it is. */
  private readonly tails = new Map<InstanceId, Map<JobId, Promise<unknown>>>();

  /** Begins once everything before it has ended, well or not. */
  after<Result>(instanceId: InstanceId, jobId: JobId, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(instanceId)?.get(jobId);
    const own = tail ? tail.then(work, work) : work();
    this.append(instanceId, [jobId], own);
    return own;
  }

  /** Begins at once; what comes `after` waits for it too. */
  beside<Result>(instanceId: InstanceId, jobId: JobId, work: () => Promise<Result>): Promise<Result> {
    const tail = this.tails.get(instanceId)?.get(jobId);
    const own = work();
    this.append(instanceId, [jobId], tail ? Promise.allSettled([tail, own]) : own);
    return own;
  }

  /** Jobs about which something is under way. */
  busy(instanceId: InstanceId): { has(jobId: JobId): boolean } {
    return this.tails.get(instanceId) ?? NONE;
  }

  /** One piece of work about many jobs of which none is busy: begins at once, and what comes `after` any of them waits for it. */
  together<Result>(instanceId: InstanceId, jobIds: ReadonlySet<JobId>, work: () => Promise<Result>): Promise<Result> {
    const own = work();
    this.append(instanceId, jobIds, own);
    return own;
  }

  private append(instanceId: InstanceId, jobIds: ReadonlySet<JobId> | readonly JobId[], own: Promise<unknown>): void {
    const tails = this.tails.get(instanceId) ?? new Map<JobId, Promise<unknown>>();
    this.tails.set(instanceId, tails);
    for (const jobId of jobIds) tails.set(jobId, own);
    const forget = (): void => {
      for (const jobId of jobIds) if (tails.get(jobId) === own) tails.delete(jobId);
      if (tails.size === 0 && this.tails.get(instanceId) === tails) this.tails.delete(instanceId);
    };
    own.then(forget, forget);
  }
}

const NONE: ReadonlySet<JobId> = new Set();
