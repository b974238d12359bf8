'use client';

import type { JobId } from '@dibs/shared';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { logSearcher } from '../../api/logs';
import { LogSearch } from './log-search';

/** A log may grow hundreds of times a second; its count of hits follows at this pace. */
const RECOUNT_MS = 2_000;

/** @param goTo shows the line that the search is at */
export function useLogSearch(jobId: JobId, attempt: number, lastSeq: number, goTo: (seq: number) => void) {
  const [search] = useState(() => new LogSearch(logSearcher(jobId, attempt)));
  const found = useSyncExternalStore(search.subscribe, search.getSnapshot, search.getSnapshot);
  const latestSeq = useRef(lastSeq);
  const isAsked = found.needle !== '';

  useEffect(() => {
    latestSeq.current = lastSeq;
  }, [lastSeq]);

  useEffect(() => {
    if (!isAsked) return;
    const timer = setInterval(() => void search.grewTo(latestSeq.current), RECOUNT_MS);
    return () => clearInterval(timer);
  }, [search, isAsked]);

  useEffect(() => {
    if (found.seq !== null) goTo(found.seq);
  }, [found.seq, found.position, goTo]);

  return { search, found };
}
