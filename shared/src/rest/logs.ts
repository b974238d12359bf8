import type { LogRow } from '../job/log-line.js';

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
