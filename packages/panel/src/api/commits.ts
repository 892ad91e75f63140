import type { CommitFates } from '@sluice/contract';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** Commits of a branch with what became of each, newest first; `branch` empty: that of the first environment. */
export const commitsQuery = (application: string, branch: string) =>
  infiniteQueryOptions({
    queryKey: keys.application(application, 'commits', branch),
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      api.send<CommitFates>('GET', `/apps/v3/applications/${application}/commits/`, {
        query: {
          ...(branch === '' ? {} : { branch }),
          ...(pageParam === '' ? {} : { after: pageParam }),
        },
      }),
    getNextPageParam: ({ next }) => next,
  });
