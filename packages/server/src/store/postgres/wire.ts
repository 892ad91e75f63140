import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Notification } from 'pg';
import type { Hearing, Note, Wire } from '../engine.ts';
import { openLine } from './line.ts';
import { readLetter, writeLetters } from './notes.ts';

const CHANNEL = 'sluice';
/** What is told within so long goes together: a log that grows says so many times a second. */
const GATHER_MS = 10;
/** While the database is away. Beyond this the others are told to read everything again. */
const MOST_WAITING = 20_000;

/** Over PostgreSQL's LISTEN and NOTIFY. */
export async function openWire(databaseUrl: string, { hear, deaf }: Hearing): Promise<Wire> {
  const self = randomBytes(6).toString('hex');
  let waiting = new Map<string, Note>();
  let sending: Promise<void> | null = null;
  let closed = false;
  let isFirst = true;

  const line = await openLine({
    databaseUrl,
    name: 'sluice listen',
    opened: async (client) => {
      client.on('notification', ({ payload = '' }: Notification) => {
        const letter = readLetter(payload);
        if (letter === null || letter.from === self) return;
        for (const note of letter.notes) hear(note);
      });
      await client.query(`listen ${CHANNEL}`);
      // Only now: what was told before this moment was told to nobody.
      if (!isFirst) deaf();
      isFirst = false;
    },
    broken: () => {},
  });

  const send = async (): Promise<void> => {
    await pause(GATHER_MS);
    while (waiting.size > 0) {
      const notes = waiting;
      waiting = new Map();
      try {
        await sendAll([...notes.values()]);
      } catch {
        for (const [key, note] of notes) waiting.set(key, note);
        if (closed) return;
        await pause(200, undefined, { ref: false });
      }
    }
  };

  const sendAll = async (notes: readonly Note[]): Promise<void> => {
    for (const letter of writeLetters(self, notes)) {
      await line.query('select pg_notify($1, $2)', [CHANNEL, letter]);
    }
  };

  return {
    tell: (note) => {
      if (closed) return;
      if (waiting.size >= MOST_WAITING) waiting = new Map([['lost', { lost: true }]]);
      waiting.set(keyOf(note), note);
      sending ??= send().finally(() => {
        sending = null;
      });
    },
    tellIn: async (trx, notes) => {
      for (const letter of writeLetters(self, notes)) {
        await sql`select pg_notify(${CHANNEL}, ${letter})`.execute(trx);
      }
    },
    close: async () => {
      closed = true;
      await sending;
      await line.close();
    },
  };
}

/** What says the same has the same; whose change it is follows from what changed. */
function keyOf(note: Note): string {
  if ('event' in note) return note.event;
  if ('lost' in note) return 'lost';
  const { kind, id, application, organisation, repository, user } = note.change;
  return `${kind} ${id} ${application} ${organisation} ${repository} ${user}`;
}
