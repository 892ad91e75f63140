import type { Backing } from '../../deploy/runtimes/backing.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import type { ServiceData } from './data/types.ts';
import type { Vault } from './vault.ts';

export interface BackupsOptions {
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  /** Null: the runtime has no place for services, and so nothing to back up. */
  readonly backing: Backing | null;
  /** Brings the service up where it is not. Throws `unavailable` with the reason. */
  readonly ready: (serviceUuid: string) => Promise<void>;
  readonly settings: BackupsSettings;
  readonly onError: (error: unknown, doing: string) => void;
  readonly now?: () => Date;
}

export interface BackupsSettings {
  /** Dumps and restores at once. */
  readonly concurrency: number;
  /** The largest dump that may be uploaded. */
  readonly uploadBytes: number;
  /** How long the address of an upload or a download is good. */
  readonly addressMs: number;
  /** Has a shell, to move the files of a storage volume. */
  readonly toolImage: string;
}

/** What every file of the backups is given. */
export interface BackupsContext extends Omit<BackupsOptions, 'now' | 'backing' | 'ready'> {
  readonly now: () => Date;
  readonly vault: Vault;
  /** Throws `unavailable` where there is no place for services. */
  readonly dataOf: (serviceUuid: string) => Promise<ServiceData>;
}

/** Woken when there is something to do or something was done. */
export const CHANNEL = 'service-backups';

export const BLOBS = 'service-backups/';
export const blobName = (serviceBackupUuid: string, attempt: string): string =>
  `${BLOBS}${serviceBackupUuid}/${attempt}`;

export const sealContext = (serviceBackupUuid: string): string =>
  `service_backup:${serviceBackupUuid}`;
