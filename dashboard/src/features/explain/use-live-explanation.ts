'use client';

import type { JobId } from '@dibs/shared';
import { useEffect } from 'react';
import { useExplanation } from '../../api/explain';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

/** Slots and the place in line change without any hint to this page. */
const POLL_MS = 2_000;
const REFRESH_MS = 500;

/** While the job waits; what changes with the job itself is read again with it, because its key begins with the job's. */
export function useLiveExplanation(jobId: JobId) {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.explanation(jobId), REFRESH_MS);
  useLiveTopic({ topic: 'runners' });
  useLiveTopic({ topic: 'pauses' });
  useEffect(() => {
    const ends = [connection.onHint('runners:changed', refresh), connection.onHint('pauses:changed', refresh)];
    return () => ends.forEach((end) => end());
  }, [connection, refresh]);
  return useExplanation(jobId, POLL_MS);
}
