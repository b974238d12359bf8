'use client';

import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useLive } from './live-provider';

/**
 * A function that marks cached answers stale and so reads them again; many calls in a row become one read at once and one
 * per period. It also runs by itself whenever the link becomes live, for what was missed before.
 */
export function useRefresh(queryKey: QueryKey, everyMs: number): () => void {
  const client = useQueryClient();
  const { generation } = useLive();
  const hash = JSON.stringify(queryKey);
  const refresh = useMemo(() => {
    const key = JSON.parse(hash) as QueryKey;
    return throttled(() => client.invalidateQueries({ queryKey: key }), everyMs);
  }, [client, hash, everyMs]);
  useEffect(() => () => refresh.cancel(), [refresh]);

  const seenGeneration = useRef(generation);
  useEffect(() => {
    if (seenGeneration.current === generation) return;
    seenGeneration.current = generation;
    refresh.run();
  }, [generation, refresh]);
  return refresh.run;
}

/** The period begins when the action is done: a server slower than the hints is never asked twice at a time. */
function throttled(action: () => Promise<void>, everyMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isBusy = false;
  let isWanted = false;
  const start = async (): Promise<void> => {
    isBusy = true;
    isWanted = false;
    await action().catch(() => {});
    timer = setTimeout(() => {
      isBusy = false;
      if (isWanted) void start();
    }, everyMs);
  };
  return {
    run: (): void => {
      if (isBusy) isWanted = true;
      else void start();
    },
    cancel: (): void => {
      clearTimeout(timer);
      isBusy = false;
      isWanted = false;
    },
  };
}
