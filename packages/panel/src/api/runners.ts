import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** Runners come and go without telling browsers: who looks at the page sees it anew now and then. */
const LOOK_AGAIN_MS = 5_000;

export const runnersQuery = queryOptions({
  queryKey: keys.system('runners'),
  queryFn: () => api.runners.list(),
  refetchInterval: LOOK_AGAIN_MS,
});
