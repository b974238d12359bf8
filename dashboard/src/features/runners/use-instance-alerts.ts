'use client';

import { useMemo } from 'react';
import { useOverview } from '../../api/overview';

/** What the overview warns of, by the id of the instance: one that comes and goes, or does not answer offers. */
export function useInstanceAlerts(): ReadonlyMap<string, string> {
  const alerts = useOverview().data?.alerts;
  return useMemo(
    () => new Map(alerts?.flatMap(({ instanceId, text }) => (instanceId === null ? [] : [[instanceId, text]]))),
    [alerts],
  );
}
