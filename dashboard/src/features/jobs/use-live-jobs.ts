'use client';

import type { JobHint, JobSummary, Page } from '@dibs/shared';
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useJobList, type JobFilter } from '../../api/jobs';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic, usePollWhenNotLive } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const POLL_MS = 5_000;
const REFRESH_MS = 750;

/** The list, kept current by hints: known rows change state at once, everything else is read again soon after. */
export function useLiveJobs(filter: JobFilter) {
  const client = useQueryClient();
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.jobLists, REFRESH_MS);
  useLiveTopic({ topic: 'jobs' });
  useEffect(
    () =>
      connection.onHint('jobs:changed', ({ jobs }) => {
        patchStates(client, jobs);
        refresh();
      }),
    [client, connection, refresh],
  );
  return useJobList(filter, usePollWhenNotLive(POLL_MS));
}

function patchStates(client: QueryClient, hints: readonly JobHint[]): void {
  const states = new Map(hints.map((hint) => [hint.jobId, hint.state]));
  client.setQueriesData<InfiniteData<Page<JobSummary>>>({ queryKey: keys.jobLists }, (list) => {
    const isShown = list?.pages.some((page) => page.items.some((job) => states.has(job.id)));
    if (!list || !isShown) return list;
    const patch = (job: JobSummary): JobSummary => ({ ...job, state: states.get(job.id) ?? job.state });
    return { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(patch) })) };
  });
}
