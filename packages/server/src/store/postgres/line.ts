import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { connection } from './connect.ts';

export interface LineOptions {
  readonly databaseUrl: string;
  readonly name: string;
  /** Called with every new connection before anybody else uses it. */
  readonly opened: (client: pg.Client) => Promise<void>;
  /** The connection is gone; another one is being made. */
  readonly broken: () => void;
}

/** One connection of its own that is kept open: made again, with growing pauses, whenever it breaks. */
export interface Line {
  /** One statement after the other. Throws while there is no connection. */
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A connection whose other end vanished without a word is noticed after two of these. */
const BEAT_MS = 5_000;

/** Resolves with the first connection made; throws when that fails. */
export async function openLine(options: LineOptions): Promise<Line> {
  let current: pg.Client | null = null;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const query: Line['query'] = (text, values = []) => {
    const answer = last.then(() => {
      if (current === null) throw new Error('The connection to the database is being made again.');
      return current.query(text, [...values]);
    });
    last = answer.catch(() => undefined);
    return answer;
  };

  const connect = async (): Promise<void> => {
    const client = new pg.Client(connection(options.databaseUrl, options.name));
    const gone = () => {
      if (current !== client) return;
      current = null;
      options.broken();
      void again();
    };
    client.on('error', gone);
    client.on('end', gone);
    try {
      await client.connect();
      await options.opened(client);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    if (closed) {
      await client.end();
      return;
    }
    current = client;
    void beat(client);
  };

  const again = async (): Promise<void> => {
    for (let wait = FIRST_PAUSE_MS; !closed; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        await connect();
        return;
      } catch {
        await pause(wait, undefined, { ref: false });
      }
    }
  };

  const beat = async (client: pg.Client): Promise<void> => {
    while (current === client) {
      await pause(BEAT_MS, undefined, { ref: false });
      if (current !== client) return;
      const answered = await Promise.race([
        query('select 1').then(
          () => true,
          () => false,
        ),
        pause(BEAT_MS, false, { ref: false }),
      ]);
      // Ends the socket at once: a goodbye would wait for an answer that does not come.
      if (!answered) Reflect.get(client, 'connection').stream.destroy();
    }
  };

  await connect();
  return {
    query,
    close: async () => {
      closed = true;
      const client = current;
      current = null;
      await client?.end().catch(() => undefined);
    },
  };
}
