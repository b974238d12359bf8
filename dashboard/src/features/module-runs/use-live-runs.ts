'use client';

import { useEffect } from 'react';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const REFRESH_MS = 500;

/** What becomes of a run is what becomes of its jobs: hints of jobs make runs and outputs be read again. */
export function useRunsFollowJobs(): void {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.moduleRuns, REFRESH_MS);
  useLiveTopic({ topic: 'jobs' });
  useEffect(() => connection.onHint('jobs:changed', refresh), [connection, refresh]);
}
