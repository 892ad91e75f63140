import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** Pull requests of an application, newest first; `state` empty: all. */
export const pullsQuery = (application: string, state: string) =>
  queryOptions({
    queryKey: keys.application(application, 'pulls', state),
    queryFn: () => api.pullRequests.list({ application, ...(state === '' ? {} : { state }) }),
  });

/** By its number; null when there is none. */
export const pullQuery = (application: string, number: number) =>
  queryOptions({
    queryKey: keys.application(application, 'pull', number),
    queryFn: async () => (await api.pullRequests.list({ application, number })).results[0] ?? null,
  });

export const pullDiffQuery = (application: string, uuid: string, head: string) =>
  queryOptions({
    queryKey: keys.application(application, 'pull-diff', uuid, head),
    queryFn: () => api.pullRequests.diff(uuid),
  });

export const pullCommentsQuery = (application: string, uuid: string) =>
  queryOptions({
    queryKey: keys.application(application, 'pull-comments', uuid),
    queryFn: () => api.pullRequests.comments(uuid),
  });
