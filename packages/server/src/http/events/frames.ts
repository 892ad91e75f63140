import type { Change } from '@sluice/contract';

/** The lines of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */

/** How long a client waits before it comes back, ms. */
const RETRY_MS = 1_000;

/** First of all, so that a client that hears nothing for a while still has a place to come back to. */
export const hello = (id: string): string => `retry: ${RETRY_MS}\nid: ${id}\n\n`;

export const changed = (id: string, { kind, id: of, application }: Change): string =>
  `id: ${id}\nevent: change\ndata: ${JSON.stringify({ kind, id: of, application })}\n\n`;

export const reset = (id: string): string => `id: ${id}\nevent: reset\ndata: {}\n\n`;

/** Shows both sides that the line is alive, and moves the client's place on past what it may not hear. */
export const heartbeat = (id: string): string => `id: ${id}\nevent: heartbeat\ndata: {}\n\n`;
