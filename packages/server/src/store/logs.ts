import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import { createTurns } from '../turns.ts';
import type { EventBus } from './bus.ts';
import { type Arrival, createLogTimes, readArrivals } from './log-times.ts';

/**
 * Append-only byte streams, one file each under `<data>/logs`. An ended stream has an empty file
 * `<stream>.log.ended` beside it, and `<stream>.log.times` says when its bytes arrived. Appends to one stream run one after the
 * other; every append emits `log:<streamId>`.
 */
export interface LogStore {
  /** Appends and answers the stream's new size in bytes. */
  append(streamId: string, data: string | Uint8Array): Promise<number>;
  /**
   * Appends bytes whose place in the stream is known; what is there already is skipped, so a chunk may be
   * sent twice. Throws `conflict` (reason `log_gap`) when `offset` lies beyond the stream's end.
   */
  appendAt(streamId: string, offset: number, data: Uint8Array): Promise<number>;
  /** At most `limit` bytes from `offset`; `size` is the whole stream's. An unknown stream is empty. */
  read(
    streamId: string,
    offset: number,
    limit: number,
  ): Promise<{ bytes: Buffer; size: number; ended: boolean }>;
  size(streamId: string): Promise<number>;
  end(streamId: string): Promise<void>;
  isEnded(streamId: string): Promise<boolean>;
  /** When its bytes arrived, by rising offset; empty for a stream that was written before times were kept. */
  arrivals(streamId: string): Promise<Arrival[]>;
  remove(streamId: string): Promise<void>;
}

const STREAM_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,120}$/;

/** Throws `invalid` for what must not become the name of a file. */
export function checkStreamId(streamId: string): void {
  if (!STREAM_ID.test(streamId)) throw new SluiceError('invalid', `Bad log name: ${streamId}`);
}

export function createLogStore(directory: string, events: EventBus): LogStore {
  /** One writer at a time for each stream. */
  const turns = createTurns();
  const times = createLogTimes();

  const fileOf = (streamId: string): string => {
    checkStreamId(streamId);
    return join(directory, `${streamId}.log`);
  };

  const sizeOf = async (file: string): Promise<number> => {
    try {
      return (await stat(file)).size;
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  };

  const write = async (file: string, bytes: Uint8Array): Promise<number> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a', 0o600);
    try {
      await times.note(timesOf(file), (await handle.stat()).size);
      await handle.appendFile(bytes);
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  };

  const isEnded = async (streamId: string): Promise<boolean> => {
    try {
      await stat(`${fileOf(streamId)}.ended`);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };

  return {
    append: (streamId, data) =>
      turns.take(streamId, async () => {
        const size = await write(fileOf(streamId), toBytes(data));
        events.emit(`log:${streamId}`);
        return size;
      }),

    appendAt: (streamId, offset, data) =>
      turns.take(streamId, async () => {
        const file = fileOf(streamId);
        const size = await sizeOf(file);
        if (offset > size) {
          throw new SluiceError('conflict', `The log ends at byte ${size}, not at ${offset}.`, {
            reason: 'log_gap',
          });
        }
        const fresh = data.subarray(size - offset);
        if (fresh.length === 0) return size;
        const grown = await write(file, fresh);
        events.emit(`log:${streamId}`);
        return grown;
      }),

    read: async (streamId, offset, limit) => {
      // Asked before reading: a stream that ended in between is then read once more, never cut short.
      const ended = await isEnded(streamId);
      const file = fileOf(streamId);
      const size = await sizeOf(file);
      const length = Math.max(0, Math.min(limit, size - offset));
      if (length === 0) return { bytes: Buffer.alloc(0), size, ended };
      const handle = await open(file, 'r');
      try {
        const buffer = Buffer.allocUnsafe(length);
        const { bytesRead } = await handle.read(buffer, 0, length, offset);
        return { bytes: buffer.subarray(0, bytesRead), size, ended };
      } finally {
        await handle.close();
      }
    },

    size: (streamId) => sizeOf(fileOf(streamId)),
    isEnded,
    arrivals: (streamId) => readArrivals(timesOf(fileOf(streamId))),

    end: (streamId) =>
      turns.take(streamId, async () => {
        times.forget(timesOf(fileOf(streamId)));
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFile(`${fileOf(streamId)}.ended`, '', { mode: 0o600 });
        events.emit(`log:${streamId}`);
      }),

    remove: (streamId) =>
      turns.take(streamId, async () => {
        const name = `${streamId}.log`;
        times.forget(timesOf(fileOf(streamId)));
        const entries = await readdir(directory).catch(() => []);
        for (const entry of entries) {
          if (entry === name || entry === `${name}.ended` || entry === timesOf(name)) {
            await rm(join(directory, entry), { force: true });
          }
        }
      }),
  };
}

const timesOf = (file: string): string => `${file}.times`;

export function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
