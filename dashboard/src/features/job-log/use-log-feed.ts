'use client';

import type { JobId } from '@dibs/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { logReader } from '../../api/logs';
import { useLive, useLiveConnection } from '../../live/live-provider';
import { withEarlyTail } from './early-tail';
import { LogFeed, type LogSnapshot } from './log-feed';

const POLL_MS = 5_000;

/**
 * The log of one attempt, kept current: by hints while the link is live, once whenever it becomes live (for what was
 * missed), and by a slow poll while it is not.
 * @param isJobOver asks once more, because the last lines and the mark "complete" come with the end of the job
 */
export function useLogFeed(jobId: JobId, attempt: number, anchorSeq: number | null, isJobOver: boolean) {
  const connection = useLiveConnection();
  const { state, generation } = useLive();
  const client = useQueryClient();
  const [feed] = useState(() => {
    const read = withEarlyTail(client, jobId, attempt, logReader(jobId, attempt));
    return new LogFeed(read, anchorSeq);
  });
  const snapshot: LogSnapshot = useSyncExternalStore(feed.subscribe, feed.getSnapshot, feed.getSnapshot);

  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);

  useEffect(
    () =>
      connection.onHint('job:log-grew', (hint) => {
        if (hint.jobId === jobId && hint.attempt === attempt) feed.grewTo(hint.upTo);
      }),
    [connection, feed, jobId, attempt],
  );

  useEffect(() => {
    if (generation > 0 || isJobOver) void feed.refresh();
  }, [feed, generation, isJobOver]);

  const isSettled = snapshot.isComplete && snapshot.problem === null;
  useEffect(() => {
    // A failed read is repeated even while the link is live: no hint may come any more.
    if (isSettled || (state === 'live' && snapshot.problem === null && !isJobOver)) return;
    const timer = setInterval(() => void feed.refresh(), POLL_MS);
    return () => clearInterval(timer);
  }, [feed, state, isSettled, snapshot.problem, isJobOver]);

  return { feed, snapshot };
}
