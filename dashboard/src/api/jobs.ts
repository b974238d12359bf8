import type { BulkOutcome, CancelJobBody, CancelMode, ChildrenView, JobDetail, JobSummary, Page } from '@dibs/shared';
import { queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error';
import { request } from './http';
import { keys } from './keys';
import { serverNowMs } from './server-clock';

export interface JobFilter {
  /** Comma-separated states; empty: all. */
  readonly state: string;
  /** Part of the name, or the id. */
  readonly q: string;
  readonly runner: string;
  /** Id of a module, or the path of a stack, namespace or module. */
  readonly module: string;
  /** Submitted within the last so many seconds; null: whenever. */
  readonly withinSeconds: number | null;
  /** Moments; '': none. */
  readonly from: string;
  readonly to: string;
}

const JOBS_PER_PAGE = 50;

/** @param pollEveryMs how often to ask while no hints arrive; false: hints do arrive */
export function useJobList(filter: JobFilter, pollEveryMs: number | false) {
  return useInfiniteQuery({
    queryKey: keys.jobList(filter),
    queryFn: ({ pageParam, signal }) =>
      request<Page<JobSummary>>('GET', '/jobs', { query: queryOf(filter, JOBS_PER_PAGE, pageParam), signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: pollEveryMs,
    placeholderData: (previous) => previous,
  });
}

/** All jobs that match, the newest first, but not more than so many. */
export async function readJobs(filter: JobFilter, atMost: number): Promise<JobSummary[]> {
  const jobs: JobSummary[] = [];
  let cursor: string | null = null;
  do {
    const query = queryOf(filter, Math.min(MOST_AT_ONCE, atMost - jobs.length), cursor);
    const page: Page<JobSummary> = await request<Page<JobSummary>>('GET', '/jobs', { query });
    jobs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && jobs.length < atMost);
  return jobs;
}

/** What is meant by "the last hour" is another hour each time it is asked. */
function queryOf({ withinSeconds, from, ...filter }: JobFilter, limit: number, cursor: string | null) {
  const since = withinSeconds === null ? from : new Date(serverNowMs() - withinSeconds * 1_000).toISOString();
  return { ...filter, from: since, limit, cursor };
}

export type BulkAction = { readonly what: 'cancel'; readonly mode: CancelMode } | { readonly what: 'retry' };

/** The server takes so many at a time. */
const MOST_AT_ONCE = 200;

/** @returns an outcome for each id. @param onProgress told how many are done */
export async function changeJobs(
  { what, ...options }: BulkAction,
  ids: readonly string[],
  onProgress: (done: number) => void,
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const body = { ids: ids.slice(from, from + MOST_AT_ONCE), ...options };
    outcomes.push(...(await part(`/jobs/bulk/${what}`, body)));
    onProgress(outcomes.length);
  }
  return outcomes;
}

/** A part that was not answered is told as such: what came before it was done all the same. */
async function part(path: string, body: { readonly ids: readonly string[] }): Promise<readonly BulkOutcome[]> {
  try {
    return (await request<{ items: BulkOutcome[] }>('POST', path, { body })).items;
  } catch (error) {
    const { status, code, message: detail } = error instanceof ApiError ? error : UNKNOWN;
    return body.ids.map((id) => ({ id, ok: false, status, code, detail }));
  }
}

const UNKNOWN = { status: 0, code: 'unknown', message: 'It is not known what became of it.' };

export function jobQuery(jobId: string) {
  return queryOptions({
    queryKey: keys.job(jobId),
    queryFn: ({ signal }) => request<JobDetail>('GET', `/jobs/${encodeURIComponent(jobId)}`, { signal }),
  });
}

export function useJob(jobId: string, pollEveryMs: number | false) {
  return useQuery({ ...jobQuery(jobId), refetchInterval: pollEveryMs });
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
