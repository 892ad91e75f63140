import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createDirectoryBlobs } from '../blobs/directory.ts';
import { logKey, timesKey } from '../shared-logs/archive.ts';
import { compareFile, differs, putCompared } from './files.ts';
import type { Move } from './types.ts';

const fileOf = (dataDir: string, streamId: string) => join(dataDir, 'logs', `${streamId}.log`);

/** The logs of a data directory by name, those that are only marked as ended too. */
export async function logsInFiles(dataDir: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'logs')).catch(() => []);
  const streams = names.flatMap((name) => /^([\w-]+)\.log(?:\.ended)?$/.exec(name)?.[1] ?? []);
  return [...new Set(streams)].sort();
}

/** Answers its bytes. One that is not ended goes on in rows behind what was moved. */
export async function sendLog(move: Move, streamId: string): Promise<number> {
  const { dataDir, bucket, store } = move;
  const file = fileOf(dataDir, streamId);
  const size = await sizeOf(file);
  const ended = await stat(`${file}.ended`).catch(() => null);
  let sha256: string | null = null;
  if (size > 0) {
    const times = await createDirectoryBlobs(dataDir).incoming();
    try {
      await copyFile(`${file}.times`, times).catch(() => writeFile(times, ''));
      await putCompared(bucket, timesKey(streamId, size), times);
      sha256 = await putCompared(bucket, logKey(streamId, size), file);
    } finally {
      await rm(times, { force: true });
    }
  }
  await store.transaction((trx) =>
    trx
      .insertInto('log_streams')
      .values({
        ...{ stream_id: streamId, archived_bytes: size, sha256 },
        ended_at: ended === null ? null : ended.mtime.toISOString(),
      })
      // It was moved before, and its file was not removed any more.
      .onConflict((conflict) => conflict.column('stream_id').doNothing())
      .execute(),
  );
  const row = await store.db
    .selectFrom('log_streams')
    .select('archived_bytes')
    .where('stream_id', '=', streamId)
    .executeTakeFirstOrThrow();
  if (row.archived_bytes !== size) throw differs(logKey(streamId, size));
  await removeFiles(file);
  return size;
}

/** Back into a file, from the bucket and from rows; answers its bytes. */
export async function bringLog(move: Move, streamId: string): Promise<number> {
  const { dataDir, bucket, store } = move;
  const row = await store.db
    .selectFrom('log_streams')
    .selectAll()
    .where('stream_id', '=', streamId)
    .executeTakeFirstOrThrow();
  const chunks = await store.db
    .selectFrom('log_chunks')
    .selectAll()
    .where('stream_id', '=', streamId)
    .where('start_byte', '>=', row.archived_bytes)
    .orderBy('start_byte')
    .execute();
  const file = fileOf(dataDir, streamId);
  await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
  const partial = await createDirectoryBlobs(dataDir).incoming();
  const key = logKey(streamId, row.archived_bytes);
  await writeFile(partial, '', { mode: 0o600 });
  if (row.archived_bytes > 0) {
    const there = await bucket.get(key);
    if (there === null) throw differs(key);
    await writeFile(partial, there.stream, { mode: 0o600 });
    await compareFile(partial, key, { sizeBytes: row.archived_bytes, sha256: row.sha256 });
    const times = await bucket.get(timesKey(streamId, row.archived_bytes));
    if (times !== null) await writeFile(`${file}.times`, await buffer(times.stream));
  }
  const handle = await open(partial, 'a');
  try {
    for (const { data } of chunks) await handle.appendFile(Buffer.from(data, 'base64'));
    await handle.sync();
  } finally {
    await handle.close();
  }
  const size = await sizeOf(partial);
  if (size === 0) await rm(partial, { force: true });
  else await rename(partial, file);
  if (row.ended_at !== null) await writeFile(`${file}.ended`, '', { mode: 0o600 });
  await store.transaction(async (trx) => {
    await trx.deleteFrom('log_chunks').where('stream_id', '=', streamId).execute();
    await trx.deleteFrom('log_streams').where('stream_id', '=', streamId).execute();
  });
  if (row.archived_bytes > 0) {
    await bucket.remove(key);
    await bucket.remove(timesKey(streamId, row.archived_bytes));
  }
  return size;
}

const sizeOf = async (file: string): Promise<number> =>
  (await stat(file).catch(() => null))?.size ?? 0;

async function removeFiles(file: string): Promise<void> {
  for (const name of [file, `${file}.times`, `${file}.ended`]) await rm(name, { force: true });
}
