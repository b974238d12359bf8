import type { JobReason, JobSpec } from '@dibs/shared';

/** Why a job that was submitted may not be queued yet. */
export type AdmissionReason = Extract<JobReason, 'concurrency_group' | 'quota'>;

/** What holds jobs of an organization back beside their own groups. */
export interface AdmissionRules {
  /** The organization may have so many jobs queued, claimed and running at a time; false: any number. */
  readonly hasQuota: boolean;
}

/**
 * What a new job waits for before it is queued; null: nothing. A job with a group or under a quota *always* waits
 * first, if only for the milliseconds until the promotion: only there, under the lock of the group, can it be counted
 * against the limit. The group is named first, because it is what its submitter chose.
 */
export function admissionReason(
  { concurrency }: Pick<JobSpec, 'concurrency'>,
  { hasQuota }: AdmissionRules,
): AdmissionReason | null {
  if (concurrency !== null) return 'concurrency_group';
  return hasQuota ? 'quota' : null;
}
