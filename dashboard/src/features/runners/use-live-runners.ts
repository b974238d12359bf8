'use client';

import { useEffect } from 'react';
import { useInstances, useRunners } from '../../api/runners';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic, usePollWhenNotLive } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const POLL_MS = 5_000;
const REFRESH_MS = 500;

/** All runner records; hints make them and their instances be read again. */
export function useLiveRunners() {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.runners, REFRESH_MS);
  useLiveTopic({ topic: 'runners' });
  // Which jobs occupy the slots changes with the jobs.
  useLiveTopic({ topic: 'jobs' });
  useEffect(() => {
    const unsubscribes = [connection.onHint('runners:changed', refresh), connection.onHint('jobs:changed', refresh)];
    return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
  }, [connection, refresh]);
  return useRunners(usePollWhenNotLive(POLL_MS));
}

export function useLiveInstances(runnerId: string) {
  return useInstances(runnerId, usePollWhenNotLive(POLL_MS));
}
