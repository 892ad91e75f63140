import type { Readable } from 'node:stream';

/** Reads lines and runs of bytes from one stream, in turn. */
export interface ByteReader {
  /** The next line without its end; null when nothing more will come. Longer ones than the limit are dropped. */
  line(): Promise<string | null>;
  /** Exactly so many bytes in chunks. Throws when the stream ends before; is to be read to its end. */
  take(count: number): AsyncGenerator<Buffer>;
}

const NEWLINE = 0x0a;

export function createByteReader(stream: Readable, longestLine: number): ByteReader {
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await source.next().catch(() => ({ done: true as const, value: undefined }));
    if (next.done || next.value === undefined) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  };
  return {
    async line() {
      let dropping = false;
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        if (end >= 0) {
          const line = rest.subarray(0, end);
          rest = rest.subarray(end + 1);
          if (!dropping && line.length <= longestLine) return line.toString('utf8');
          dropping = false;
        } else {
          if (rest.length > longestLine) {
            dropping = true;
            rest = Buffer.alloc(0);
          }
          if (!(await more())) return null;
        }
      }
    },
    async *take(count) {
      let left = count;
      while (left > 0) {
        if (rest.length === 0 && !(await more())) throw new Error('The job has gone silent.');
        const chunk = rest.subarray(0, left);
        rest = rest.subarray(chunk.length);
        left -= chunk.length;
        yield chunk;
      }
    },
  };
}
