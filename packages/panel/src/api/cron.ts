import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** The server tells with the environment when a job is added or removed, and when a run begins and ends. */
export const cronQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'cron'),
    queryFn: () => api.cron.list(environment),
  });

/** The newest first. */
export const cronRunsQuery = (environment: string, job: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'cron', job),
    queryFn: () => api.cron.runs(job),
  });
