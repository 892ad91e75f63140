import type { Kysely } from 'kysely';
import type { Database } from './schema/index.ts';

/** The messages of one topic that wait for one consumer. */
export interface MessageQueue {
  /** The oldest one that is in none of `lanes`; undefined: there is none. */
  next(lanes: readonly string[]): Promise<QueuedMessage | undefined>;
  consumed(message: QueuedMessage): Promise<void>;
  failed(message: QueuedMessage, error: unknown): Promise<void>;
}

export interface QueuedMessage {
  readonly id: number;
  readonly payload: string;
  /** How often it has failed. */
  readonly attempts: number;
  /** Messages of one lane are handled one after the other. */
  readonly lane: string;
}

export function createQueue(db: Kysely<Database>, consumer: string, topic: string): MessageQueue {
  return {
    next: (lanes) => {
      const waiting = db
        .selectFrom('messages')
        .select(['id', 'payload', 'attempts', 'lane'])
        .where('consumer', '=', consumer)
        .where('topic', '=', topic)
        .where('consumed_at', 'is', null);
      const others = lanes.length === 0 ? waiting : waiting.where('lane', 'not in', lanes);
      return others.orderBy('id').limit(1).executeTakeFirst();
    },
    consumed: async ({ id }) => {
      await db
        .updateTable('messages')
        .set({ consumed_at: new Date().toISOString() })
        .where('id', '=', id)
        .execute();
    },
    failed: async ({ id, attempts }, error) => {
      await db
        .updateTable('messages')
        .set({ attempts: attempts + 1, last_error: String(error).slice(0, 2_000) })
        .where('id', '=', id)
        .execute();
    },
  };
}
