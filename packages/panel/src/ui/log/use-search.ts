import { useEffect, useRef, useState } from 'react';
import type { LogSource } from './source.ts';

export interface LogSearch {
  readonly query: string;
  readonly setQuery: (query: string) => void;
  /** Null before anything was searched for. */
  readonly found: { readonly lines: readonly number[]; readonly complete: boolean } | null;
  readonly busy: boolean;
  readonly error: unknown;
  /** Place in `found.lines`. */
  readonly at: number;
  /** Goes to the next or the previous one, around the ends. */
  step(by: 1 | -1): void;
}

const TYPING_MS = 250;

/** Finds a text in a log. `show` is told the line to go to: the first one after `from()`, then one after the other. */
export function useSearch(
  source: LogSource,
  from: () => number,
  show: (line: number) => void,
): LogSearch {
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<LogSearch['found']>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [at, setAt] = useState(0);
  const latest = useRef({ from, show });
  latest.current = { from, show };

  useEffect(() => {
    setError(null);
    if (query.trim() === '') {
      setFound(null);
      setBusy(false);
      return;
    }
    const aborter = new AbortController();
    setBusy(true);
    const timer = setTimeout(async () => {
      try {
        const { lines, complete } = await source.search(query, aborter.signal);
        const here = latest.current.from();
        const next = lines.findIndex((line) => line >= here);
        const first = Math.max(next, 0);
        setFound({ lines, complete });
        setAt(first);
        setBusy(false);
        const line = lines[first];
        if (line !== undefined) latest.current.show(line);
      } catch (failure) {
        if (aborter.signal.aborted) return;
        setError(failure);
        setBusy(false);
      }
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [query, source]);

  return {
    ...{ query, setQuery, found, busy, error, at },
    step: (by) => {
      const lines = found?.lines ?? [];
      if (lines.length === 0) return;
      const next = (at + by + lines.length) % lines.length;
      setAt(next);
      const line = lines[next];
      if (line !== undefined) show(line);
    },
  };
}
