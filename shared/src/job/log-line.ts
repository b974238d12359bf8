export const LOG_STREAMS = ['stdout', 'stderr', 'system'] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

/**
 * An explicit record that lines are missing: how many, and why. It takes one number of the sequence itself, or those of
 * all lines that it stands for.
 */
export interface LogGap {
  /** Lines that were dropped; null when even their number is unknown. */
  readonly lines: number | null;
  readonly reason: 'spool_lost' | 'spool_full' | 'limit';
  /** Only where the server left lines out: their bytes, with a line end each. */
  readonly bytes?: number;
  /** Likewise: the record stands for all numbers from its own up to this one. */
  readonly lastSeq?: number;
  /** Likewise: what was left out of each step; not where a reader was in the middle of it. */
  readonly steps?: readonly { readonly step: number; readonly lines: number; readonly bytes: number }[];
}

/**
 * One log line on the wire, in the spool and in a stored chunk: a tuple, because there are millions of them.
 * Its number is not in it: a batch names the number of its first line and the rest follow without gaps.
 * `step` is the zero-based step, or -1 for the runner's own preparation. `text` has no line end.
 */
export type WireLogLine = readonly [atMs: number, step: number, stream: WireLogStream, text: string, gap?: LogGap];
/**
 * In capitals: how a line stood before its program drew it anew from the beginning (a carriage return without a line
 * feed, as progress bars do it). The next line of the same step and stream comes in its place.
 */
export type WireLogStream = 'o' | 'e' | 's' | 'O' | 'E';

export const WIRE_LOG_STREAMS: Readonly<Record<WireLogStream, LogStream>> = {
  ...{ o: 'stdout', e: 'stderr', s: 'system' },
  ...{ O: 'stdout', E: 'stderr' },
};

export function isRedrawn(stream: WireLogStream): boolean {
  return stream === 'O' || stream === 'E';
}

/** As it is in texts, and counted in receipts: on a terminal, what follows a carriage return is drawn over the line. */
export function withLineEnd([, , stream, text]: WireLogLine): string {
  return isRedrawn(stream) ? `${text}\r` : `${text}\n`;
}

/** One log line as the REST API shows it (ndjson). `seq` counts from 1 without gaps within one attempt. */
export interface LogRow {
  readonly seq: number;
  readonly at: string;
  readonly step: number;
  readonly stream: LogStream;
  readonly text: string;
  /** The next line of this step and stream was drawn in its place; not there: none was. */
  readonly redrawn?: true;
  readonly gap?: LogGap;
}

/** @param seq the line's number in its attempt */
export function toLogRow(seq: number, [atMs, step, stream, text, gap]: WireLogLine): LogRow {
  const row = { seq, at: new Date(atMs).toISOString(), step, stream: WIRE_LOG_STREAMS[stream], text };
  if (isRedrawn(stream)) return { ...row, redrawn: true };
  return gap ? { ...row, gap } : row;
}

/** The last number that a row stands for: its own, but for the record of what was left out of a long log. */
export function lastSeqOfRow({ seq, gap }: Pick<LogRow, 'seq' | 'gap'>): number {
  return gap?.lastSeq ?? seq;
}

/** Longest line in UTF-8 bytes; what is longer goes on in the next line. */
export const MAX_LINE_BYTES = 64 * 1024;
