import type { Change } from '@sluice/contract';
import type { QueryClient } from '@tanstack/react-query';

export type Connection = 'connecting' | 'live' | 'lost';

/** What a change makes stale: itself by kind and id, and the lists that show it. */
export function staleKeys(change: Change): readonly (readonly string[])[] {
  const own = [change.kind, change.id] as const;
  const application = change.application ?? (change.kind === 'application' ? change.id : null);
  const gathered = application === null ? [] : [['application', application] as const];
  switch (change.kind) {
    case 'member':
    case 'user':
    case 'token':
      return [['people'], ['account'], ['session']];
    case 'system':
      return [['system']];
    default:
      return [own, ['overview'], ...gathered];
  }
}

/**
 * Keeps what was read as fresh as the server says. The browser reconnects by itself and sends the last id; after a
 * `reset` everything is read again. Returns a function that ends it.
 */
export function followChanges(
  queryClient: QueryClient,
  onConnection: (connection: Connection) => void,
): () => void {
  const source = new EventSource('/events/v3/');
  source.addEventListener('open', () => onConnection('live'));
  source.addEventListener('error', () => onConnection('lost'));
  source.addEventListener('change', (event) => {
    const change: Change = JSON.parse(event.data);
    for (const queryKey of staleKeys(change)) void queryClient.invalidateQueries({ queryKey });
  });
  source.addEventListener('reset', () => void queryClient.invalidateQueries());
  return () => source.close();
}
