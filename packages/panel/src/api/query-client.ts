import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isSignedOut } from './client.ts';
import { keys } from './keys.ts';

/** Data stays fresh until the server says that it changed (`events.ts`); what was refused is not asked again. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignOut }),
  mutationCache: new MutationCache({ onError: noticeSignOut }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 5,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 10_000),
    },
  },
});

/** Somewhere a request was refused for want of a session: the frame shows the sign-in page. */
function noticeSignOut(error: unknown): void {
  if (isSignedOut(error) && queryClient.getQueryData(keys.session()) !== null) {
    queryClient.setQueryData(keys.session(), null);
  }
}
