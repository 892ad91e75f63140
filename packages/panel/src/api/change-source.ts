import type { Change } from '@sluice/contract';

/**
 * How things stand with the server's stream of changes. While it is `lost` the server may still answer (a proxy that
 * holds streams back), so what is shown is then read again now and then.
 */
export type Connection = 'connecting' | 'live' | 'lost';

export interface ChangeListener {
  change(change: Change, id: string): void;
  /** What was missed cannot be known. */
  reset(id: string): void;
  connection(connection: Connection): void;
  /** The server refused the stream: perhaps nobody is signed in any more. */
  refused(): void;
}

/** The server says something every 15 s; after twice that and more the line is dead, whatever the browser thinks. */
const SILENCE_MS = 40_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Reads `/events/v3/` for as long as it takes: what the browser gives up (a refused or silent connection) is opened
 * again with growing pauses, at once when the network or the reader comes back, and goes on after `lastId`.
 */
export function openChangeSource(lastId: string, listener: ChangeListener): () => void {
  let place = lastId;
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_RETRY_MS;
  let closed = false;
  /** Without a place to come back to, an opened stream says nothing of what was missed. */
  let opened = false;

  const heard = (event?: MessageEvent) => {
    if (event?.lastEventId) place = event.lastEventId;
    clearTimeout(silence);
    silence = setTimeout(open, SILENCE_MS);
  };

  const open = () => {
    if (closed) return;
    clearTimeout(retry);
    source?.close();
    const query = place === '' ? '' : `?last_event_id=${encodeURIComponent(place)}`;
    const next = new EventSource(`/events/v3/${query}`);
    source = next;
    next.addEventListener('open', () => {
      pause = FIRST_RETRY_MS;
      if (opened && place === '') listener.reset('');
      opened = true;
      heard();
      listener.connection('live');
    });
    next.addEventListener('heartbeat', heard);
    next.addEventListener('change', (event: MessageEvent<string>) => {
      heard(event);
      listener.change(JSON.parse(event.data) as Change, event.lastEventId);
    });
    next.addEventListener('reset', (event: MessageEvent<string>) => {
      heard(event);
      listener.reset(event.lastEventId);
    });
    next.addEventListener('error', () => {
      listener.connection('lost');
      clearTimeout(silence);
      // While it connects, the browser tries by itself and sends the last id.
      if (next.readyState !== EventSource.CLOSED) return;
      listener.refused();
      retry = setTimeout(open, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_RETRY_MS);
    });
  };

  const comeBack = () => {
    if (document.visibilityState === 'visible' && source?.readyState !== EventSource.OPEN) open();
  };
  window.addEventListener('online', comeBack);
  document.addEventListener('visibilitychange', comeBack);
  open();

  return () => {
    closed = true;
    clearTimeout(retry);
    clearTimeout(silence);
    window.removeEventListener('online', comeBack);
    document.removeEventListener('visibilitychange', comeBack);
    source?.close();
  };
}
