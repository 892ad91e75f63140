import { type BackupsContext, type BackupsOptions, CHANNEL } from './context.ts';
import { createDataOf } from './data/index.ts';
import { createDownloads } from './downloads.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createReading } from './reading.ts';
import { createRemoval } from './removal.ts';
import { createRequests } from './requests.ts';
import { createSchedules } from './schedules.ts';
import type { Backup, NewBackup, NewRestore, Restore } from './types.ts';
import { createUploads } from './uploads.ts';
import { createVault } from './vault.ts';
import { createWork } from './work.ts';

export type { BackupsOptions, BackupsSettings } from './context.ts';
export type { OpenedDownload } from './downloads.ts';
export type { Backup, Download, Restore, Schedule } from './types.ts';
export { isEnded } from './types.ts';

/** Backups of what services hold: made, kept, brought, fetched, put back, copied. */
export interface Backups {
  /** Begins to work on what is wanted, where no other server does. */
  start(): void;
  stop(): Promise<void>;
  create(input: NewBackup): Promise<Backup>;
  /** Newest first. */
  list(
    filter: BackupFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly count: number; readonly backups: Backup[] }>;
  get(uuid: string): Promise<Backup | null>;
  /** The backup that a part belongs to. */
  ofPart(serviceBackupUuid: string): Promise<Backup | null>;
  /** Throws `conflict` while it is made or restored. */
  remove(uuid: string): Promise<void>;
  /** Throws `conflict` for a backup that failed or is not finished. */
  restore(input: NewRestore): Promise<Restore>;
  /** Answers the restore, whose backup is made first. */
  copy(input: NewBackup & { readonly to: string }): Promise<Restore>;
  restores(environmentUuids: readonly string[]): Promise<Restore[]>;
  restoreOf(uuid: string): Promise<Restore | null>;
  readonly uploads: ReturnType<typeof createUploads>;
  readonly downloads: ReturnType<typeof createDownloads>;
  readonly schedules: ReturnType<typeof createSchedules>;
}

export interface BackupFilter {
  readonly environmentUuids: readonly string[];
}

export function createBackups(options: BackupsOptions): Backups {
  const { store, secrets, settings, onError, backing, ready } = options;
  const context: BackupsContext = {
    ...{ store, secrets, settings, onError },
    now: options.now ?? (() => new Date()),
    vault: createVault(store.blobs),
    dataOf: createDataOf({ store, secrets, backing, ready, toolImage: settings.toolImage }),
  };
  const requests = createRequests(context);
  const removal = createRemoval(context);
  const work = createWork(context, createHousekeeping(context, requests, removal));
  const reading = createReading(store);

  return {
    start: work.start,
    stop: work.stop,
    ...reading,
    create: async (input) => reading.known(await requests.create(input)),
    remove: async (uuid) => {
      await removal.remove(uuid);
      store.events.emit(CHANNEL);
    },
    restore: async (input) => reading.knownRestore(await requests.restore(input)),
    copy: async (input) => reading.knownRestore(await requests.copy(input)),
    uploads: createUploads(context, requests),
    downloads: createDownloads(context),
    schedules: createSchedules(context),
  };
}
