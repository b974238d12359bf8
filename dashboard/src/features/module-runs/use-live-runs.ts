'use client';

import { useEffect } from 'react';
import { keys } from '../../api/keys';
import { useLiveConnection, useLiveTopic, usePollWhenNotLive } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const REFRESH_MS = 500;
const POLL_MS = 5_000;

/**
 * Has everything that is shown of runs, and of what they put out, read again whenever a run goes on.
 * @returns how often to ask besides; false: hints do arrive
 */
export function useLiveRuns(): number | false {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.moduleRuns, REFRESH_MS);
  useLiveTopic({ topic: 'runs' });
  useEffect(() => connection.onHint('runs:changed', refresh), [connection, refresh]);
  return usePollWhenNotLive(POLL_MS);
}
