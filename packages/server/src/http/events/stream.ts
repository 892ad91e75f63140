import type { ServerResponse } from 'node:http';
import type { Changes, NumberedChange } from '../../store/index.ts';
import { changed, heartbeat, hello, reset } from './frames.ts';
import type { PlacedChange } from './scopes.ts';

export interface StreamTiming {
  /** Changes of one thing within so long are told once. */
  readonly gatherMs: number;
  readonly heartbeatMs: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly stalledMs: number;
}

export interface StreamDeps {
  readonly changes: Changes;
  readonly response: ServerResponse;
  /** Where the reader was: an id of an earlier stream; null: it begins now. */
  readonly lastId: string | null;
  readonly place: (change: NumberedChange) => Promise<PlacedChange>;
  readonly hears: (placed: PlacedChange) => Promise<boolean>;
  /** Asks again who is there: `ended` closes the stream, `changed` means that other things may be visible now. */
  readonly recheck: (because: PlacedChange | null) => Promise<'same' | 'changed' | 'ended'>;
  readonly onError: (error: unknown) => void;
  readonly timing: StreamTiming;
}

/** More different things than this at once, and reading everything again costs less. */
const MOST_PENDING = 2_000;

/**
 * One reader of the changes. What it has not been told yet is gathered by the thing that changed, in the order of the
 * newest change of each: so whatever id the reader saw last, everything after it is still to come. Never more than
 * that is kept for a reader that is slow, and nothing is written while it does not read.
 */
export function openStream(deps: StreamDeps): { close(): void } {
  const { changes, response, timing } = deps;
  let pending = new Map<string, NumberedChange>();
  let mustReset = false;
  let told = changes.lastId();
  let timer: NodeJS.Timeout | null = null;
  let working = false;
  let closed = false;
  let lastWritable = Date.now();

  const write = (frame: string): void => {
    if (!closed) response.write(frame);
  };
  const isStuck = () => response.writableNeedDrain;

  const take = (change: NumberedChange): void => {
    const key = `${change.kind} ${change.id}`;
    // Taken out first: a map keeps the order in which keys came.
    pending.delete(key);
    pending.set(key, change);
    if (pending.size > MOST_PENDING) {
      pending.clear();
      mustReset = true;
    }
  };

  const soon = (): void => {
    if (timer !== null || working || closed) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, timing.gatherMs);
  };

  const flush = async (): Promise<void> => {
    if (working || closed || isStuck()) return;
    working = true;
    try {
      await tellAll();
    } catch (error) {
      deps.onError(error);
      // The reader comes back to where it was.
      close();
    } finally {
      working = false;
    }
    if (pending.size > 0 || mustReset) soon();
  };

  const tellAll = async (): Promise<void> => {
    const batch = pending;
    const upTo = changes.lastId();
    pending = new Map();
    for (const change of batch.values()) {
      const placed = await deps.place(change);
      if (concernsPeople(change)) {
        const now = await deps.recheck(placed);
        if (now === 'ended') return close();
        if (now === 'changed') mustReset = true;
      }
      if (await deps.hears(placed)) write(changed(changes.idOf(change.number), placed.change));
    }
    if (mustReset) {
      mustReset = false;
      write(reset(upTo));
    }
    told = upTo;
  };

  const beat = async (): Promise<void> => {
    if (isStuck()) {
      if (Date.now() - lastWritable > timing.stalledMs) close();
      return;
    }
    lastWritable = Date.now();
    const now = await deps.recheck(null).catch((error: unknown) => {
      deps.onError(error);
      return 'same' as const;
    });
    if (now === 'ended') return close();
    if (now === 'changed') {
      mustReset = true;
      soon();
    }
    write(heartbeat(told));
  };

  const beating = setInterval(() => void beat(), timing.heartbeatMs);
  const off = changes.on((change) => {
    take(change);
    soon();
  });
  const offLost = changes.onLost(() => {
    pending.clear();
    mustReset = true;
    soon();
  });
  const onDrain = () => {
    lastWritable = Date.now();
    soon();
  };
  response.on('drain', onDrain);

  const close = (): void => {
    if (closed) return;
    closed = true;
    off();
    offLost();
    clearInterval(beating);
    if (timer !== null) clearTimeout(timer);
    response.off('drain', onDrain);
    // A reader that does not read would hold its end back for ever.
    if (isStuck()) response.destroy();
    else response.end();
  };

  // Nothing may be awaited between these two and the listening above: no change falls in between.
  const missed = deps.lastId === null ? [] : changes.since(deps.lastId);
  if (missed === null) {
    told = changes.lastId();
    write(hello(told) + reset(told));
  } else {
    if (deps.lastId !== null) told = deps.lastId;
    write(hello(told));
    for (const change of missed) take(change);
    if (pending.size > 0 || mustReset) soon();
  }
  return { close };
}

/** Changes after which somebody may see more or less than before, or be signed out. */
const concernsPeople = ({ kind }: NumberedChange): boolean =>
  kind === 'member' || kind === 'token' || kind === 'session' || kind === 'user';
