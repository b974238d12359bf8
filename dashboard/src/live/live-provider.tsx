'use client';

import type { LiveTicket, LiveTopic } from '@dibs/shared';
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { request } from '../api/http';
import { LiveConnection, type LiveSnapshot } from './live-connection';

const LiveContext = createContext<LiveConnection | null>(null);

/** Holds the page's socket for as long as somebody is signed in. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [connection] = useState(() => new LiveConnection(fetchTicket));
  useEffect(() => {
    const retryNow = (): void => connection.retryNow();
    connection.start();
    window.addEventListener('online', retryNow);
    document.addEventListener('visibilitychange', retryNow);
    return () => {
      window.removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', retryNow);
      connection.stop();
    };
  }, [connection]);
  return <LiveContext value={connection}>{children}</LiveContext>;
}

export function useLiveConnection(): LiveConnection {
  const connection = useContext(LiveContext);
  if (!connection) throw new Error('useLiveConnection outside of LiveProvider');
  return connection;
}

export function useLive(): LiveSnapshot {
  const connection = useLiveConnection();
  return useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getSnapshot);
}

/** Watches a topic for as long as the component is shown. `jobId` only for the topic `job`. */
export function useLiveTopic(topic: LiveTopic): void {
  const connection = useLiveConnection();
  const jobId = topic.topic === 'job' ? topic.jobId : null;
  useEffect(
    () =>
      connection.watch(
        jobId === null ? { topic: topic.topic as Exclude<LiveTopic['topic'], 'job'> } : { topic: 'job', jobId },
      ),
    [connection, topic.topic, jobId],
  );
}

/** How often to ask while no hints arrive; false: they do arrive. */
export function usePollWhenNotLive(everyMs: number): number | false {
  return useLive().state === 'live' ? false : everyMs;
}

function fetchTicket(): Promise<LiveTicket> {
  return request<LiveTicket>('POST', '/live/ticket');
}
