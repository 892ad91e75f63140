import type { AppLogs } from '@sluice/contract';
import { api } from '../../api/client.ts';
import {
  createAnnouncer,
  type LogSource,
  type LogState,
  NOTHING,
  type SourceLine,
} from './source.ts';

const EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 5_000;
/** Older lines are let go of. */
const MOST_LINES = 20_000;

/**
 * What an environment's instances write, from the newest lines on. Asked for once a second while somebody looks: the log
 * is cut into segments that disappear again, so a place in it is a cursor, and no offset that a stream could resume at.
 * With `only`, the lines of that service.
 */
export function createApplicationSource(environmentUuid: string, only: string | null): LogSource {
  const { subscribe, announce } = createAnnouncer();
  const lines: SourceLine[] = [];
  /** Lines that were let go of: the numbers of the others stay what they are. */
  let gone = 0;
  let next = `/apps/v3/environments/${encodeURIComponent(environmentUuid)}/logs/`;
  let state: LogState = NOTHING;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = true;
  let asking = false;

  const ask = async () => {
    if (asking) return;
    asking = true;
    let wait = EVERY_MS;
    try {
      const answer = await api.send<AppLogs>('GET', next);
      const address = new URL(answer.next);
      next = address.pathname + address.search;
      take(answer);
    } catch (error) {
      wait = AFTER_FAILURE_MS;
      state = { ...state, error };
      announce();
    }
    asking = false;
    if (!stopped) timer = setTimeout(() => void ask(), wait);
  };

  const take = ({ results }: AppLogs) => {
    const wanted = results.filter(({ service }) => only === null || service === only);
    if (state.ready && wanted.length === 0 && state.error === null) return;
    for (const { timestamp, service, message } of wanted) {
      lines.push({ text: `\u001b[36m${service}\u001b[0m  ${message}`, at: timestamp });
    }
    const tooMany = Math.max(0, lines.length - MOST_LINES);
    lines.splice(0, tooMany);
    gone += tooMany;
    state = { ...state, ready: true, error: null, total: gone + lines.length };
    announce();
  };

  const onVisibility = () => {
    if (document.visibilityState === 'hidden') pause();
    else if (timer === null && !stopped) void ask();
  };
  const pause = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const line = (number: number): SourceLine | undefined =>
    number <= gone ? { text: '', at: null } : lines[number - 1 - gone];

  return {
    subscribe,
    line,
    state: () => state,
    need: () => undefined,
    read: async (first, last) => lines.slice(Math.max(0, first - 1 - gone), last - gone),
    search: async (query) => {
      const wanted = query.toLowerCase();
      const found = lines.flatMap(({ text }, index) =>
        text.toLowerCase().includes(wanted) ? [index + 1 + gone] : [],
      );
      return { lines: found, complete: true };
    },
    download: null,
    start: () => {
      stopped = false;
      document.addEventListener('visibilitychange', onVisibility);
      void ask();
      return () => {
        stopped = true;
        document.removeEventListener('visibilitychange', onVisibility);
        pause();
      };
    },
  };
}
