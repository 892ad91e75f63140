import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

export const sourceQuery = (application: string, repository: string) =>
  queryOptions({
    queryKey: keys.application(application, 'source', repository),
    queryFn: () => api.sources.get(repository),
  });

const NEWEST = 20;

export const deliveriesQuery = (application: string, repository: string) =>
  queryOptions({
    queryKey: keys.application(application, 'deliveries', repository),
    queryFn: async () => (await api.sources.deliveries(repository, { pageSize: NEWEST })).results,
  });
