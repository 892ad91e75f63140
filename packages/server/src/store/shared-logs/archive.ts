import { createHash } from 'node:crypto';
import { open, rm, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Kysely } from 'kysely';
import { SluiceError } from '../../errors.ts';
import type { Blobs } from '../blobs/types.ts';
import type { Trx } from '../engine.ts';
import { type Arrival, arrivalsIn, recordOf } from '../log-times.ts';
import type { Database } from '../schema/index.ts';
import { MOST_BYTES, readStream } from './rows.ts';

/**
 * Where so many first bytes of a log are kept. Named by their number: what was put once is never replaced by something
 * else, so that one who comes too late can do no harm.
 */
export const logKey = (streamId: string, bytes: number) => `logs/${streamId}.${bytes}.log`;
/** When they arrived, as `<stream>.log.times` in a data directory has it. */
export const timesKey = (streamId: string, bytes: number) => `${logKey(streamId, bytes)}.times`;

export interface ArchiveOptions {
  readonly db: Kysely<Database>;
  readonly transaction: <T>(work: (trx: Trx) => Promise<T>) => Promise<T>;
  readonly blobs: Blobs;
}

const CHUNKS_AT_ONCE = 200;
const RESOLUTION_MS = 250;

/**
 * Brings a log that has ended from rows into the bucket: one object, checked, and only then are the rows taken away, in
 * one transaction. Killed at any moment, or done by two at once, it leaves every byte readable and none twice.
 */
export async function archiveLog(options: ArchiveOptions, streamId: string): Promise<void> {
  const { db, blobs } = options;
  const before = await readStream(db, streamId);
  if (before === null || !before.ended || before.size === before.archivedBytes) return;
  const { archivedBytes: old } = before;
  const file = await blobs.incoming();
  const timesFile = await blobs.incoming();
  try {
    const { size, sha256, arrivals } = await gather(options, streamId, old, file);
    await writeFile(timesFile, Buffer.concat(arrivals.map(recordOf)), { mode: 0o600 });
    // Not to wait on this machine: the others could not read it, and the rows are as safe.
    await blobs.put(timesKey(streamId, size), timesFile, { now: true });
    await blobs.put(logKey(streamId, size), file, { now: true });
    const done = await options.transaction(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('log_streams')
        .set({ archived_bytes: size, sha256 })
        .where('stream_id', '=', streamId)
        .where('archived_bytes', '=', old)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await trx
        .deleteFrom('log_chunks')
        .where('stream_id', '=', streamId)
        .where('end_byte', '<=', size)
        .execute();
      return true;
    });
    // Another server was faster, or has kept as much: what counts now stays.
    const counts = done ? size : (await readStream(db, streamId))?.archivedBytes;
    const needless = [done ? old : size].filter((bytes) => bytes > 0 && bytes !== counts);
    for (const bytes of needless) {
      await blobs.remove([logKey(streamId, bytes), timesKey(streamId, bytes)]);
    }
  } finally {
    await rm(file, { force: true });
    await rm(timesFile, { force: true });
  }
}

/** Writes what is in the bucket and then what is in chunks to a file. */
async function gather(
  { db, blobs }: ArchiveOptions,
  streamId: string,
  old: number,
  file: string,
): Promise<{ size: number; sha256: string; arrivals: Arrival[] }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'w', 0o600);
  let at = 0;
  const write = async (bytes: Buffer) => {
    hash.update(bytes);
    await handle.appendFile(bytes);
    at += bytes.length;
  };
  try {
    const arrivals = old === 0 ? [] : await storedArrivals(blobs, streamId, old);
    if (old > 0) {
      const kept = await blobs.open(logKey(streamId, old));
      if (kept === null) throw lost(streamId);
      for await (const piece of kept.stream as AsyncIterable<Buffer>) await write(piece);
    }
    for (;;) {
      const rows = await db
        .selectFrom('log_chunks')
        .select(['start_byte', 'end_byte', 'data', 'arrived_at'])
        .where('stream_id', '=', streamId)
        .where('start_byte', '>=', at)
        .where('start_byte', '<', MOST_BYTES)
        .orderBy('start_byte')
        .limit(CHUNKS_AT_ONCE)
        .execute();
      for (const row of rows) {
        if (row.start_byte !== at) throw lost(streamId);
        const last = arrivals.at(-1);
        if (last === undefined || row.arrived_at - last.time >= RESOLUTION_MS) {
          arrivals.push({ offset: at, time: row.arrived_at });
        }
        await write(Buffer.from(row.data, 'base64'));
      }
      if (rows.length < CHUNKS_AT_ONCE) break;
    }
    return { size: at, sha256: hash.digest('hex'), arrivals };
  } finally {
    await handle.close();
  }
}

export async function storedArrivals(
  blobs: Blobs,
  streamId: string,
  bytes: number,
): Promise<Arrival[]> {
  const found = await blobs.open(timesKey(streamId, bytes));
  return found === null ? [] : arrivalsIn(await buffer(found.stream));
}

const lost = (streamId: string) =>
  new SluiceError('internal', `A part of the log ${streamId} is missing in the storage.`, {
    reason: 'log_lost',
    remedy: 'Restore the bucket from its versions or a backup; nothing of it is removed meanwhile.',
  });
