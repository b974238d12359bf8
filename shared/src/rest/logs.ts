import type { LogGap, LogRow } from '../job/log-line.js';
import type { StepLogCount } from '../protocol/finished.js';

/** Answer of `GET /api/v1/jobs/{id}/logs?format=json`: a part of one attempt's log. */
export interface LogPage {
  readonly items: readonly LogRow[];
  /** Whose log it is; 0: the job was never claimed. */
  readonly attempt: number;
  /** Last line the server has. */
  readonly lastSeq: number;
  /** true: nothing will be added to this attempt's log. */
  readonly complete: boolean;
  /** `after` of the request for the lines that follow these. */
  readonly nextAfter: number;
  /** `before` of the request, with a `limit`, for the lines above these. */
  readonly nextBefore: number;
}

/** A line that matches, with the lines around it. */
export interface LogHit {
  readonly line: LogRow;
  /** Right above it, in order. */
  readonly before: readonly LogRow[];
  /** Right below it, in order. */
  readonly after: readonly LogRow[];
}

/** Answer of `GET /api/v1/jobs/{id}/logs/search`. */
export interface LogSearchPage {
  readonly items: readonly LogHit[];
  /** Lines that match, counted to the last one of the range. */
  readonly total: number;
  /** How many of them come before `items`. */
  readonly offset: number;
  /** `offset` of the request for the hits that follow; null: these are the last. */
  readonly nextOffset: number | null;
  readonly attempt: number;
  /** Last line the server had when it searched. A log only grows: lines after it have not been looked at. */
  readonly lastSeq: number;
  readonly complete: boolean;
}

/**
 * `complete`: stored as the runner counted it. `cut`: so are the beginning and the end, and `cut` counts what was left out
 * between them, because the log was too long. `incomplete`: `missing` and `steps` say what is not. `unknown`: the
 * runner did not say what it had written. `pending`: the attempt has not ended.
 */
export const LOG_RECEIPT_STATUSES = ['complete', 'cut', 'incomplete', 'unknown', 'pending'] as const;
export type LogReceiptStatus = (typeof LOG_RECEIPT_STATUSES)[number];

/** Answer of `GET /api/v1/jobs/{id}/logs/receipt`. */
export interface LogReceipt {
  readonly status: LogReceiptStatus;
  /** The same in plain sentences. */
  readonly text: string;
  /** Whose log it is; 0: the job was never claimed. */
  readonly attempt: number;
  /** Last line the server has. */
  readonly lastSeq: number;
  /** Stored lines, gap records left out; 0 while pending. */
  readonly lines: number;
  /** Their text in UTF-8, with a line end each. */
  readonly bytes: number;
  /** Those that printed, in order. */
  readonly steps: readonly StepLogReceipt[];
  /** The first 100 parts that are not there, in order. */
  readonly missing: readonly LogMissing[];
  /** How many such parts there are. */
  readonly missingParts: number;
  /** null: nothing was left out. */
  readonly cut: LogCut | null;
  /** When the stored lines were counted; null while pending. */
  readonly checkedAt: string | null;
  /** The day (UTC) on which retention removed the lines: the rest tells what was stored before. null: it did not. */
  readonly removedOn: string | null;
}

/** What the server left out of a log that is longer than it may be, gap records not counted. */
export interface LogCut {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lines: number;
  readonly bytes: number;
  readonly steps: readonly { readonly step: number; readonly lines: number; readonly bytes: number }[];
}

export interface StepLogReceipt {
  /** Counted from 0; -1: the runner's own preparation. */
  readonly step: number;
  /** By the runner, while it wrote them; null: it did not say. */
  readonly counted: Omit<StepLogCount, 'step'> | null;
  /** By the server, from what is stored. */
  readonly stored: Omit<StepLogCount, 'step'>;
  /** Together with what was left out, whose text cannot be compared any more. null: there is nothing to compare with. */
  readonly isSame: boolean | null;
}

/** `not_stored`: the lines of these numbers are gone. Else the record that the runner left in place of lines it lost. */
export interface LogMissing {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** null: not even their number is known. */
  readonly lines: number | null;
  readonly reason: LogGap['reason'] | 'not_stored';
}
