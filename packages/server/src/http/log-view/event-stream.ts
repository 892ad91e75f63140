import type { ServerResponse } from 'node:http';
import type { StreamPart, Watcher } from '../../logs/index.ts';

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of one log, one connection each. */
export interface EventStreams {
  /** Answers `response` with the head of a stream; `watcher` writes its events. */
  open(response: ServerResponse): Watcher;
  readonly count: number;
  /** Ends all of them; their readers come back, and find the server that follows. */
  close(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // For nginx, which would otherwise hold events back.
  'x-accel-buffering': 'no',
} as const;

const HEARTBEAT_MS = 15_000;
/** A reader comes back after so long and is asked again who they are: rights may have been taken away meanwhile. */
const LONGEST_MS = 10 * 60_000;
/** Whoever has not read for so long has gone, whatever the network says. */
const STALLED_MS = 60_000;
/** With so much waiting to be sent a reader gets no more for now. Frames are shared, so many readers cost little. */
const MOST_WAITING_BYTES = 262_144;
const HEARTBEAT = Buffer.from(': still here\n\n');
const HELLO = 'retry: 1000\n\n';
const END = 'event: end\ndata: {}\n\n';

/** What a watcher is sent of a part: its id is where to go on. */
export function encodePart({ offset, text, nextOffset, at }: StreamPart): Buffer {
  const data = JSON.stringify({
    offset,
    text,
    at: at === null ? null : new Date(at).toISOString(),
  });
  return Buffer.from(`id: ${nextOffset}\ndata: ${data}\n\n`);
}

interface Connection {
  readonly response: ServerResponse;
  readonly since: number;
  stalledSince: number | null;
}

export function createEventStreams(): EventStreams {
  const connections = new Set<Connection>();
  let beating: NodeJS.Timeout | null = null;

  const beat = () => {
    const now = Date.now();
    for (const connection of connections) {
      const { response } = connection;
      if (response.writableNeedDrain) {
        connection.stalledSince ??= now;
        if (now - connection.stalledSince > STALLED_MS) response.destroy();
        continue;
      }
      connection.stalledSince = null;
      if (now - connection.since > LONGEST_MS) response.end();
      else response.write(HEARTBEAT);
    }
  };

  const remove = (connection: Connection) => {
    connections.delete(connection);
    if (connections.size > 0 || beating === null) return;
    clearInterval(beating);
    beating = null;
  };

  return {
    get count() {
      return connections.size;
    },
    open: (response) => {
      const connection: Connection = { response, since: Date.now(), stalledSince: null };
      connections.add(connection);
      beating ??= setInterval(beat, HEARTBEAT_MS);
      response.once('close', () => remove(connection));
      response.writeHead(200, HEADERS);
      response.write(HELLO);
      return {
        write: (frame) => {
          if (response.writableEnded) return true;
          // Not what `write` answers: for a frame of more than 16 KiB that is always no.
          response.write(frame);
          return response.writableLength < MOST_WAITING_BYTES;
        },
        drained: () => drained(response),
        end: () => {
          if (!response.writableEnded) response.end(END);
        },
      };
    },
    close: () => {
      for (const { response } of connections) {
        response.end();
        // One that does not read would hold its end back for ever.
        if (response.writableNeedDrain) response.destroy();
      }
    },
  };
}

function drained(response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
