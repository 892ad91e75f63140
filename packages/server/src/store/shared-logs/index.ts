import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { SluiceError } from '../../errors.ts';
import type { EventBus } from '../bus.ts';
import type { Trx } from '../engine.ts';
import type { Locks } from '../locks.ts';
import { checkStreamId, type LogStore, toBytes } from '../logs.ts';
import { type ArchiveOptions, archiveLog, logKey, storedArrivals, timesKey } from './archive.ts';
import { ensureStream, MOST_BYTES, readChunks, readStream, writeChunk } from './rows.ts';

export interface SharedLogOptions extends ArchiveOptions {
  /** As `transaction`, for much that is small. */
  readonly groupCommit: <T>(work: (trx: Trx) => Promise<T>) => Promise<T>;
  readonly events: EventBus;
  readonly locks: Locks;
  /** Logs that were begun in files go on there. */
  readonly older: LogStore;
  readonly onTrouble: (error: unknown) => void;
}

export interface SharedLogs extends LogStore {
  /** Brings logs that have ended into the bucket now; ends at the first that it does not take. */
  archive(): Promise<void>;
  close(): Promise<void>;
}

const EVERY_MS = 15_000;
const STREAMS_AT_ONCE = 100;

/**
 * Logs for servers without a directory in common: rows while they are written, so that every server reads what any has
 * acknowledged, and one object in the bucket once they have ended. Storage that is away leaves them in rows.
 */
export function createSharedLogs(options: SharedLogOptions): SharedLogs {
  const { db, blobs, events, older, groupCommit } = options;
  const closing = new AbortController();

  const isOlder = async (streamId: string): Promise<boolean> =>
    (await older.size(streamId)) > 0 || older.isEnded(streamId);

  /** What `work` does with a stream that has rows, or `otherwise` with one that lies in files. */
  const write = async (
    streamId: string,
    start: (size: number) => { offset: number; bytes: Uint8Array },
    otherwise: () => Promise<number>,
  ): Promise<number> => {
    checkStreamId(streamId);
    if ((await readStream(db, streamId)) === null && (await isOlder(streamId))) return otherwise();
    return groupCommit(async (trx) => {
      const size = (await readStream(trx, streamId))?.size ?? 0;
      const { offset, bytes } = start(size);
      if (bytes.length === 0 && size > 0) return size;
      await writeChunk(trx, streamId, offset, bytes, Date.now());
      events.emit(`log:${streamId}`, trx);
      return offset + bytes.length;
    });
  };

  /** From the object and from chunks; null when the object was replaced by a longer one in between. */
  const readOnce = async (streamId: string, offset: number, limit: number) => {
    const end = Math.min(offset + limit, MOST_BYTES);
    const found = await readChunks(db, streamId, offset, end);
    if (found === null) return older.read(streamId, offset, limit);
    const { stream, chunks } = found;
    const parts: Buffer[] = [];
    let at = offset;
    if (at < stream.archivedBytes && limit > 0) {
      const range = { start: at, end: Math.min(end, stream.archivedBytes) };
      const kept = await blobs.open(logKey(streamId, stream.archivedBytes), range);
      if (kept === null) return null;
      const bytes = await buffer(kept.stream);
      parts.push(bytes);
      at += bytes.length;
    }
    for (const { start, end: chunkEnd, bytes } of chunks) {
      if (at >= end || chunkEnd <= at) continue;
      const part = bytes.subarray(at - start, end - start);
      parts.push(part);
      at += part.length;
    }
    return { bytes: Buffer.concat(parts), size: stream.size, ended: stream.ended };
  };

  const archive = async (): Promise<void> => {
    let after = '';
    for (;;) {
      const rows = await db
        .selectFrom('log_streams')
        .select('log_streams.stream_id')
        .where('ended_at', 'is not', null)
        .where('log_streams.stream_id', '>', after)
        .where((one) =>
          one.exists(
            one
              .selectFrom('log_chunks')
              .select('log_chunks.start_byte')
              .whereRef('log_chunks.stream_id', '=', 'log_streams.stream_id'),
          ),
        )
        .orderBy('log_streams.stream_id')
        .limit(STREAMS_AT_ONCE)
        .execute();
      for (const { stream_id: streamId } of rows) {
        if (closing.signal.aborted) return;
        await archiveLog(options, streamId);
        after = streamId;
      }
      if (rows.length < STREAMS_AT_ONCE) return;
    }
  };

  const look = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await options.locks
        .holdIfFree('archiving logs', archive)
        .catch((error: unknown) => closing.signal.aborted || options.onTrouble(error));
      await events.wait('logs:ended', EVERY_MS, closing.signal);
      // Those that end together come along.
      await pause(200, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const looking = look();

  return {
    archive,
    append: (streamId, data) =>
      write(
        streamId,
        (size) => ({ offset: size, bytes: toBytes(data) }),
        () => older.append(streamId, data),
      ),
    appendAt: (streamId, offset, data) =>
      write(
        streamId,
        (size) => {
          if (offset > size) {
            throw new SluiceError('conflict', `The log ends at byte ${size}, not at ${offset}.`, {
              reason: 'log_gap',
            });
          }
          return { offset: size, bytes: data.subarray(size - offset) };
        },
        () => older.appendAt(streamId, offset, data),
      ),
    read: async (streamId, offset, limit) => {
      checkStreamId(streamId);
      for (let tries = 1; tries <= 3; tries += 1) {
        const found = await readOnce(streamId, offset, limit);
        if (found !== null) return found;
      }
      throw new SluiceError('unavailable', `The log ${streamId} is not in the storage.`, {
        reason: 'log_lost',
      });
    },
    size: async (streamId) => {
      checkStreamId(streamId);
      return (await readStream(db, streamId))?.size ?? older.size(streamId);
    },
    isEnded: async (streamId) => {
      checkStreamId(streamId);
      return (await readStream(db, streamId))?.ended ?? older.isEnded(streamId);
    },
    arrivals: async (streamId) => {
      checkStreamId(streamId);
      const stream = await readStream(db, streamId);
      if (stream === null) return older.arrivals(streamId);
      const { archivedBytes } = stream;
      const kept = archivedBytes === 0 ? [] : await storedArrivals(blobs, streamId, archivedBytes);
      const rows = await db
        .selectFrom('log_chunks')
        .select(['start_byte', 'arrived_at'])
        .where('stream_id', '=', streamId)
        .where('start_byte', '>=', archivedBytes)
        .orderBy('start_byte')
        .execute();
      return [
        ...kept,
        ...rows.map(({ start_byte, arrived_at }) => ({ offset: start_byte, time: arrived_at })),
      ];
    },
    end: async (streamId) => {
      checkStreamId(streamId);
      if ((await readStream(db, streamId)) === null && (await isOlder(streamId))) {
        return older.end(streamId);
      }
      await groupCommit(async (trx) => {
        await ensureStream(trx, streamId);
        await trx
          .updateTable('log_streams')
          .set({ ended_at: new Date().toISOString() })
          .where('stream_id', '=', streamId)
          .where('ended_at', 'is', null)
          .execute();
        events.emit(`log:${streamId}`, trx);
        events.emit('logs:ended', trx);
      });
    },
    remove: async (streamId) => {
      checkStreamId(streamId);
      const stream = await readStream(db, streamId);
      if (stream !== null && stream.archivedBytes > 0) {
        const { archivedBytes } = stream;
        await blobs.remove([logKey(streamId, archivedBytes), timesKey(streamId, archivedBytes)]);
      }
      await options.transaction(async (trx) => {
        await trx.deleteFrom('log_chunks').where('stream_id', '=', streamId).execute();
        await trx.deleteFrom('log_streams').where('stream_id', '=', streamId).execute();
      });
      await older.remove(streamId);
    },
    close: async () => {
      closing.abort();
      await looking;
    },
  };
}
