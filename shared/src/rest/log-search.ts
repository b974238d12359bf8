import type { JobId } from '../ids.js';
import type { JobState } from '../job/job-state.js';
import type { LogRow } from '../job/log-line.js';

/** A job as lists of found lines name it. */
export interface JobOfLine {
  readonly id: JobId;
  readonly name: string;
  readonly state: JobState;
  /** Name of the runner that holds or held it last; null: nobody ever did. */
  readonly runner: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface FoundLine {
  readonly attempt: number;
  /** null: it is of the runner's own preparation. */
  readonly stepName: string | null;
  readonly line: LogRow;
}

export interface FoundJob {
  readonly job: JobOfLine;
  /** The first ones that match in the newest attempt with a match, then those of older attempts. */
  readonly lines: readonly FoundLine[];
  /** true: not all of its log was looked at, because there were enough lines already. */
  readonly mayHaveMore: boolean;
}

/** Answer of `GET /api/v1/logs/search`. */
export interface LogsSearchPage {
  readonly items: readonly FoundJob[];
  /** `cursor` of the request that goes on further back, also where `items` is empty; null: all was searched. */
  readonly nextCursor: string | null;
  /** Every job submitted at this moment or later was searched; null: all that there are. */
  readonly searchedBackTo: string | null;
}

/** One line for all times the same error happens: numbers, ids and temporary paths are taken out of it. */
export interface KnownError {
  readonly fingerprint: string;
  readonly pattern: string;
}

/** Answer of `GET /api/v1/jobs/{id}/first-error`. */
export interface FirstError {
  /** `pending`: it is looked for when the job has failed, within seconds. `none`: the job did not fail, or printed nothing. */
  readonly status: 'found' | 'pending' | 'none';
  readonly error: (KnownError & ErrorLineView) | null;
  /** Other jobs that failed with the same error; null while there is no error. */
  readonly others: OtherFailures | null;
}

export interface ErrorLineView {
  readonly attempt: number;
  readonly seq: number;
  readonly step: number;
  /** Without colours, at most 500 characters. */
  readonly text: string;
}

export interface OtherFailures {
  readonly jobs: number;
  /** true: there are more of them than were counted. */
  readonly isMore: boolean;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** The newest ones. */
  readonly recent: readonly JobOfLine[];
}

/** An item of `GET /api/v1/logs/errors/{fingerprint}/jobs`. */
export interface FailedJob {
  readonly job: JobOfLine;
  readonly error: ErrorLineView;
}
