import type { Generated } from 'kysely';

/** A row that one room leaves for another (spec/ordering.md 6). */
export interface MessageRow {
  id: Generated<number>;
  topic: string;
  consumer: string;
  /** JSON. */
  payload: string;
  /** Messages of one lane keep their order; '' is what an older version wrote. */
  lane: Generated<string>;
  created_at: string;
  attempts: Generated<number>;
  last_error: string | null;
  consumed_at: string | null;
}

export interface MessagesTables {
  messages: MessageRow;
}
