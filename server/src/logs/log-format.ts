import type { JobReason, LogRow } from '@dibs/shared';
import { JOB_REASONS, toLogRow, withLineEnd } from '@dibs/shared';
import type { Followed } from './log-follower.js';
import type { LogLines } from './log-reader.js';

export const LOG_FORMATS = ['text', 'ndjson', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
export type StreamFormat = Exclude<LogFormat, 'json'>;

export const CONTENT_TYPES: Readonly<Record<StreamFormat, string>> = {
  text: 'text/plain; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/**
 * What was asked for by its name, else by the Accept header: ndjson for those who like it better than text, and text
 * for everybody else. So what `curl` and a browser show stays readable.
 */
export function streamFormatOf(accept: string | undefined): StreamFormat {
  if (accept === undefined) return 'text';
  const ndjson = qualityOf(accept, ['application/x-ndjson', 'application/ndjson', 'application/jsonl']);
  return ndjson > qualityOf(accept, ['text/plain']) ? 'ndjson' : 'text';
}

/** RFC 9110 §12.4.2: how much a header wants the best of these; 0: not, or not by name. */
export function qualityOf(header: string, names: readonly string[]): number {
  const qualities = header.split(',').map((each) => {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    if (!names.includes(name)) return 0;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    return Number.isFinite(quality) ? quality : 0;
  });
  return Math.max(...qualities);
}

/** What the job printed, a line end after each line, as it came: colours are kept, and what was redrawn is so again. */
export function linesAsText({ lines }: LogLines): string {
  return lines.map(withLineEnd).join('');
}

export function rowsOf({ firstSeq, lines }: LogLines): LogRow[] {
  return lines.map((line, index) => toLogRow(firstSeq + index, line));
}

export function linesAsNdjson(part: LogLines): string {
  return rowsOf(part)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

/** A follower may cross from one attempt to the next, where `seq` begins again: each ndjson row names its attempt. */
export function followedAs(format: StreamFormat, followed: Followed): string {
  if (followed.kind === 'next_attempt') return format === 'text' ? `${attemptMarker(followed)}\n` : '';
  if (format === 'text') return linesAsText(followed);
  return rowsOf(followed)
    .map((row) => `${JSON.stringify({ ...row, attempt: followed.attempt })}\n`)
    .join('');
}

function attemptMarker({ ended, reason, attempt }: Extract<Followed, { kind: 'next_attempt' }>): string {
  return `[dibs] Attempt ${ended} is over${inWords(reason)} Attempt ${attempt}:`;
}

function inWords(reason: JobReason | null): string {
  return reason === null ? '.' : `: ${JOB_REASONS[reason]}`;
}
