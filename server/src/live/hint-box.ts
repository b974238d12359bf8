import type { JobHint, JobId } from '@dibs/shared';

export interface LogHint {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly upTo: number;
}

/** More changed jobs than a list can show; a viewer that lost the oldest hints pulls them with its next page. */
const MAX_JOBS = 1000;

/**
 * Hints that wait to be told. A newer one takes the place of the older one about the same thing, so the box stays
 * small however much happens.
 */
export class HintBox {
  private readonly jobs = new Map<JobId, JobHint>();
  private readonly logs = new Map<JobId, LogHint>();
  private runners = false;
  private pauses = false;
  private runs = false;

  addJob({ jobId, state, reason }: JobHint): void {
    // deleted first, so that the order of the map is that of the last change
    this.jobs.delete(jobId);
    this.jobs.set(jobId, { jobId, state, reason });
    if (this.jobs.size > MAX_JOBS) this.jobs.delete(this.jobs.keys().next().value as JobId);
  }

  addLog({ jobId, attempt, upTo }: LogHint): void {
    const known = this.logs.get(jobId);
    const isOlder =
      known !== undefined && (known.attempt > attempt || (known.attempt === attempt && known.upTo > upTo));
    if (!isOlder) this.logs.set(jobId, { jobId, attempt, upTo });
  }

  addRunners(): void {
    this.runners = true;
  }

  addPauses(): void {
    this.pauses = true;
  }

  addRuns(): void {
    this.runs = true;
  }

  get isEmpty(): boolean {
    return this.jobs.size === 0 && this.logs.size === 0 && !this.runners && !this.pauses && !this.runs;
  }

  /** Everything in it, and it is empty after. */
  take(): Hints {
    const { runners, pauses, runs } = this;
    const hints = { jobs: [...this.jobs.values()], logs: [...this.logs.values()], runners, pauses, runs };
    this.jobs.clear();
    this.logs.clear();
    this.runners = false;
    this.pauses = false;
    this.runs = false;
    return hints;
  }
}

export interface Hints {
  readonly jobs: readonly JobHint[];
  readonly logs: readonly LogHint[];
  readonly runners: boolean;
  readonly pauses: boolean;
  readonly runs: boolean;
}
