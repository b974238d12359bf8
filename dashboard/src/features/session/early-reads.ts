import type { QueryClient } from '@tanstack/react-query';
import { jobQuery } from '../../api/jobs';
import { logTailQuery } from '../../api/logs';

const JOB_PAGE = /^\/jobs\/([0-9a-f-]{36})$/;

/**
 * Asks for what the page at an address shows first, while it is still being found out who is signed in: one after
 * the other that would be three times the way to the server. Who is not signed in gets nothing.
 */
export function readEarly(client: QueryClient, { pathname, search, hash }: Location): void {
  const jobId = JOB_PAGE.exec(pathname)?.[1];
  if (jobId === undefined) return;
  void client.prefetchQuery(jobQuery(jobId));
  void import('../job-log/job-log');
  if (search === '' && hash === '') void client.prefetchQuery(logTailQuery(jobId));
}
