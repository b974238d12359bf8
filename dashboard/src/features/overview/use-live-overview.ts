'use client';

import { useEffect } from 'react';
import { keys } from '../../api/keys';
import { useOverview } from '../../api/overview';
import { useLiveConnection, useLiveTopic } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

/** The server makes an answer once a second, whoever asks. */
const REFRESH_MS = 1_000;

/** Read again when something happens, and every few seconds for what only time changes. */
export function useLiveOverview() {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.overview, REFRESH_MS);
  useLiveTopic({ topic: 'jobs' });
  useLiveTopic({ topic: 'runners' });
  useLiveTopic({ topic: 'pauses' });
  useEffect(() => {
    const hints = ['jobs:changed', 'runners:changed', 'pauses:changed'] as const;
    const ends = hints.map((hint) => connection.onHint(hint, refresh));
    return () => ends.forEach((end) => end());
  }, [connection, refresh]);
  return useOverview();
}
