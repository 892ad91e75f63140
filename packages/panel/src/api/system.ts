import type { SystemHealth } from '@sluice/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** Nobody tells of a disk that fills up: who looks at the page sees it anew now and then. */
const LOOK_AGAIN_MS = 15_000;

export const healthQuery = queryOptions({
  queryKey: keys.system('health'),
  queryFn: () => api.send<SystemHealth>('GET', '/system/v3/health/'),
  refetchInterval: LOOK_AGAIN_MS,
});
