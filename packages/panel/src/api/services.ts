import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** What can be attached to environments; none where the runtime has no containers. */
export const serviceKindsQuery = queryOptions({
  queryKey: keys.system('services'),
  queryFn: () => api.services.list(),
});

/** The engine tells nobody how its containers are: who looks at the page sees it anew now and then. */
const LOOK_AGAIN_MS = 5_000;

export const servicesQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'services'),
    queryFn: () => api.serviceInstances.list({ environment }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const removedServicesQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'services', 'removed'),
    queryFn: () => api.serviceInstances.list({ environment, removed: true }),
  });
