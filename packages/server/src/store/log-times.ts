import { open, readFile, stat, truncate } from 'node:fs/promises';

/** From byte `offset` on, what stands in a stream arrived at `time` (ms since the epoch) or up to 250 ms later. */
export interface Arrival {
  readonly offset: number;
  readonly time: number;
}

/**
 * When the bytes of streams arrived: beside each log a file of records of 16 bytes, offset and time as little-endian
 * doubles, at most four a second. A record is written before its bytes, so that after a crash one may point beyond
 * the log; the next one then takes its place. A record that was torn by a crash is not read, and cut off before the
 * next is written. Times are worth less than logs: a failure to write them is no failure.
 */
export interface LogTimes {
  /** To be called before bytes are appended at `offset`. Never throws. */
  note(file: string, offset: number): Promise<void>;
  /** Forgets what it remembers of a file that is ended or removed. */
  forget(file: string): void;
}

const RECORD_BYTES = 16;
const RESOLUTION_MS = 250;

export function createLogTimes(now: () => number = Date.now): LogTimes {
  /** When the last record of each file was made. */
  const last = new Map<string, number>();

  return {
    note: async (file, offset) => {
      const time = now();
      const before = last.get(file);
      if (before !== undefined && time >= before && time - before < RESOLUTION_MS) return;
      try {
        if (before === undefined) await mend(file);
        const record = recordOf({ offset, time });
        const handle = await open(file, 'a', 0o600);
        try {
          await handle.appendFile(record);
        } finally {
          await handle.close();
        }
        last.set(file, time);
      } catch {
        last.delete(file);
      }
    },
    forget: (file) => {
      last.delete(file);
    },
  };
}

/** What is known of a log's times, by rising offset; nothing for a log that was written before times were kept. */
export async function readArrivals(file: string): Promise<Arrival[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return arrivalsIn(bytes);
}

export function recordOf({ offset, time }: Arrival): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeDoubleLE(offset, 0);
  record.writeDoubleLE(time, 8);
  return record;
}

/** What the records say, without those that are torn or that later ones have overtaken. */
export function arrivalsIn(bytes: Buffer): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const arrival = { offset: bytes.readDoubleLE(at), time: bytes.readDoubleLE(at + 8) };
    // Zeros are what a power failure leaves of a record.
    if (!(arrival.offset >= 0 && arrival.time > 0)) continue;
    while ((arrivals.at(-1)?.offset ?? -1) >= arrival.offset) arrivals.pop();
    arrivals.push(arrival);
  }
  return arrivals;
}

/** Cuts off a record that a crash left unfinished: those after it would be read askew. */
async function mend(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size % RECORD_BYTES !== 0) await truncate(file, size - (size % RECORD_BYTES));
}
