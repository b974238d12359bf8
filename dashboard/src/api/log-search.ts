import type { FailedJob, FirstError, LogsSearchPage } from '@dibs/shared';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';
import { usePages } from './pages';

/** As the server takes it; empty: no matter. */
export interface LogsFilter {
  readonly q: string;
  readonly caseSensitive: string;
  readonly state: string;
  readonly runner: string;
  readonly job: string;
  readonly scope: string;
  readonly from: string;
}

/** Lines in the logs of all jobs. Searching is work for the server: only who asks for it gets it, and not again by itself. */
export function useLogsSearch(filter: LogsFilter) {
  return useInfiniteQuery({
    queryKey: keys.logsSearch(filter),
    queryFn: ({ pageParam, signal }) =>
      request<LogsSearchPage>('GET', '/logs/search', { query: { ...filter, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    enabled: filter.q !== '',
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

const LOOK_AGAIN_MS = 2_000;

/** The line that tells why a job failed: found within seconds after its end. */
export function useFirstError(jobId: string) {
  return useQuery({
    queryKey: keys.firstError(jobId),
    queryFn: ({ signal }) => request<FirstError>('GET', `/jobs/${encodeURIComponent(jobId)}/first-error`, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'pending' ? LOOK_AGAIN_MS : false),
  });
}

export function useJobsWithError(fingerprint: string) {
  const path = `/logs/errors/${encodeURIComponent(fingerprint)}/jobs`;
  return usePages<FailedJob>(keys.jobsWithError(fingerprint), path, { pollEveryMs: 60_000 });
}
