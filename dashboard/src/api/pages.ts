import type { Page } from '@dibs/shared';
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { request, type RequestOptions } from './http';

const ITEMS_PER_PAGE = 50;

/** A list that is read page by page, and again every so often for what others changed. */
export function usePages<Item>(
  queryKey: QueryKey,
  path: string,
  options: { readonly query?: RequestOptions['query']; readonly pollEveryMs: number | false },
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      request<Page<Item>>('GET', path, {
        query: { ...options.query, limit: ITEMS_PER_PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: options.pollEveryMs,
    placeholderData: (previous) => previous,
  });
}
