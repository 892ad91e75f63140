import type { ListOf } from '../common.ts';
import type { CronJob, CronJobCreate, CronRun } from '../cron.ts';
import { type Send, segment } from './transport.ts';

export function createCronClient(send: Send) {
  const at = (uuid: string, rest = '') => `/apps/v3/cronjobs/${segment(uuid)}/${rest}`;
  return {
    list: (environment: string) =>
      send<ListOf<CronJob>>('GET', '/apps/v3/cronjobs/', { query: { environment } }),
    create: (body: CronJobCreate) => send<CronJob>('POST', '/apps/v3/cronjobs/', { body }),
    remove: (uuid: string) => send<null>('DELETE', at(uuid)),
    run: (uuid: string) => send<CronRun>('POST', at(uuid, 'run/')),
    /** Newest first. */
    runs: async (uuid: string) => (await send<{ runs: CronRun[] }>('GET', at(uuid, 'runs/'))).runs,
  };
}
