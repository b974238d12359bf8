import type { GrantedJob, HeldAttempt, JobFinished, ResultReply } from '@dibs/shared';
import { attemptKey } from './journal.js';

/**
 * Jobs of the `noop` executor: nothing runs, so there is nothing that would need a workspace, a journal, a log or a word
 * about its steps. The answer is made from memory and goes with all the others of its moment. If this process dies
 * before it is sent, the lease ends and the job is given to somebody again, which harms nobody.
 */
export class NoopJobs {
  private readonly unanswered = new Map<string, HeldAttempt>();
  private slots = 0;

  constructor(
    private readonly deliver: (result: JobFinished) => Promise<ResultReply | 'stopped'>,
    private readonly onSettled: () => void,
  ) {}

  /** Slots of those that the server still counts. */
  get usedSlots(): number {
    return this.slots;
  }

  get isSettled(): boolean {
    return this.unanswered.size === 0;
  }

  has(key: string): boolean {
    return this.unanswered.has(key);
  }

  /** While the server cannot take their results it must not believe that nobody heard of them. */
  held(): HeldAttempt[] {
    return [...this.unanswered.values()];
  }

  answer(job: GrantedJob): void {
    const key = attemptKey(job);
    const { jobId, attempt, claimToken } = job;
    const { slots } = job.spec;
    this.unanswered.set(key, { jobId, attempt, claimToken });
    this.slots += slots;
    void this.deliver(succeeded(job)).then(() => {
      // refused or not: there is nothing here that could be given up
      this.unanswered.delete(key);
      this.slots -= slots;
      if (this.isSettled) this.onSettled();
    });
  }
}

function succeeded({ jobId, attempt, claimToken }: GrantedJob): JobFinished {
  const end = { outcome: 'succeeded', reason: 'completed', exitCode: 0 } as const;
  return { jobId, attempt, claimToken, ...end, lastSeq: 0, atMs: Date.now() };
}
