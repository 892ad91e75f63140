import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { SluiceError } from '../../errors.ts';
import type { ServiceBackupRow } from '../../store/schema/service-backups.ts';
import { type BackupsContext, sealContext } from './context.ts';
import type { Format } from './data/types.ts';
import { hashOf, isSame, newSecret } from './secrets.ts';
import type { Download } from './types.ts';

export interface NewDownload {
  readonly backupUuid: string;
  /** Parts of that backup; absent: all of them. */
  readonly parts?: readonly string[];
  readonly form?: Download['form'];
  readonly by: string;
}

export interface OpenedDownload {
  readonly name: string;
  /** Null: not known before it is sent. */
  readonly bytes: number | null;
  readonly stream: Readable;
}

const SUFFIX: Readonly<Record<Format, string>> = {
  'pg-custom': 'dump',
  sql: 'sql',
  rdb: 'rdb',
  tar: 'tar',
  'tar.gz': 'tar.gz',
};

const sealOf = (uuid: string) => `backup_download:${uuid}`;

/** Addresses under which parts of backups can be read for a while, without a login. */
export function createDownloads({ store, secrets, vault, settings, now }: BackupsContext) {
  const rows = () => store.db.selectFrom('backup_downloads').selectAll();

  return {
    /** Answers the uuid of them all. A part may still be being made: its address opens when that is done. */
    create: (input: NewDownload): Promise<string> =>
      store.transaction(async (trx) => {
        const all = await trx
          .selectFrom('service_backups')
          .select('uuid')
          .where('backup_uuid', '=', input.backupUuid)
          .execute();
        const chosen = all.filter(({ uuid }) => input.parts?.includes(uuid) ?? true);
        if (chosen.length === 0 || chosen.length < (input.parts?.length ?? 0)) {
          const text = 'This backup has no such part.';
          throw new SluiceError('invalid', text, { fields: { service_instance_backups: [text] } });
        }
        const created_at = now().toISOString();
        const until = new Date(now().getTime() + settings.addressMs).toISOString();
        const download_uuid = randomUUID();
        for (const { uuid: service_backup_uuid } of chosen) {
          const uuid = randomUUID();
          const row: Download = {
            ...{ uuid, download_uuid, service_backup_uuid, created_at, until },
            form: input.form ?? 'plain',
            secret_sealed: secrets.seal(newSecret(), sealOf(uuid)),
            created_by: input.by,
          };
          await trx.insertInto('backup_downloads').values(row).execute();
        }
        return download_uuid;
      }),

    ofDownload: (downloadUuid: string): Promise<Download[]> =>
      rows().where('download_uuid', '=', downloadUuid).execute(),
    get: async (uuid: string): Promise<Download | null> =>
      (await rows().where('uuid', '=', uuid).executeTakeFirst()) ?? null,
    secretOf: ({ uuid, secret_sealed }: Download): string =>
      secrets.open(secret_sealed, sealOf(uuid)),

    /** Throws `not_found` for an address that is wrong or not good any more. The caller reads or destroys the stream. */
    open: async (uuid: string, secret: string): Promise<OpenedDownload> => {
      const row = await rows().where('uuid', '=', uuid).executeTakeFirst();
      const right = row === undefined ? newSecret() : secrets.open(row.secret_sealed, sealOf(uuid));
      // Compared also where there is none, so that the time tells nothing.
      if (!isSame(secret, hashOf(right)) || row === undefined) {
        throw new SluiceError('not_found', 'There is no such download.');
      }
      if (row.until < now().toISOString()) {
        throw new SluiceError('not_found', 'This address is not good any more. Ask for another.');
      }
      const part = await store.db
        .selectFrom('service_backups')
        .selectAll()
        .where('uuid', '=', row.service_backup_uuid)
        .executeTakeFirst();
      const { blob, key_sealed, sha256, bytes, format } = part ?? NOTHING;
      if (part?.state !== 'done' || !blob || !key_sealed || !sha256 || !format) {
        throw new SluiceError('conflict', part?.error ?? 'The backup is not finished yet.');
      }
      const key = secrets.open(key_sealed, sealContext(part.uuid));
      const data = vault.load(blob, key, { bytes, sha256 });
      const name = `${part.kind}-${part.created_at.slice(0, 19).replaceAll(/[-:]/g, '')}`;
      if (row.form === 'archive' && part.kind !== 'storage') {
        return {
          name: `${name}.tar.gz`,
          bytes: null,
          stream: archiveOf(`${name}.${SUFFIX[format]}`, bytes, data),
        };
      }
      return { name: `${name}.${SUFFIX[format]}`, bytes, stream: Readable.from(data) };
    },
  };
}

const NOTHING: Pick<ServiceBackupRow, 'blob' | 'key_sealed' | 'sha256' | 'bytes' | 'format'> = {
  ...{ blob: null, key_sealed: null, sha256: null, bytes: 0, format: null },
};

/** The one file of a `.tar.gz`. */
function archiveOf(name: string, size: number, data: AsyncGenerator<Buffer>): Readable {
  const archive = pack();
  const output = createGzip({ level: 1 });
  const fail = (error: Error) => output.destroy(error);
  const entry = archive.entry({ name, size, mode: 0o600 }, (error) => {
    if (error) fail(error);
    else archive.finalize();
  });
  Readable.from(data)
    .on('error', (error) => {
      fail(error);
      archive.destroy();
    })
    .pipe(entry);
  output.once('close', () => archive.destroy());
  archive.on('error', fail);
  archive.pipe(output);
  return output;
}
