import type { Overview } from '@dibs/shared';
import { useQuery } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

/** What is counted over time moves every few seconds; a page that nobody sees does not ask. */
const POLL_EVERY_MS = 3_000;

export function useOverview() {
  return useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => request<Overview>('GET', '/organization/overview', { signal }),
    refetchInterval: POLL_EVERY_MS,
  });
}
