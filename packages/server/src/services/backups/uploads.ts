import { SluiceError } from '../../errors.ts';
import type { ServiceBackupRow } from '../../store/schema/service-backups.ts';
import { type BackupsContext, blobName, CHANNEL, sealContext } from './context.ts';
import type { Bytes } from './data/types.ts';
import { readIncoming } from './incoming.ts';
import type { Requests } from './requests.ts';
import { hashOf, isSame, newSecret } from './secrets.ts';
import type { NewBackup } from './types.ts';

export interface UploadAddress {
  readonly serviceUuid: string;
  /** Of the part that is made by it. */
  readonly uuid: string;
  readonly secret: string;
  readonly limit: number;
}

/** Backups that somebody brings: an address for each service, then the bytes, then the word that they are all there. */
export function createUploads(context: BackupsContext, requests: Requests) {
  const { store, secrets, vault, settings, now } = context;

  const find = async (uuid: string, secret: string): Promise<ServiceBackupRow> => {
    const row = await store.db
      .selectFrom('service_backups')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    const hash = row?.upload_secret_hash ?? hashOf(newSecret());
    // Compared also where there is none, so that the time tells nothing.
    if (!isSame(secret, hash) || row === undefined) {
      throw new SluiceError('not_found', 'There is no such upload.');
    }
    if (row.state === 'uploading' && (row.upload_until ?? '') < now().toISOString()) {
      throw new SluiceError('not_found', 'This address is not good any more. Ask for another.');
    }
    return row;
  };

  return {
    create: async (input: NewBackup): Promise<{ backupUuid: string; addresses: UploadAddress[] }> =>
      store.transaction(async (trx) => {
        const { backup, parts } = await requests.backupIn(
          trx,
          input,
          { trigger: 'upload' },
          { state: 'uploading' },
        );
        const upload_until = new Date(now().getTime() + settings.addressMs).toISOString();
        const addresses: UploadAddress[] = [];
        for (const { uuid, service_uuid: serviceUuid } of parts) {
          const secret = newSecret();
          const limit = settings.uploadBytes;
          await trx
            .updateTable('service_backups')
            .set({ upload_secret_hash: hashOf(secret), upload_until, upload_limit: limit })
            .where('uuid', '=', uuid)
            .execute();
          addresses.push({ uuid, serviceUuid, secret, limit });
        }
        return { backupUuid: backup.uuid, addresses };
      }),

    /** Takes the bytes. May be called again: the last that came whole counts. Throws `too_large`, `invalid`. */
    receive: async (
      uuid: string,
      secret: string,
      body: Bytes,
      announcedBytes: number,
    ): Promise<void> => {
      const row = await find(uuid, secret);
      if (row.state !== 'uploading') {
        throw new SluiceError('conflict', 'This upload is finished already.');
      }
      const limit = row.upload_limit ?? 0;
      if (announcedBytes > limit) throw tooLarge(limit);
      const key = vault.newKey();
      // Of two that come at once each has a place of its own.
      const blob = blobName(uuid, `upload-${hashOf(newSecret()).slice(0, 16)}`);
      const incoming = await readIncoming(limited(body, limit), row.kind, limit);
      const stored = await vault.store(blob, key, incoming.bytes, () => undefined);
      const { numUpdatedRows } = await store.db
        .updateTable('service_backups')
        .set({
          ...{ blob, format: incoming.format, ...stored },
          key_sealed: secrets.seal(key, sealContext(uuid)),
        })
        .where('uuid', '=', uuid)
        .where('state', '=', 'uploading')
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) {
        await vault.remove(blob);
        throw new SluiceError('conflict', 'This upload ended meanwhile.');
      }
      if (row.blob !== null) await vault.remove(row.blob);
    },

    /** The backup is what was received. Idempotent. */
    finish: async (uuid: string, secret: string): Promise<void> => {
      const row = await find(uuid, secret);
      if (row.state !== 'uploading') return;
      const at = now().toISOString();
      const isThere = row.blob !== null;
      await store.db
        .updateTable('service_backups')
        .set({
          ...{ state: isThere ? 'done' : 'failed', started_at: row.created_at, ended_at: at },
          error: isThere ? null : 'Nothing was uploaded.',
        })
        .where('uuid', '=', uuid)
        .where('state', '=', 'uploading')
        .execute();
      store.events.emit(CHANNEL);
    },
  };
}

async function* limited(body: Bytes, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge(limit);
    yield Buffer.from(chunk);
  }
}

const tooLarge = (limit: number): SluiceError =>
  new SluiceError('too_large', `The upload is larger than the ${limit} bytes that are allowed.`, {
    reason: 'upload_too_large',
    remedy: 'An administrator can raise service_backup_upload_bytes.',
  });
