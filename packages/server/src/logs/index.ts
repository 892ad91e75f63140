import { Readable } from 'node:stream';
import type { Store } from '../store/index.ts';
import type { Fold, FoldLayout, Timing } from './folds.ts';
import { createFollower, type Followed, type Follower, type StreamPart } from './follow.ts';
import { arrivalOf, createIndexCache, type IndexedLog, type LogKind } from './index-cache.ts';
import { type ReadLine, readLines } from './read-lines.ts';
import { searchLog } from './search.ts';

export type { Followed, StreamPart, Watcher } from './follow.ts';

/** A log as its readers name it. */
export interface ReadableLog extends Followed {
  readonly kind: LogKind;
}

export interface Outline {
  readonly lines: number;
  readonly bytes: number;
  /** The line that is being written or comes next, and where it begins; of a long one where it goes on. */
  readonly tail: { readonly line: number; readonly offset: number };
  readonly ended: boolean;
  readonly folds: readonly OutlineFold[];
  readonly timings: readonly Timing[];
}

export interface OutlineFold extends Pick<Fold, 'name' | 'start' | 'end' | 'durationMs'> {
  readonly title: string;
}

/** Logs as readers of lines see them: which lines there are, what they say, where something stands, what is new. */
export interface Logs extends Pick<Follower, 'follow'> {
  outline(log: ReadableLog): Promise<Outline>;
  /** At most 1000 lines and about 1 MB from line `from` (1 is the first) on. */
  lines(
    log: ReadableLog,
    from: number,
    count: number,
  ): Promise<{ lines: readonly ReadLine[]; total: number; ended: boolean }>;
  /** Numbers of lines that show `query`; `complete` is false when there are more, or `signal` aborted. */
  search(
    log: ReadableLog,
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ lines: number[]; complete: boolean }>;
  size(log: ReadableLog): Promise<number>;
  /** The bytes from `start` up to `end`, not beyond what is there. */
  bytes(log: ReadableLog, start: number, end: number): Readable;
}

const READ_BYTES = 262_144;

/** `encode` makes of a part what watchers are sent. */
export function createLogs(
  store: Pick<Store, 'logs' | 'events'>,
  encode: (part: StreamPart) => Buffer,
): Logs {
  const { logs } = store;
  const cache = createIndexCache(store);
  const isEnded = async (log: ReadableLog, ended: boolean) => ended || (await log.isOver());

  return {
    follow: createFollower(store, encode).follow,
    outline: async (log) => {
      const found = await cache.of(log.streamId, log.kind, (indexed) => ({
        ...{ lines: indexed.lines, bytes: indexed.size, ended: indexed.ended },
        tail: {
          line: indexed.index.lines + 1,
          offset: indexed.index.insideLine ? indexed.size : indexed.index.bytes,
        },
        ...describe(indexed, log.kind),
      }));
      return { ...found, ended: await isEnded(log, found.ended) };
    },
    lines: async (log, from, count) => {
      const found = await readLines(logs, cache, log, from, count);
      return { ...found, ended: await isEnded(log, found.ended) };
    },
    search: (log, query, limit, signal) => searchLog(logs, log.streamId, query, limit, signal),
    size: (log) => logs.size(log.streamId),
    bytes: (log, start, end) => Readable.from(readBetween(logs, log.streamId, start, end)),
  };
}

async function* readBetween(
  logs: Store['logs'],
  streamId: string,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const { bytes } = await logs.read(streamId, at, Math.min(READ_BYTES, end - at));
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}

function describe(
  indexed: IndexedLog,
  kind: LogKind,
): { folds: OutlineFold[]; timings: readonly Timing[] } {
  const { folds, timings } = indexed.index.layout(indexed.rest);
  return {
    timings,
    folds: folds.map((fold) => ({
      ...{ name: fold.name, title: fold.title ?? fold.name, start: fold.start, end: fold.end },
      durationMs: kind === 'deployment' ? sectionMs(fold, indexed) : fold.durationMs,
    })),
  };
}

/** A deployment's log has no times of its own: a section took as long as it was until the next one arrived. */
function sectionMs(fold: FoldLayout['folds'][number], { arrivals }: IndexedLog): number | null {
  if (fold.endOffset === null) return null;
  const began = arrivalOf(arrivals, fold.startOffset);
  const ended = arrivalOf(arrivals, fold.endOffset);
  return began === null || ended === null ? null : Math.max(0, ended - began);
}
