import { lastSeqOfRow, type LogPage, type LogReceipt, type LogSearchPage } from '@dibs/shared';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { apiPath, request } from './http';
import { keys } from './keys';

/** `tail`: the last lines. `after`: those that follow a line. `before`: those right above one. */
export type LogRange =
  | { readonly tail: number }
  | { readonly after: number; readonly limit: number }
  | { readonly before: number; readonly limit: number };

export type ReadLog = (range: LogRange, signal: AbortSignal) => Promise<LogPage>;

/** The lines that a step printed; null: none. */
export type ReadStepRange = (
  step: number,
) => Promise<{ readonly step: number; readonly firstSeq: number; readonly lastSeq: number } | null>;

export interface LogQuestion {
  readonly q: string;
  readonly caseSensitive: boolean;
  /** Hits to pass over. */
  readonly offset: number;
  readonly limit: number;
  /** Only lines after this one. */
  readonly after: number;
}

export type SearchLog = (question: LogQuestion, signal: AbortSignal) => Promise<LogSearchPage>;

export function logReader(jobId: string, attempt: number): ReadLog {
  return (range, signal) => request('GET', logPath(jobId), { query: { format: 'json', attempt, ...range }, signal });
}

/** More than anybody sees at once, so that what is seen has its colours, which may have been set further up. */
export const TAIL_LINES = 2_000;

/** The last lines of the current attempt, whichever that is: asked for while nothing is known of the job yet. */
export function logTailQuery(jobId: string) {
  return queryOptions({
    queryKey: keys.logTail(jobId),
    queryFn: ({ signal }): Promise<LogPage> =>
      request('GET', logPath(jobId), { query: { format: 'json', tail: TAIL_LINES }, signal }),
    staleTime: 2_000,
    gcTime: 2_000,
    retry: false,
  });
}

export function stepRangeReader(jobId: string, attempt: number): ReadStepRange {
  const read = (range: { after: number; limit: number } | { tail: number }, step: number) =>
    request<LogPage>('GET', logPath(jobId), { query: { format: 'json', attempt, step, ...range } });
  return async (step) => {
    const [head, tail] = await Promise.all([read({ after: 0, limit: 1 }, step), read({ tail: 1 }, step)]);
    const [first, last] = [head.items[0], tail.items[0]];
    return first && last ? { step, firstSeq: first.seq, lastSeq: lastSeqOfRow(last) } : null;
  };
}

export function logSearcher(jobId: string, attempt: number): SearchLog {
  return ({ caseSensitive, ...question }, signal) => {
    const query = { ...question, caseSensitive: String(caseSensitive), context: 0, attempt };
    return request('GET', `${logPath(jobId)}/search`, { query, signal });
  };
}

/** Whether what is stored is what the runner wrote. @param hasEnded it does not change any more */
export function useLogReceipt(jobId: string, attempt: number, hasEnded: boolean) {
  return useQuery({
    queryKey: keys.logReceipt(jobId, attempt),
    queryFn: ({ signal }) => request<LogReceipt>('GET', `${logPath(jobId)}/receipt`, { query: { attempt }, signal }),
    enabled: hasEnded,
    staleTime: Infinity,
  });
}

/** Address of the whole log as a file. */
export function logFileUrl(jobId: string, attempt: number, format: 'text' | 'ndjson'): string {
  return apiPath(logPath(jobId), { format, attempt, download: 'true' });
}

function logPath(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}/logs`;
}
