import type { Kysely } from 'kysely';
import type { Trx } from '../engine.ts';
import type { Database } from '../schema/index.ts';

/** A log as its rows tell it at one moment. */
export interface StreamRows {
  readonly archivedBytes: number;
  /** With what is in chunks. */
  readonly size: number;
  readonly ended: boolean;
}

export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

type Reader = Pick<Kysely<Database> | Trx, 'selectFrom'>;

/** No log is as long; what is added to an offset stays within 64 bits. */
export const MOST_BYTES = 2 ** 40;

/** Null: no such stream has rows. One statement, so that nothing can move from one table to the other in between. */
export async function readStream(db: Reader, streamId: string): Promise<StreamRows | null> {
  const row = await db
    .selectFrom('log_streams')
    .select(['archived_bytes', 'ended_at'])
    .select((one) =>
      one
        .selectFrom('log_chunks')
        .select((chunk) => chunk.fn.max('end_byte').as('newest'))
        .whereRef('log_chunks.stream_id', '=', 'log_streams.stream_id')
        .as('newest'),
    )
    .where('stream_id', '=', streamId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { archived_bytes: archivedBytes, newest, ended_at: endedAt } = row;
  return {
    archivedBytes,
    size: Math.max(archivedBytes, newest ?? 0),
    ended: endedAt !== null,
  };
}

/** The same with the chunks that hold bytes from `start` up to `end`. */
export async function readChunks(
  db: Reader,
  streamId: string,
  start: number,
  end: number,
): Promise<{ stream: StreamRows; chunks: Chunk[] } | null> {
  const rows = await db
    .selectFrom('log_streams')
    .leftJoin('log_chunks', (join) =>
      join
        .onRef('log_chunks.stream_id', '=', 'log_streams.stream_id')
        .on('log_chunks.end_byte', '>', start)
        .on('log_chunks.start_byte', '<', end),
    )
    .select(['archived_bytes', 'ended_at', 'start_byte', 'end_byte', 'data'])
    .select((one) =>
      one
        .selectFrom('log_chunks as other')
        .select((chunk) => chunk.fn.max('other.end_byte').as('newest'))
        .whereRef('other.stream_id', '=', 'log_streams.stream_id')
        .as('newest'),
    )
    .where('log_streams.stream_id', '=', streamId)
    .orderBy('start_byte')
    .execute();
  const [first] = rows;
  if (first === undefined) return null;
  const { archived_bytes: archivedBytes, newest, ended_at: endedAt } = first;
  const chunks = rows.flatMap(({ start_byte, end_byte, data }) =>
    start_byte === null || end_byte === null || data === null
      ? []
      : [{ start: start_byte, end: end_byte, bytes: Buffer.from(data, 'base64') }],
  );
  return {
    stream: {
      archivedBytes,
      size: Math.max(archivedBytes, newest ?? 0),
      ended: endedAt !== null,
    },
    chunks,
  };
}

/** Adds bytes at the end of a stream, which begins with them where it has no rows yet. */
export async function writeChunk(
  trx: Trx,
  streamId: string,
  start: number,
  bytes: Uint8Array,
  now: number,
): Promise<void> {
  if (start === 0) await ensureStream(trx, streamId);
  if (bytes.length === 0) return;
  await trx
    .insertInto('log_chunks')
    .values({
      ...{ stream_id: streamId, start_byte: start, end_byte: start + bytes.length },
      ...{ data: Buffer.from(bytes).toString('base64'), arrived_at: now },
    })
    .execute();
}

export async function ensureStream(trx: Trx, streamId: string): Promise<void> {
  await trx
    .insertInto('log_streams')
    .values({ stream_id: streamId, archived_bytes: 0, sha256: null, ended_at: null })
    .onConflict((conflict) => conflict.column('stream_id').doNothing())
    .execute();
}
