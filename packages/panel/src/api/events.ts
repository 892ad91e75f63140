import type { Change } from '@sluice/contract';
import type { QueryClient } from '@tanstack/react-query';
import type { Connection } from './change-source.ts';
import { keys } from './keys.ts';
import { openSharedSource } from './shared-source.ts';

export type { Connection } from './change-source.ts';

type Key = readonly unknown[];

/** What a change makes stale: itself by kind and id, and whatever else shows it. Only what is on the screen is read. */
export function staleKeys(change: Change): readonly Key[] {
  const own = [change.kind, change.id] as const;
  const application = change.application ?? (change.kind === 'application' ? change.id : null);
  const gathered = application === null ? [] : [['application', application] as const];
  switch (change.kind) {
    case 'member':
    case 'user':
    case 'token':
    case 'session':
    case 'organisation':
      // Whoever comes into an organisation, or an application, sees more, and offers more.
      return [['people'], ['account'], ['session'], ['overview'], ...gathered];
    case 'system':
      return change.id === 'audit' ? [['people', 'audit']] : [['system']];
    case 'instance':
    case 'variable':
    case 'domain':
    case 'service':
      // Shown on the page of their environment, which they do not name.
      return [own, ['environment'], ['overview'], ...gathered];
    case 'environment':
    case 'application':
      // What is live and which releases are kept is part of the story of every deployment.
      return [own, ['deployment'], ['overview'], ...gathered];
    case 'deployment':
    case 'job':
      // A build shows its jobs, and what its commit came to.
      return [own, ['build'], ['overview'], ...gathered];
    default:
      return [own, ['overview'], ...gathered];
  }
}

/** Several changes at once make one request. */
const GATHER_MS = 50;
/** What is being read just now may not show the change yet: it is read again afterwards. */
const AGAIN_MS = 250;
/** How often everything that is shown is read while the stream is away. */
const POLL_MS = 15_000;

/**
 * Keeps what was read as fresh as the server says, also when the stream breaks: what was missed is told when it is
 * back, and meanwhile everything that is shown is read now and then. Returns a function that ends it.
 */
export function followChanges(
  queryClient: QueryClient,
  onConnection: (connection: Connection) => void,
): () => void {
  const stale = new Map<string, Key>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  const refresh = () => {
    timer = undefined;
    for (const [name, queryKey] of stale) {
      // Asking again now would only throw the answer away; with many changes none would ever come.
      if (queryClient.isFetching({ queryKey }) > 0) continue;
      stale.delete(name);
      void queryClient.invalidateQueries({ queryKey });
    }
    if (stale.size > 0) soon(AGAIN_MS);
  };
  const soon = (ms: number) => {
    timer ??= setTimeout(refresh, ms);
  };

  /** What was read before the stream was open may have changed in between. */
  const readAgain = () => {
    for (const { queryKey } of queryClient.getQueryCache().findAll({ type: 'active' })) {
      stale.set(queryKey.join(' '), queryKey);
    }
    soon(GATHER_MS);
  };
  let wasLive = false;

  const close = openSharedSource({
    change: (change) => {
      for (const key of staleKeys(change)) stale.set(key.join(' '), key);
      soon(GATHER_MS);
    },
    reset: () => {
      stale.clear();
      void queryClient.invalidateQueries();
    },
    connection: (connection) => {
      onConnection(connection);
      clearInterval(poll);
      if (connection === 'live' && !wasLive) {
        wasLive = true;
        readAgain();
      }
      if (connection === 'lost') {
        poll = setInterval(() => void queryClient.invalidateQueries(), POLL_MS);
      }
    },
    refused: () => void queryClient.invalidateQueries({ queryKey: keys.session() }),
  });

  return () => {
    close();
    clearTimeout(timer);
    clearInterval(poll);
  };
}
