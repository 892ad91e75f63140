import type {
  Backup,
  BackupDownload,
  BackupDownloadServiceInstance,
  BackupRestore,
  BackupSchedule,
  BackupScheduleCreate,
  BackupUploadAnswer,
  ListOf,
} from '@sluice/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

const ROOT = '/apps/v3';
/** While one is made or restored the page tells how far it is. */
const BUSY_MS = 1_500;
const QUIET_MS = 15_000;

const isBusy = (list: ListOf<Backup> | undefined) =>
  list?.results.some(({ state }) => state !== 'COMPLETED') === true;

export const backupsQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'backups'),
    queryFn: () => api.send<ListOf<Backup>>('GET', `${ROOT}/backups/`, { query: { environment } }),
    refetchInterval: ({ state }) => (isBusy(state.data) ? BUSY_MS : QUIET_MS),
  });

export const restoresQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'restores'),
    queryFn: () =>
      api.send<ListOf<BackupRestore>>('GET', `${ROOT}/backup-restores/`, {
        query: { environment },
      }),
    refetchInterval: ({ state }) =>
      state.data?.results.some(({ finished }) => !finished) === true ? BUSY_MS : QUIET_MS,
  });

export const schedulesQuery = (environment: string) =>
  queryOptions({
    queryKey: keys.environment(environment, 'backup-schedules'),
    queryFn: () =>
      api.send<ListOf<BackupSchedule>>('GET', `${ROOT}/backup-schedules/`, {
        query: { environment },
      }),
  });

export const backupActions = {
  make: (environment: string) =>
    api.send<Backup>('POST', `${ROOT}/backups/`, { body: { environment } }),
  remove: (uuid: string) => api.send<null>('DELETE', `${ROOT}/backups/${uuid}/`),
  restore: (backup: string) =>
    api.send<BackupRestore>('POST', `${ROOT}/backup-restores/`, { body: { backup } }),
  copy: (environment: string, to: string) =>
    api.send<BackupRestore>('POST', `${ROOT}/backups/copy/`, { body: { environment, to } }),
  addSchedule: (body: BackupScheduleCreate) =>
    api.send<BackupSchedule>('POST', `${ROOT}/backup-schedules/`, { body }),
  endSchedule: (uuid: string) => api.send<null>('DELETE', `${ROOT}/backup-schedules/${uuid}/`),
};

/** The address of one part's data, good for a while without a login. */
export async function downloadAddress(backup: string, part: string): Promise<string> {
  const asked = await api.send<BackupDownload>('POST', `${ROOT}/backup-downloads/`, {
    body: { backup, service_instance_backups: [part] },
  });
  const { results } = await api.send<ListOf<BackupDownloadServiceInstance>>(
    ...(['GET', `${ROOT}/backup-download-service-instances/`] as const),
    { query: { backup: asked.uuid } },
  );
  const [ready] = results;
  if (ready?.download_url) return ready.download_url;
  throw new Error(ready?.errors ?? 'The server gives no address for it.');
}

/** Brings a file as a backup of one service. Throws with the status where it is not taken. */
export async function uploadBackup(
  environment: string,
  service: string,
  file: File,
  refused: (status: number) => string,
): Promise<void> {
  const { results } = await api.send<BackupUploadAnswer>('POST', `${ROOT}/backups/upload/`, {
    body: { environment, services: [service] },
  });
  const way = results[service];
  if (way === undefined) throw new Error(refused(404));
  const put = await fetch(way.upload_parameters.url, { method: 'PUT', body: file });
  if (!put.ok) throw new Error(refused(put.status));
  const finished = await fetch(way.finish_url, { method: 'POST' });
  if (!finished.ok) throw new Error(refused(finished.status));
}
