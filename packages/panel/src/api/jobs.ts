import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

export const jobQuery = (id: number) =>
  queryOptions({ queryKey: keys.job(id), queryFn: () => api.jobs.get(id) });
