import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Database } from '../store/index.ts';

export interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const KEY_BYTES = 32;

/**
 * Reads `<data>/keys/master.key`, or makes it on a new installation. The database remembers the id of the
 * key that sealed its values, so a key that was lost or belongs to another backup is noticed at start, not
 * when the first deployment cannot read its variables.
 *
 * Throws `unavailable` (`master_key_missing`, `master_key_wrong`, `master_key_exposed`, `master_key_damaged`).
 */
export async function loadMasterKey(dataDir: string, db: Kysely<Database>): Promise<MasterKey> {
  const path = join(dataDir, 'keys', 'master.key');
  const known = (await db.selectFrom('master_keys').select('key_id').execute()).map(
    (row) => row.key_id,
  );
  const bytes = (await read(path)) ?? (await make(path, known));
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  if (known.length > 0 && !known.includes(id)) {
    throw new SluiceError(
      'unavailable',
      `${path} is not the key that this database was sealed with (it needs ${known.join(' or ')}, the file holds ${id}).`,
      {
        reason: 'master_key_wrong',
        remedy: 'Restore master.key from the same backup as the database.',
      },
    );
  }
  await db
    .insertInto('master_keys')
    .values({ key_id: id, created_at: new Date().toISOString() })
    .onConflict((conflict) => conflict.column('key_id').doNothing())
    .execute();
  return { id, bytes };
}

async function read(path: string): Promise<Buffer | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw new SluiceError('unavailable', `${path} cannot be read: ${String(error)}`, {
      reason: 'master_key_unreadable',
      remedy: 'Start Sluice as the user that owns the data directory.',
      cause: error,
    });
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new SluiceError('unavailable', `${path} can be read by other users.`, {
      reason: 'master_key_exposed',
      remedy: `Run: chmod 600 ${path}`,
    });
  }
  if (bytes.length !== KEY_BYTES) {
    throw new SluiceError(
      'unavailable',
      `${path} is damaged: it holds ${bytes.length} bytes instead of ${KEY_BYTES}.`,
      { reason: 'master_key_damaged', remedy: 'Restore it from a backup.' },
    );
  }
  return bytes;
}

/** Written beside and linked into place: there is never half a key, and of two processes one wins. */
async function make(path: string, known: readonly string[]): Promise<Buffer> {
  if (known.length > 0) {
    throw new SluiceError(
      'unavailable',
      `${path} is missing, but the database holds values that were sealed with it (key ${known.join(', ')}).`,
      {
        reason: 'master_key_missing',
        remedy:
          'Restore the file from a backup. Without it the secrets of every application are lost.',
      },
    );
  }
  const directory = join(path, '..');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(randomBytes(KEY_BYTES));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(directory);
  const bytes = await read(path);
  if (bytes === null) throw new SluiceError('internal', `${path} vanished while it was made.`);
  return bytes;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
