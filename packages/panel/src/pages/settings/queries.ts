import type { Collaborator, ListOf } from '@sluice/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

export const detailQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'detail'),
    queryFn: () => api.applications.get(application),
  });

export const repositoryQuery = (application: string, repository: string) =>
  queryOptions({
    queryKey: keys.application(application, 'ci', repository),
    queryFn: () => api.repositories.get(repository),
  });

export const repositoryKeyQuery = (application: string, repository: string) =>
  queryOptions({
    queryKey: keys.application(application, 'key', repository),
    queryFn: () => api.repositories.key(repository),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Repositories by the number that Travis clients know them by. */
export const travisSettingsQuery = (application: string, repositoryId: number) =>
  queryOptions({
    queryKey: keys.application(application, 'travis-settings', repositoryId),
    queryFn: () => api.repositorySettings.get(repositoryId),
  });

export const buildVariablesQuery = (application: string, repositoryId: number) =>
  queryOptions({
    queryKey: keys.application(application, 'build-variables', repositoryId),
    queryFn: () => api.repositoryVariables.list(repositoryId),
  });

export const environmentsQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'environments'),
    queryFn: async () => (await api.environments.list({ application })).results,
  });

export const pullSettingsQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'pull-settings'),
    queryFn: () => api.pullRequests.settings(application),
  });

export const previewVariablesQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'preview-variables'),
    queryFn: async () => (await api.previewVariables.list(application)).variables,
  });

export const commitStatusesQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'commit-statuses'),
    queryFn: async () => (await api.commitStatuses.get(application)).target,
  });

const collaboratorsPath = (application: string, user = '') =>
  `/apps/v3/applications/${application}/collaborators/${user}`;

export const collaboratorsQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'collaborators'),
    queryFn: async () =>
      (await api.send<ListOf<Collaborator>>('GET', collaboratorsPath(application))).results,
  });

export const removeCollaborator = (application: string, user: string) =>
  api.send<null>('DELETE', `${collaboratorsPath(application, user)}/`);
