import type { Change } from '@sluice/contract';
import { type ChangeListener, type Connection, openChangeSource } from './change-source.ts';

const NAME = 'sluice-changes';

type Message =
  | { readonly kind: 'change'; readonly change: Change; readonly id: string }
  | { readonly kind: 'reset'; readonly id: string }
  | { readonly kind: 'connection'; readonly connection: Connection; readonly id: string }
  | { readonly kind: 'refused' }
  /** A tab was opened and wants to know how things stand. */
  | { readonly kind: 'hello' };

/**
 * One stream for all tabs: browsers open six connections to a server over HTTP/1.1, and a stream a tab would use them
 * up. The tab that holds the lock reads and tells the others; when it is closed, another one goes on after the last id
 * that it heard of. Where there are no locks (plain HTTP on a network), each tab reads for itself.
 */
export function openSharedSource(listener: ChangeListener): () => void {
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    return openChangeSource('', listener);
  }
  const channel = new BroadcastChannel(NAME);
  const ended = new AbortController();
  let place = '';
  let connection: Connection = 'connecting';
  let isReader = false;

  const hear = (message: Message) => {
    if ('id' in message && message.id !== '') place = message.id;
    if (message.kind === 'change') listener.change(message.change, message.id);
    else if (message.kind === 'reset') listener.reset(message.id);
    else if (message.kind === 'refused') listener.refused();
    else if (message.kind === 'connection') {
      connection = message.connection;
      listener.connection(connection);
    } else if (isReader) channel.postMessage({ kind: 'connection', connection, id: place });
  };
  const tell = (message: Message) => {
    if (ended.signal.aborted) return;
    hear(message);
    channel.postMessage(message);
  };

  channel.addEventListener('message', (event: MessageEvent<Message>) => hear(event.data));
  channel.postMessage({ kind: 'hello' } satisfies Message);

  const read = () =>
    new Promise<void>((resolve) => {
      // Its turn came in the moment in which it was closed.
      if (ended.signal.aborted) {
        resolve();
        return;
      }
      isReader = true;
      const close = openChangeSource(place, {
        change: (change, id) => tell({ kind: 'change', change, id }),
        reset: (id) => tell({ kind: 'reset', id }),
        connection: (next) => tell({ kind: 'connection', connection: next, id: '' }),
        refused: () => tell({ kind: 'refused' }),
      });
      ended.signal.addEventListener('abort', () => {
        close();
        resolve();
      });
    });
  navigator.locks.request(NAME, { signal: ended.signal }, read).catch((error: unknown) => {
    // Closed while it waited for its turn.
    if (!ended.signal.aborted) throw error;
  });

  return () => {
    ended.abort();
    channel.close();
  };
}
