import type { LogPage } from '@dibs/shared';
import { apiPath, request } from './http';

/** `tail`: the last lines. `after`: those that follow a line. */
export type LogRange = { readonly tail: number } | { readonly after: number; readonly limit: number };

export type ReadLog = (range: LogRange, signal: AbortSignal) => Promise<LogPage>;

export function logReader(jobId: string, attempt: number): ReadLog {
  return (range, signal) => request('GET', logPath(jobId), { query: { format: 'json', attempt, ...range }, signal });
}

/** Address of the whole log as text. */
export function rawLogUrl(jobId: string, attempt: number): string {
  return apiPath(logPath(jobId), { format: 'text', attempt });
}

function logPath(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}/logs`;
}
