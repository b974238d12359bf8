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
  /** Only lines of this step; -1: of the runner's preparation. */
  readonly step?: number | undefined;
}

/** Lines with `after < seq < before` of one step (null: of all), at most `limit` of them from the front. */
export interface LogRange {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
  readonly step: number | null;
}

/** A range, or one whose beginning must be counted from its end first: the last `count` lines. */
export type AskedRange = LogRange | { readonly last: number; readonly before: number; readonly step: number };

/**
 * Turns what was asked for into one range of the log as it stands, so that nobody looks for more behind it. `tail=N` is the end of the log as it stands; `before=S&limit=N` are the N
 * lines above line S, for scrolling up. Lines are numbered without gaps, so where the last N begin is plain arithmetic,
 * unless only those of one step count.
 *
 * @throws AppError 400 when two parts contradict each other
 */
export function logRangeOf(request: LogRangeRequest, lastSeq: number): AskedRange {
  const { after, limit, tail, step = null } = request;
  if (tail !== undefined && (after !== undefined || request.before !== undefined || limit !== undefined)) {
    throw badRequest('invalid_log_range', 'tail cannot be combined with after, before or limit.');
  }
  const before = Math.min(request.before ?? Infinity, lastSeq + 1);
  const last = tail ?? limit;
  if (!isFromTheEnd(request) || last === undefined) {
    return { after: after ?? 0, before, limit: limit ?? Infinity, step };
  }
  if (step !== null) return { last, before, step };
  return { after: Math.max(0, before - 1 - last), before, limit: limit ?? Infinity, step };
}

/** Whether the lines wanted most are the last ones of the range. */
export function isFromTheEnd({ after, before, limit, tail }: LogRangeRequest): boolean {
  return tail !== undefined || (after === undefined && before !== undefined && limit !== undefined);
}
