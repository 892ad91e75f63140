import type { LogFold, LogMatches } from '@sluice/contract';

export interface SourceLine {
  /** With its escape sequences. */
  readonly text: string;
  /** ISO 8601; null when it is not known. */
  readonly at: string | null;
}

/** What is known of a log at a moment. A new object whenever something changes, also when lines were read. */
export interface LogState {
  /** False until it was read for the first time. */
  readonly ready: boolean;
  readonly total: number;
  readonly ended: boolean;
  readonly folds: readonly LogFold[];
  /** How long commands outside of folds took, by line, in ms. */
  readonly timings: ReadonlyMap<number, number>;
  /** Why it cannot be read; it is tried again by itself. */
  readonly error: unknown;
}

/** A log that can be shown: where its lines come from is the source's business. */
export interface LogSource {
  subscribe(listener: () => void): () => void;
  state(): LogState;
  /** Undefined while it is not here; `need` fetches it. */
  line(number: number): SourceLine | undefined;
  /** Says which lines are looked at now. */
  need(first: number, last: number): void;
  /** All lines of a range, for copying. */
  read(first: number, last: number): Promise<readonly SourceLine[]>;
  search(query: string, signal: AbortSignal): Promise<LogMatches>;
  /** Where all of it can be downloaded; null where it cannot. */
  readonly download: string | null;
  /** Starts to follow what is new; returns how to stop. */
  start(): () => void;
}

export const NOTHING: LogState = {
  ready: false,
  total: 0,
  ended: false,
  folds: [],
  timings: new Map(),
  error: null,
};

/** Tells listeners of new states, at most once a frame. */
export function createAnnouncer() {
  const listeners = new Set<() => void>();
  let scheduled = false;
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    announce: () => {
      if (scheduled) return;
      scheduled = true;
      setTimeout(() => {
        scheduled = false;
        for (const listener of listeners) listener();
      }, 16);
    },
  };
}
