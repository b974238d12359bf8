/** `PUT /api/v1/organization/retention`: what is kept how long; null: for good. */
export interface RetentionRule {
  /** Logs of jobs that were submitted so many days ago are removed, in whole partitions. */
  readonly logDays: number | null;
  /** So much log text at most; the logs of the oldest jobs go first. */
  readonly logMib: number | null;
  /** Archived logs of jobs that were submitted so many days ago are removed from the archive. */
  readonly archiveDays: number | null;
  /** Jobs that ended so many days ago are removed with all that belongs to them. */
  readonly jobDays: number | null;
}

/** `GET /api/v1/organization/retention`. */
export interface RetentionView extends RetentionRule {
  /** Stored log text before compression, counted by the hour of its jobs. */
  readonly logBytes: number;
  /** Whether the server copies logs to an archive before they are removed from the database. */
  readonly hasArchive: boolean;
  /** Logs of jobs submitted before are removed, or in the archive only; null: none are. */
  readonly logsRemovedBefore: string | null;
}
