import type { SourceWatch } from '@dibs/shared';
import { useQuery } from '@tanstack/react-query';
import { nodePath } from './hierarchy';
import { request } from './http';
import { keys } from './keys';

const POLL_EVERY_MS = 10_000;

/** @param isWatched false: nobody looks at its source, so there is nothing to ask for */
export function useSourceWatch(moduleId: string, isWatched: boolean) {
  return useQuery({
    queryKey: keys.sourceWatch(moduleId),
    queryFn: ({ signal }) => request<SourceWatch>('GET', `${nodePath('module', moduleId)}/source-watch`, { signal }),
    refetchInterval: POLL_EVERY_MS,
    enabled: isWatched,
  });
}
