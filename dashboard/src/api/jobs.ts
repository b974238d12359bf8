import type { CancelJobBody, ChildrenView, JobDetail, JobSummary, Page } from '@dibs/shared';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

export interface JobFilter {
  /** Comma-separated states; empty: all. */
  readonly state: string;
  /** Part of the name. */
  readonly q: string;
}

const JOBS_PER_PAGE = 50;

/** @param pollEveryMs how often to ask while no hints arrive; false: hints do arrive */
export function useJobList(filter: JobFilter, pollEveryMs: number | false) {
  return useInfiniteQuery({
    queryKey: keys.jobList(filter),
    queryFn: ({ pageParam, signal }) =>
      request<Page<JobSummary>>('GET', '/jobs', {
        query: { ...filter, limit: JOBS_PER_PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: pollEveryMs,
    placeholderData: (previous) => previous,
  });
}

export function useJob(jobId: string, pollEveryMs: number | false) {
  return useQuery({
    queryKey: keys.job(jobId),
    queryFn: ({ signal }) => request<JobDetail>('GET', `/jobs/${encodeURIComponent(jobId)}`, { signal }),
    refetchInterval: pollEveryMs,
  });
}

/** @param roll a new roll-up means that some child has changed */
export function useChildren(jobId: string, roll: ChildrenView) {
  return useQuery({
    queryKey: keys.children(jobId, roll.byState),
    queryFn: ({ signal }) =>
      request<Page<JobSummary>>('GET', '/jobs', { query: { parent: jobId, limit: 200 }, signal }),
    placeholderData: (previous) => previous,
  });
}

export function useCancelJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CancelJobBody) => request('POST', `/jobs/${encodeURIComponent(jobId)}/cancel`, { body }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.job(jobId) }),
  });
}

/** @returns the new job */
export function useRetryJob(jobId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<JobSummary>('POST', `/jobs/${encodeURIComponent(jobId)}/retry`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.jobLists }),
  });
}
