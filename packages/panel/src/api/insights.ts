import type { Insights } from '@sluice/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** The figures of an application; `environment` is a slug, absent for the server's choice. */
export const insightsQuery = (uuid: string, days: number, environment: string | undefined) =>
  queryOptions({
    queryKey: keys.application(uuid, 'insights', days, environment ?? ''),
    queryFn: () =>
      api.send<Insights>('GET', `/apps/v3/applications/${uuid}/insights/`, {
        query: { days, environment },
      }),
  });
