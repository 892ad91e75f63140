import type { LogLine } from '@sluice/contract';
import type { SourceLine } from './source.ts';

/** Fetches lines from `from` on: as many as fit into an answer, at most `count`. */
export type FetchLines = (from: number, count: number) => Promise<readonly LogLine[]>;

/** Lines that were read, by pages of so many. */
export const PAGE_LINES = 200;
const MOST_PAGES = 60;
const RETRY_MS = 2_000;

/** Keeps the pages of lines that were looked at last, and fetches those that are looked at now. */
export function createLinePages(
  fetchLines: FetchLines,
  onChange: () => void,
  onError: (error: unknown) => void,
) {
  /** The least recently looked at first. */
  const pages = new Map<number, Map<number, SourceLine>>();
  const fetching = new Set<number>();

  const store = (lines: readonly LogLine[]) => {
    for (const { n, text, at } of lines) {
      const page = Math.floor((n - 1) / PAGE_LINES);
      const known = pages.get(page) ?? new Map<number, SourceLine>();
      known.set(n, { text, at });
      pages.delete(page);
      pages.set(page, known);
    }
    for (const page of pages.keys()) {
      if (pages.size <= MOST_PAGES) break;
      pages.delete(page);
    }
  };

  const load = async (page: number, from: number, last: number) => {
    fetching.add(page);
    try {
      for (let next = from; next <= last; ) {
        const lines = await fetchLines(next, last - next + 1);
        const end = lines.at(-1)?.n;
        if (end === undefined) break;
        store(lines);
        onChange();
        next = end + 1;
      }
      fetching.delete(page);
    } catch (error) {
      onError(error);
      // Not asked again at once: whatever looks at these lines asks with every frame.
      setTimeout(() => {
        fetching.delete(page);
        onChange();
      }, RETRY_MS);
    }
  };

  return {
    get: (line: number) => pages.get(Math.floor((line - 1) / PAGE_LINES))?.get(line),
    /** Fetches what is missing of lines `first` to `last`, by whole pages up to line `total`. */
    need: (first: number, last: number, total: number) => {
      const end = Math.min(last, total);
      for (let page = Math.floor((Math.max(1, first) - 1) / PAGE_LINES); ; page += 1) {
        const start = page * PAGE_LINES + 1;
        if (start > end) return;
        const stop = Math.min(start + PAGE_LINES - 1, total);
        const known = pages.get(page);
        let missing = start;
        while (missing <= stop && known?.has(missing)) missing += 1;
        const wanted = Math.min(stop, Math.max(end, start));
        if (missing <= wanted && !fetching.has(page)) void load(page, missing, stop);
      }
    },
    clear: () => pages.clear(),
  };
}
