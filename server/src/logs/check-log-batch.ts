import type { LogBatch, LogGap, WireLogLine } from '@dibs/shared';
import { MAX_LINE_BYTES, WIRE_LOG_STREAMS } from '@dibs/shared';
import { UUID } from '../platform/page.js';

export const MAX_BATCH_LINES = 5000;
/** The runner may mark a line that it cut. */
const LINE_SLACK_BYTES = 1024;
const MAX_STEP = 999;
/** The last millisecond whose year has four digits. */
const MAX_AT_MS = 253_402_300_799_999;
const MAX_CLAIM_TOKEN_LENGTH = 256;
const STREAMS: ReadonlySet<unknown> = new Set(Object.keys(WIRE_LOG_STREAMS));
const GAP_REASONS: ReadonlySet<unknown> = new Set<LogGap['reason']>(['spool_lost', 'spool_full', 'limit']);

/**
 * Whether a message is a log batch, by hand: a validation class for each of hundreds of thousands of lines a second
 * would cost more than storing them.
 *
 * @returns what is wrong, as a sentence; null: nothing
 */
export function problemOfLogBatch(message: unknown): string | null {
  if (typeof message !== 'object' || message === null) return 'A log batch must be an object.';
  const { jobId, attempt, claimToken, firstSeq, lines } = message as Partial<Record<keyof LogBatch, unknown>>;
  if (typeof jobId !== 'string' || !UUID.test(jobId)) return 'jobId must be a UUID.';
  if (!isIntegerIn(attempt, 1, 2 ** 31 - 1)) return 'attempt must be a positive integer.';
  if (typeof claimToken !== 'string' || claimToken.length > MAX_CLAIM_TOKEN_LENGTH || claimToken.includes('\0')) {
    return 'claimToken must be the token of the claim.';
  }
  if (!isIntegerIn(firstSeq, 1, Number.MAX_SAFE_INTEGER - MAX_BATCH_LINES))
    return 'firstSeq must be a positive integer.';
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > MAX_BATCH_LINES) {
    return `lines must be an array of 1 to ${MAX_BATCH_LINES} lines.`;
  }
  for (let index = 0; index < lines.length; index += 1) {
    const problem = problemOfLine(lines[index]);
    if (problem) return `lines[${index}]: ${problem}`;
  }
  return null;
}

function problemOfLine(line: unknown): string | null {
  if (!Array.isArray(line) || line.length < 4 || line.length > 5) return 'must be [atMs, step, stream, text, gap?].';
  const [atMs, step, stream, text, gap] = line as unknown as WireLogLine;
  if (!isIntegerIn(atMs, 0, MAX_AT_MS)) return 'the time must be in milliseconds since 1970.';
  if (!isIntegerIn(step, -1, MAX_STEP)) return `the step must be an integer from -1 to ${MAX_STEP}.`;
  if (!STREAMS.has(stream)) return 'the stream must be o, e or s, or O or E for a line that is drawn anew.';
  if (typeof text !== 'string' || isTooLong(text))
    return `the text must be a string of at most ${MAX_LINE_BYTES} bytes.`;
  if (line.length === 5 && !isGap(gap, stream)) return 'the gap must be {lines, reason}, on the stream s.';
  return null;
}

/** A character has at most three bytes in UTF-8, so short texts need no counting. */
function isTooLong(text: string): boolean {
  const limit = MAX_LINE_BYTES + LINE_SLACK_BYTES;
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}

function isGap(gap: unknown, stream: unknown): boolean {
  if (stream !== 's' || typeof gap !== 'object' || gap === null || Object.keys(gap).length !== 2) return false;
  const { lines, reason } = gap as { lines?: unknown; reason?: unknown };
  return (lines === null || isIntegerIn(lines, 0, Number.MAX_SAFE_INTEGER)) && GAP_REASONS.has(reason);
}

function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
