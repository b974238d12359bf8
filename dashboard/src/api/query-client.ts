import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isApiError } from './api-error';
import { keys } from './keys';

const MOST_RETRIES = 2;

export function createQueryClient(): QueryClient {
  // Signed out elsewhere, or the session ran out: whoever asks next finds nobody signed in.
  const onError = (error: unknown): void => {
    if (isApiError(error, 401)) client.setQueryData(keys.session, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => error instanceof ApiError && error.isTemporary && failures < MOST_RETRIES,
        retryDelay: (failures) => 500 * 2 ** failures,
        staleTime: 1_000,
        // A browser that believes to be offline is often wrong about a server on the same machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
