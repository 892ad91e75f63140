import type { Selectable } from 'kysely';
import type { NotificationRow } from '../../store/schema/ci.ts';
import { decryptFor } from '../decrypt.ts';
import { type Context, isoTime } from '../dependencies.ts';
import type { Target } from './decide.ts';
import type { Payload } from './payload.ts';

/** What is to be delivered. */
export interface Delivery {
  /** The same for every attempt, so that a receiver can tell a repetition. */
  readonly id: number;
  /** Already decrypted. Must get into no log and no message. */
  readonly to: string;
  readonly template: readonly string[];
  readonly payload: Payload;
  readonly signal: AbortSignal;
}

/** `dropped`: no attempt would ever succeed, and why. Rejects where another attempt may. */
export type Send = (delivery: Delivery) => Promise<'sent' | { readonly dropped: string }>;

type Row = Selectable<NotificationRow>;
type End = { readonly state: 'sent' | 'dropped' | 'failed'; readonly error: string | null };

const MINUTE_MS = 60_000;
const RETRY_MS = [5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS];
const ATTEMPT_MS = 20_000;
const AT_ONCE = 8;
const LOOK_MS = 5_000;

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Delivers what `record.ts` has written: at least once, with growing pauses between attempts, each receiver on its own, so
 * that one that is down keeps nobody waiting.
 */
export function createOutbox(context: Context, senders: Readonly<Record<string, Send>>): Outbox {
  const { store } = context;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const due = () =>
    store.db
      .selectFrom('notifications')
      .selectAll()
      .where('state', '=', 'waiting')
      .where('next_at', '<=', isoTime(context.now()))
      .orderBy('next_at')
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();

  const addressOf = async (row: Row, target: Target): Promise<string | null> => {
    const { to } = target;
    if (to === undefined || typeof to === 'string') return to ?? null;
    const build = await store.db
      .selectFrom('builds')
      .select('secure_origins')
      .where('id', '=', row.build_id)
      .executeTakeFirst();
    const decrypt = decryptFor(context.secrets, row.repository_uuid, build?.secure_origins ?? null);
    return decrypt(to.secure);
  };

  /** A person who can sign in here; anybody may write any address into a commit. */
  const isKnown = async (email: string): Promise<boolean> => {
    const user = await context.accounts.users.byEmail(email);
    return user !== null && !user.isMachine && user.disabledAt === null;
  };

  const attempt = async (row: Row): Promise<End | 'again'> => {
    const send = senders[row.kind];
    if (send === undefined) return dropped(`There is no way to send ${row.kind} here.`);
    const target = JSON.parse(row.target) as Target & { onlyKnown?: true };
    const to = await addressOf(row, target);
    if (to === null) return dropped('Its encrypted address cannot be decrypted.');
    if (target.onlyKnown && !(await isKnown(to))) {
      return dropped('Nobody with this address is known here.');
    }
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ATTEMPT_MS)]);
    const payload = JSON.parse(row.payload) as Payload;
    const answer = await send({ id: row.id, to, template: target.template ?? [], payload, signal });
    return answer === 'sent' ? { state: 'sent', error: null } : dropped(answer.dropped);
  };

  const settle = async (row: Row): Promise<void> => {
    let end: End | 'again' = 'again';
    let error = '';
    try {
      end = await attempt(row);
    } catch (thrown) {
      // A stop in the middle of an attempt is none.
      if (stopping.signal.aborted) return;
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const pause = RETRY_MS[row.attempts];
    if (end === 'again' && pause === undefined) end = { state: 'failed', error };
    const now = context.now();
    await store.db
      .updateTable('notifications')
      .set(
        end === 'again'
          ? { attempts: row.attempts + 1, last_error: error, next_at: isoTime(now + (pause ?? 0)) }
          : {
              state: end.state,
              attempts: row.attempts + 1,
              last_error: end.error,
              ended_at: isoTime(now),
            },
      )
      .where('id', '=', row.id)
      .execute();
  };

  const run = async (ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      const woken = store.events.wait('notifications', LOOK_MS, ended);
      try {
        const rows = await due();
        if (rows.length > 0) {
          await Promise.all(rows.map(settle));
          continue;
        }
      } catch (error) {
        context.onError(error, 'delivering notifications');
      }
      await woken;
    }
  };

  return {
    start: () => {
      // Of several servers one sends.
      loop = store.locks.lead('sending notifications', stopping.signal, run);
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

const dropped = (error: string): End => ({ state: 'dropped', error });
