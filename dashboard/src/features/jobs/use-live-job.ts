'use client';

import type { JobDetail, JobId } from '@dibs/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useJob } from '../../api/jobs';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic, usePollWhenNotLive } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const POLL_MS = 5_000;
const REFRESH_MS = 300;

/** One job, kept current by hints: its state changes at once, the rest is read again. */
export function useLiveJob(jobId: JobId) {
  const client = useQueryClient();
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.job(jobId), REFRESH_MS);
  useLiveTopic({ topic: 'job', jobId });
  useEffect(
    () =>
      connection.onHint('job:changed', (hint) => {
        if (hint.jobId !== jobId) return;
        client.setQueryData<JobDetail>(keys.job(jobId), (job) => job && { ...job, state: hint.state });
        refresh();
      }),
    [client, connection, jobId, refresh],
  );
  return useJob(jobId, usePollWhenNotLive(POLL_MS));
}
