import { queryOptions } from '@tanstack/react-query';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

/** As long as nothing was pushed; the stream of changes usually is faster. */
const WAITING_MS = 2_000;

/** The proposal for the head of a branch; asked again until there is a commit. */
export const proposalQuery = (application: string, branch?: string) =>
  queryOptions({
    queryKey: keys.application(application, 'proposal', branch ?? ''),
    queryFn: () => api.proposals.ofApplication(application, branch),
    refetchInterval: (query) => (query.state.data?.has_code ? false : WAITING_MS),
  });

export const startersQuery = queryOptions({
  queryKey: ['starters'],
  queryFn: () => api.proposals.starters(),
  staleTime: Number.POSITIVE_INFINITY,
});

export const connectQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'connect'),
    queryFn: () => api.applications.connect(application),
  });

/** What is wrong with a name, or null: the API answers for one field alone and creates nothing. */
export const nameCheckQuery = (name: string) =>
  queryOptions({
    queryKey: ['name-check', name],
    enabled: name.trim() !== '',
    queryFn: async (): Promise<string | null> => {
      try {
        await api.applications.create({ name });
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 400) throw error;
        const said = error.fields['name'] ?? error.fields['slug'];
        return said === undefined ? null : said.join(' ');
      }
      return null;
    },
  });
