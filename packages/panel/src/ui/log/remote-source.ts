import type { LogLines, LogMatches, LogOutline, LogPart } from '@sluice/contract';
import { ApiError, api } from '../../api/client.ts';
import { createLinePages } from './line-pages.ts';
import { createLiveLines, type LiveLines } from './live-lines.ts';
import { createAnnouncer, type LogSource, type LogState, NOTHING } from './source.ts';

/** Marks in what comes in after which the folds are read again. */
const LAYOUT_MARKS = /travis_fold:|travis_time:end|^===== /m;
const LAYOUT_EVERY_MS = 1_500;
const RETRY_MS = 3_000;
/** A page in the background lets go of its stream after a while: a browser has few connections to one server. */
const HIDDEN_MS = 20_000;
const MOST_READ = 20_000;

/**
 * The log of a job or a deployment below `path`, such as `/ci/v3/jobs/7/log/`. Lines are fetched where they are looked
 * at; what is new comes as server-sent events.
 */
export function createRemoteSource(path: string, attempt?: number): LogSource {
  const { subscribe, announce } = createAnnouncer();
  let state: LogState = NOTHING;
  let live: LiveLines | null = null;
  /** Where the stream goes on. */
  let offset = 0;
  let stream: EventSource | null = null;
  let layoutTimer: ReturnType<typeof setTimeout> | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | null = null;
  let hiddenTimer: ReturnType<typeof setTimeout> | null = null;
  let stopped = true;
  let beginnings = 0;

  const change = (part: Partial<LogState>) => {
    state = { ...state, ...part };
    announce();
  };
  const get = <T>(rest: string, query: Record<string, string | number>, signal?: AbortSignal) =>
    api.send<T>('GET', `${path}${rest}`, {
      query: { attempt, ...query },
      ...(signal === undefined ? {} : { signal }),
    });

  const lastFetched = () => (live === null ? state.total : live.first - 1);

  const pages = createLinePages(
    async (from, count) => {
      const { lines } = await get<LogLines>('lines/', { from, count });
      if (state.error !== null) change({ error: null });
      // The last ones may still be written to; they come by the stream.
      return lines.filter(({ n }) => n <= lastFetched());
    },
    () => change({}),
    (error) => change({ error }),
  );

  const readLayout = async () => {
    const outline = await get<LogOutline>('outline/', {});
    change({
      ready: true,
      error: null,
      total: Math.max(outline.lines, live?.total ?? 0),
      folds: outline.folds,
      timings: new Map(outline.timings.map(({ line, duration_ms }) => [line, duration_ms])),
    });
    return outline;
  };

  const begin = async () => {
    beginnings += 1;
    const mine = beginnings;
    try {
      const outline = await readLayout();
      if (stopped || mine !== beginnings) return;
      if (outline.ended) return change({ ended: true });
      live = createLiveLines(outline.tail.line);
      offset = outline.tail.offset;
      follow();
    } catch (error) {
      change({ error });
      // What is refused stays refused; a server that restarts comes back.
      if (!(error instanceof ApiError && error.status < 500)) retry(() => void begin());
    }
  };

  const retry = (work: () => void) => {
    if (stopped || retryTimer !== null) return;
    retryTimer = setTimeout(() => {
      retryTimer = null;
      if (!stopped) work();
    }, RETRY_MS);
  };

  const layoutSoon = () => {
    if (layoutTimer !== null || stopped) return;
    // A little apart from the others who watch the same log.
    const wait = LAYOUT_EVERY_MS + Math.random() * 500;
    layoutTimer = setTimeout(() => {
      layoutTimer = null;
      readLayout().catch(() => undefined);
    }, wait);
  };

  const follow = () => {
    if (stopped || live === null || stream !== null) return;
    const address = new URL(`${path}stream/`, location.origin);
    address.searchParams.set('offset', String(offset));
    if (attempt !== undefined) address.searchParams.set('attempt', String(attempt));
    const source = new EventSource(address);
    stream = source;
    source.addEventListener('message', (event) => take(JSON.parse(event.data), event.lastEventId));
    source.addEventListener('end', () => {
      unfollow();
      change({ ended: true });
      readLayout().catch(() => undefined);
    });
    source.addEventListener('open', () => {
      if (state.error !== null) change({ error: null });
    });
    source.addEventListener('error', () => {
      // While it is only interrupted the browser goes on by itself.
      if (source.readyState !== EventSource.CLOSED || stream !== source) return;
      unfollow();
      retry(follow);
    });
  };

  const take = (part: LogPart, id: string) => {
    if (live === null || part.offset !== offset) return startAnew();
    offset = Number(id);
    live.push(part.text, part.at);
    change({ total: Math.max(state.total, live.total), error: null });
    if (LAYOUT_MARKS.test(part.text)) layoutSoon();
  };

  /** The log is not the one that was followed; it was put back to an earlier state. */
  const startAnew = () => {
    unfollow();
    pages.clear();
    live = null;
    state = NOTHING;
    void begin();
  };

  const unfollow = () => {
    stream?.close();
    stream = null;
  };

  const onVisibility = () => {
    if (hiddenTimer !== null) clearTimeout(hiddenTimer);
    hiddenTimer = null;
    if (document.visibilityState === 'hidden') hiddenTimer = setTimeout(unfollow, HIDDEN_MS);
    else if (live !== null && !state.ended) follow();
  };

  return {
    subscribe,
    state: () => state,
    line: (number) => live?.get(number) ?? pages.get(number),
    need: (first, last) => pages.need(first, last, lastFetched()),
    read: async (first, last) => {
      const stop = Math.min(last, state.total, first + MOST_READ - 1);
      const read: { text: string; at: string | null }[] = [];
      while (first + read.length <= stop) {
        const from = first + read.length;
        const { lines } = await get<LogLines>('lines/', {
          from,
          count: Math.min(1_000, stop - from + 1),
        });
        if (lines.length === 0) break;
        read.push(...lines);
      }
      return read;
    },
    search: (query, signal) => get<LogMatches>('search/', { q: query, limit: 5_000 }, signal),
    download: `${path}raw/${attempt === undefined ? '' : `?attempt=${attempt}`}`,
    start: () => {
      stopped = false;
      document.addEventListener('visibilitychange', onVisibility);
      if (live === null) void begin();
      else if (!state.ended) follow();
      return () => {
        stopped = true;
        document.removeEventListener('visibilitychange', onVisibility);
        unfollow();
        for (const timer of [layoutTimer, retryTimer, hiddenTimer]) {
          if (timer !== null) clearTimeout(timer);
        }
        layoutTimer = null;
        retryTimer = null;
        hiddenTimer = null;
      };
    },
  };
}
