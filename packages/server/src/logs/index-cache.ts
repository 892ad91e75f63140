import type { Store } from '../store/index.ts';
import type { Arrival } from '../store/log-times.ts';
import { createTurns } from '../turns.ts';
import { createLineIndex, type LineIndex } from './line-index.ts';
import { createSectionFolds } from './section-folds.ts';
import { createTravisFolds } from './travis-folds.ts';

export type LogKind = 'job' | 'deployment';

/** A log's index, brought up to `size`. */
export interface IndexedLog {
  readonly index: LineIndex;
  /** What follows `index.bytes`: the line that is being written. */
  readonly rest: Buffer;
  /** All lines, with the last one that has no end yet. */
  readonly lines: number;
  readonly size: number;
  /** Nothing will follow `size`. */
  readonly ended: boolean;
  readonly arrivals: readonly Arrival[];
}

export interface IndexCache {
  /**
   * Hands over the index of a log as it is now; only what was added since the last time is read. The index goes on
   * growing afterwards, so `use` takes from it what it needs at once.
   */
  of<T>(streamId: string, kind: LogKind, use: (log: IndexedLog) => T): Promise<T>;
}

const CHUNK_BYTES = 1_048_576;
const MAX_COST = 32 * 1_048_576;
const LONG_LINE_BYTES = 262_144;

/** Keeps the indexes of the logs that were read last, as many as fit into some memory. */
export function createIndexCache(
  { logs }: Pick<Store, 'logs'>,
  maxCost = MAX_COST,
  chunkBytes = CHUNK_BYTES,
): IndexCache {
  /** The least recently read first. */
  const kept = new Map<string, { index: LineIndex; arrivals: Arrival[]; arrivalsAt: number }>();
  const turns = createTurns();

  const shrink = () => {
    let cost = 0;
    for (const [streamId, entry] of [...kept].reverse()) {
      cost += entry.index.cost + entry.arrivals.length * 40;
      if (cost > maxCost) kept.delete(streamId);
    }
  };

  const bringUp = async (streamId: string, kind: LogKind): Promise<IndexedLog> => {
    let entry = kept.get(streamId);
    const known = await logs.size(streamId);
    if (entry === undefined || entry.index.bytes > known) {
      const folds = kind === 'job' ? createTravisFolds() : createSectionFolds();
      const index = createLineIndex(folds, Math.min(LONG_LINE_BYTES, chunkBytes));
      entry = { index, arrivals: [], arrivalsAt: -1 };
    }
    const { index } = entry;
    kept.delete(streamId);
    kept.set(streamId, entry);
    for (;;) {
      const { bytes, size, ended } = await logs.read(streamId, index.bytes, chunkBytes);
      const reachesEnd = index.bytes + bytes.length >= size;
      const taken = index.push(bytes);
      if (!reachesEnd && taken > 0) continue;
      if (entry.arrivalsAt !== size) {
        entry.arrivals = await logs.arrivals(streamId);
        entry.arrivalsAt = size;
      }
      shrink();
      const rest = bytes.subarray(taken);
      const lines = index.lines + (index.insideLine || rest.length > 0 ? 1 : 0);
      return { ...{ index, lines, size, ended, rest }, arrivals: entry.arrivals };
    }
  };

  return {
    of: (streamId, kind, use) =>
      turns.take(streamId, async () => use(await bringUp(streamId, kind))),
  };
}

/** When byte `offset` arrived, in ms; null when that is not known. */
export function arrivalOf(arrivals: readonly Arrival[], offset: number): number | null {
  let low = 0;
  let high = arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arrivals[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return arrivals[low - 1]?.time ?? null;
}
