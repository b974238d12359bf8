import type { JobSummary } from '@dibs/shared';

/** Waiting alone will not help: no known runner could ever take it. */
export function isHopeless({ state, reason }: Pick<JobSummary, 'state' | 'reason'>): boolean {
  return state === 'queued' && reason === 'no_matching_runner';
}
