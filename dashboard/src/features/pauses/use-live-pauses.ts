'use client';

import { useEffect } from 'react';
import { keys } from '../../api/keys';
import { useMaintenance, usePauses } from '../../api/pauses';
import { useLiveConnection, useLiveTopic, usePollWhenNotLive } from '../../live/live-provider';
import { useRefresh } from '../../live/use-refresh';

const POLL_MS = 5_000;
const REFRESH_MS = 500;

/** What is held back now, whoever did it: for every page, and for whatever on it asks for the same. */
export function useLivePauses() {
  const connection = useLiveConnection();
  const refresh = useRefresh(keys.pauses, REFRESH_MS);
  useLiveTopic({ topic: 'pauses' });
  useEffect(() => connection.onHint('pauses:changed', refresh), [connection, refresh]);
  const poll = usePollWhenNotLive(POLL_MS);
  return { pauses: usePauses(poll).data, installation: useMaintenance(poll).data };
}
