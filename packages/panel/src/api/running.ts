import type { ApplicationLine, EnvironmentLine } from '@sluice/contract';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ApiError, api } from './client.ts';
import { keys } from './keys.ts';
import { overviewQuery, useApplication } from './overview.ts';

/** The server samples every 15 s and tells nobody: a chart that is looked at asks by itself. */
const SAMPLED_MS = 15_000;

export const deploymentQuery = (uuid: string) =>
  queryOptions({
    queryKey: keys.deployment(uuid),
    queryFn: () => api.deployments.get(uuid),
  });

export const storyQuery = (uuid: string) =>
  queryOptions({
    queryKey: keys.deployment(uuid, 'story'),
    queryFn: () => api.deployments.story(uuid),
  });

export const PAGE_SIZE = 50;

export interface DeploymentsFilter {
  readonly environment?: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly page: number;
}

export const deploymentsQuery = (application: string, filter: DeploymentsFilter) =>
  queryOptions({
    queryKey: keys.application(application, 'deployments', JSON.stringify(filter)),
    queryFn: () =>
      api.deployments.list({
        application,
        page: filter.page,
        pageSize: PAGE_SIZE,
        ...(filter.environment === undefined ? {} : { environment: filter.environment }),
        ...(filter.status === undefined ? {} : { status: filter.status }),
      }),
  });

export const environmentQuery = (uuid: string) =>
  queryOptions({
    queryKey: keys.environment(uuid),
    queryFn: () => api.environments.get(uuid),
  });

export const instancesQuery = (uuid: string) =>
  queryOptions({
    queryKey: keys.environment(uuid, 'instances'),
    queryFn: () => api.environments.instances(uuid),
    refetchInterval: SAMPLED_MS,
  });

export const usageQuery = (uuid: string, hours: number) =>
  queryOptions({
    queryKey: keys.environment(uuid, 'usage', hours),
    queryFn: () => api.environments.usage(uuid, hours),
    refetchInterval: hours > 2 ? 5 * 60_000 : SAMPLED_MS,
  });

export const releasesQuery = (uuid: string) =>
  queryOptions({
    queryKey: keys.environment(uuid, 'releases'),
    queryFn: () => api.environments.releases(uuid),
  });

export const variablesQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'variables'),
    queryFn: () => api.variables.list({ application, pageSize: 1_000 }),
  });

export const domainsQuery = (application: string) =>
  queryOptions({
    queryKey: keys.application(application, 'domains'),
    queryFn: () => api.domains.list({ application }),
  });

export const whyQuery = (application: string, commit: string) =>
  queryOptions({
    queryKey: keys.application(application, 'why', commit),
    queryFn: () => api.why(commit, application),
  });

/** The environment of `/applications/$app/environments/$env`. Throws `ApiError` 404 where there is none. */
export function useEnvironment(): { application: ApplicationLine; environment: EnvironmentLine } {
  const application = useApplication();
  const { env } = useParams({ strict: false });
  const environment = application.environments.find(({ slug }) => slug === env);
  if (environment === undefined) throw new ApiError(404, 'No such environment.', {}, null);
  return { application, environment };
}

/** Where something belongs, by the uuids that it names; undefined parts were removed since. */
export function usePlaceOf(
  applicationUuid: string,
  environmentUuid: string,
): {
  application: ApplicationLine | undefined;
  environment: EnvironmentLine | undefined;
} {
  const { data } = useSuspenseQuery(overviewQuery);
  const application = data.applications.find(({ uuid }) => uuid === applicationUuid);
  const environment = application?.environments.find(({ uuid }) => uuid === environmentUuid);
  return { application, environment };
}
