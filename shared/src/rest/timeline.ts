import type { JobId } from '../ids.js';
import type { JobReason } from '../job/job-reason.js';
import type { JobState } from '../job/job-state.js';
import type { JobEventView } from './jobs.js';

/**
 * Answer of `GET /api/v1/jobs/{id}/timeline`: all that is known of a job's life, oldest first, fit to be kept or sent
 * with a bug report. Every time is by the clock of the database; nothing of it is secret.
 */
export interface JobTimeline {
  readonly job: {
    readonly id: JobId;
    readonly name: string;
    readonly state: JobState;
    readonly reason: JobReason | null;
    readonly parentId: JobId | null;
  };
  /** When it was read. */
  readonly exportedAt: string;
  /** Older entries were left out, because there are too many. */
  readonly truncated: boolean;
  readonly entries: readonly JobEventView[];
}
