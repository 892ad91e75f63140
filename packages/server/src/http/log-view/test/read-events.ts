import { request } from 'node:http';

export interface LogEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: { readonly offset: number; readonly text: string; readonly at: string | null };
}

export interface EventReader {
  readonly events: LogEvent[];
  /** What all events so far say, one after the other. */
  text(): string;
  /** Resolves once `accept` is true of what came so far; rejects when the connection closes before that. */
  until(accept: (reader: EventReader) => boolean): Promise<void>;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  leave(): void;
}

/** Reads a stream of server-sent events as a browser would. */
export function readEvents(
  url: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): EventReader {
  const events: LogEvent[] = [];
  const waiting = new Set<{ check(): void; fail(error: Error): void }>();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let isClosed = false;
  let buffered = '';

  const sent = request(url, {
    agent: false,
    headers: { authorization: `Token ${token}`, accept: 'text/event-stream', ...headers },
  });
  const over = () => {
    isClosed = true;
    resolve();
    for (const one of waiting) one.fail(new Error(`closed after ${JSON.stringify(events)}`));
  };
  sent.on('error', over);
  sent.on('response', (response) => {
    response.setEncoding('utf8');
    response.on('close', over);
    response.on('error', () => undefined);
    response.on('data', (text: string) => {
      const blocks = (buffered + text).split('\n\n');
      buffered = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parse(block);
        if (event !== null) events.push(event);
      }
      for (const one of waiting) one.check();
    });
  });
  sent.end();

  const reader: EventReader = {
    events,
    closed,
    text: () => events.map(({ data }) => data.text ?? '').join(''),
    until: (accept) =>
      new Promise((done, fail) => {
        const one = {
          fail,
          check: () => {
            if (!accept(reader)) return;
            waiting.delete(one);
            done();
          },
        };
        waiting.add(one);
        one.check();
        if (isClosed && waiting.has(one)) one.fail(new Error('the connection is closed'));
      }),
    leave: () => sent.destroy(),
  };
  return reader;
}

function parse(block: string): LogEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
    }),
  );
  const data = fields.get('data');
  if (data === undefined) return null;
  return {
    event: fields.get('event') ?? 'message',
    id: fields.get('id') ?? null,
    data: JSON.parse(data),
  };
}
