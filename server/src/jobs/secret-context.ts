import type { JobId } from '@dibs/shared';

/** Binds sealed secrets to their job: moved to another row they do not open. */
export function secretContext(jobId: JobId): string {
  return `job:${jobId}`;
}
