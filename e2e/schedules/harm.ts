import type { JobDetail } from '@dibs/shared';

/**
 * Instances whose processes were killed or frozen, and when: children outlive a killed runner, and a frozen one cannot
 * end its own, so executions of their attempts may overlap with later ones. Nothing else is excused.
 */
export class Harm {
  private readonly done: { readonly instance: string; readonly fromMs: number }[] = [];

  note(instance: string): void {
    this.done.push({ instance, fromMs: Date.now() });
  }

  /** Numbers of the attempts of this job that were on such an instance at that time. */
  excused(job: JobDetail): number[] {
    return job.attempts
      .filter(({ claimedBy, claimedAt, finishedAt }) =>
        this.done.some(
          ({ instance, fromMs }) =>
            instance === claimedBy.instance &&
            Date.parse(claimedAt) <= fromMs + CLOCK_ROUNDING_MS &&
            (finishedAt === null || Date.parse(finishedAt) >= fromMs - CLOCK_ROUNDING_MS),
        ),
      )
      .map(({ attempt }) => attempt);
  }
}

const CLOCK_ROUNDING_MS = 50;
