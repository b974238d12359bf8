import { badRequest } from '../platform/errors.js';

/** What a reader asks for; every part may be left out. */
export interface LogRangeRequest {
  /** Only lines after this number. */
  readonly after?: number | undefined;
  /** Only lines before this number. */
  readonly before?: number | undefined;
  /** At most so many lines. */
  readonly limit?: number | undefined;
  /** The last so many lines. */
  readonly tail?: number | undefined;
}

/** Lines with `after < seq < before`, at most `limit` of them from the front. */
export interface LogRange {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
}

/**
 * Turns what was asked for into one range. `tail=N` is the end of the log as it stands; `before=S&limit=N` are the N
 * lines above line S, for scrolling up.
 *
 * @throws AppError 400 when two parts contradict each other
 */
export function logRangeOf({ after, before, limit, tail }: LogRangeRequest, lastSeq: number): LogRange {
  if (tail !== undefined && (after !== undefined || before !== undefined || limit !== undefined)) {
    throw badRequest('invalid_log_range', 'tail cannot be combined with after, before or limit.');
  }
  if (tail !== undefined) return { after: Math.max(0, lastSeq - tail), before: Infinity, limit: Infinity };
  const upTo = before ?? Infinity;
  const most = limit ?? Infinity;
  if (after === undefined && before !== undefined && limit !== undefined) {
    return { after: Math.max(0, Math.min(upTo - 1, lastSeq) - limit), before: upTo, limit: most };
  }
  return { after: after ?? 0, before: upTo, limit: most };
}
