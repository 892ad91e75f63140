import type { ApplicationLine, Overview } from '@sluice/contract';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ApiError, api } from './client.ts';
import { keys } from './keys.ts';

export const overviewQuery = queryOptions({
  queryKey: keys.overview(),
  queryFn: () => api.send<Overview>('GET', '/apps/v3/overview/'),
});

/** `42-my-site`: addresses of an application show its website id (spec/divio.md 4.4). */
export const applicationKey = (application: Pick<ApplicationLine, 'id' | 'slug'>): string =>
  `${application.id}-${application.slug}`;

/** The application of `/applications/$app/...`. Throws `ApiError` 404 where there is none. */
export function useApplication(): ApplicationLine {
  const { app } = useParams({ strict: false });
  const { data } = useSuspenseQuery(overviewQuery);
  const id = Number(/^\d+/.exec(app ?? '')?.[0]);
  const found = data.applications.find((one) => one.id === id || one.slug === app);
  if (found === undefined) throw new ApiError(404, 'No such application.', {}, null);
  return found;
}
