import type { QueryClient } from '@tanstack/react-query';
import { logTailQuery, type ReadLog } from '../../api/logs';

/** The end of the log is taken, the first time, from what was asked early if that was of this attempt. */
export function withEarlyTail(client: QueryClient, jobId: string, attempt: number, read: ReadLog): ReadLog {
  let isFirst = true;
  return async (range, signal) => {
    const query = logTailQuery(jobId);
    const wasAsked = isFirst && 'tail' in range && client.getQueryState(query.queryKey) !== undefined;
    isFirst = false;
    const page = wasAsked ? await client.fetchQuery(query).catch(() => null) : null;
    return page?.attempt === attempt ? page : read(range, signal);
  };
}
