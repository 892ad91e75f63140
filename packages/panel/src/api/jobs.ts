import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

export const jobQuery = (id: number) =>
  queryOptions({ queryKey: keys.job(id), queryFn: () => api.jobs.get(id) });

/** Files that an attempt of a job has left; the job's changes bring new ones. */
export const artifactsQuery = (id: number, attempt: number) =>
  queryOptions({
    queryKey: keys.job(id, 'artifacts', attempt),
    queryFn: () => api.artifacts.list(id, attempt),
  });
