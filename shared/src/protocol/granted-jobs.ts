import type { JobSpec } from '../job/job-spec.js';
import type { GrantedJob } from './claim.js';

/**
 * Jobs that were granted together. One without `spec` has that of the job before it: many that were submitted with the same spec
 * travel, and are read, as one spec.
 */
export interface JobsGranted {
  readonly jobs: readonly (Omit<GrantedJob, 'spec'> & { readonly spec?: JobSpec })[];
}

/** Each with its spec, which some of them share: nobody may change it. */
export function grantedJobs({ jobs }: JobsGranted): GrantedJob[] {
  let before: JobSpec | undefined;
  return jobs.map((job) => {
    before = job.spec ?? before;
    if (before === undefined) throw new TypeError(`job:granted has no spec for job ${job.jobId}`);
    return { ...job, spec: before };
  });
}
