import { isTerminal, type JobSummary } from '@dibs/shared';

/** A cancel is recorded and the job has not ended yet. */
export function isCanceling(job: Pick<JobSummary, 'cancel' | 'state'>): boolean {
  return job.cancel !== null && !isTerminal(job.state);
}
