import { randomUUID } from 'node:crypto';
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { Database, Trx } from '../../store/index.ts';
import type { WebhookDeliveryRow } from '../../store/schema/mirrors.ts';
import type { HookEvent } from './types.ts';

export type DeliveryRow = Selectable<WebhookDeliveryRow>;
export type WaitingDelivery = Pick<
  DeliveryRow,
  'id' | 'repository_uuid' | 'provider' | 'events' | 'attempts'
>;

export interface NewDelivery {
  readonly repositoryUuid: string;
  readonly provider: string;
  readonly deliveryId: string | null;
  readonly event: string;
  readonly digest: string;
  readonly state: DeliveryRow['state'];
  readonly result: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly events: readonly HookEvent[];
}

/** Whoever knows the address but not the secret could fill the disk with refusals; so many are kept. */
const REFUSALS_KEPT = 20;
const BODIES_KEPT = 200;
/** What proves that a body was here before outlives what can be looked at. */
const DIGEST_DAYS = 180;
const DAY_MS = 86_400_000;

/** As a literal, so that the index of the few that wait can be used. */
const WAITING = sql.lit('waiting' as const);

/** The rows of deliveries. */
export function createDeliveries(db: Kysely<Database>) {
  const ofRepository = (repositoryUuid: string) =>
    db.selectFrom('webhook_deliveries').selectAll().where('repository_uuid', '=', repositoryUuid);

  return {
    /** The newest that has this body, or this name; null: it is new. */
    earlier: async (
      repositoryUuid: string,
      digest: string,
      deliveryId: string | null,
    ): Promise<DeliveryRow | null> => {
      const accepted = ofRepository(repositoryUuid)
        .where('state', '!=', 'refused')
        .orderBy('id', 'desc')
        .limit(1);
      const named =
        deliveryId === null
          ? undefined
          : await accepted.where('delivery_id', '=', deliveryId).executeTakeFirst();
      return named ?? (await accepted.where('digest', '=', digest).executeTakeFirst()) ?? null;
    },

    insert: async (input: NewDelivery): Promise<string> => {
      const row = toRow(input);
      await db.insertInto('webhook_deliveries').values(row).execute();
      if (input.state === 'refused') await forgetRefusals(db, input.repositoryUuid);
      return row.uuid;
    },

    /** Newest first, those of the last `days`. */
    list: async (
      repositoryUuid: string,
      days: number,
      page: { readonly offset: number; readonly limit: number },
    ): Promise<{ count: number; rows: DeliveryRow[] }> => {
      const since = new Date(Date.now() - days * DAY_MS).toISOString();
      const [rows, { count }] = await Promise.all([
        ofRepository(repositoryUuid)
          .where('received_at', '>=', since)
          .orderBy('id', 'desc')
          .offset(page.offset)
          .limit(page.limit)
          .execute(),
        db
          .selectFrom('webhook_deliveries')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('repository_uuid', '=', repositoryUuid)
          .where('received_at', '>=', since)
          .executeTakeFirstOrThrow(),
      ]);
      return { count: Number(count), rows };
    },

    get: async (repositoryUuid: string, uuid: string): Promise<DeliveryRow | null> =>
      (await ofRepository(repositoryUuid).where('uuid', '=', uuid).executeTakeFirst()) ?? null,

    /** Puts it into the queue again. */
    again: async (uuid: string): Promise<void> => {
      await db
        .updateTable('webhook_deliveries')
        .set({
          state: 'waiting',
          result: 'Waits to be processed again.',
          attempts: 0,
          next_attempt_at: 0,
        })
        .where('uuid', '=', uuid)
        .execute();
    },

    /** Repositories for which something waits by now. */
    waitingRepositories: async (now: number): Promise<string[]> => {
      const rows = await db
        .selectFrom('webhook_deliveries')
        .select('repository_uuid')
        .distinct()
        .where('state', '=', WAITING)
        .where('next_attempt_at', '<=', now)
        .limit(500)
        .execute();
      return rows.map((row) => row.repository_uuid);
    },

    /** In the order of their arrival; without their bodies, which nobody needs for the work. */
    waiting: (repositoryUuid: string, now: number, limit: number): Promise<WaitingDelivery[]> =>
      db
        .selectFrom('webhook_deliveries')
        .select(['id', 'repository_uuid', 'provider', 'events', 'attempts'])
        .where('repository_uuid', '=', repositoryUuid)
        .where('state', '=', WAITING)
        .where('next_attempt_at', '<=', now)
        .orderBy('id')
        .limit(limit)
        .execute(),

    settle: async (
      trx: Kysely<Database> | Trx,
      ids: readonly number[],
      change: Partial<Pick<DeliveryRow, 'state' | 'result' | 'attempts' | 'next_attempt_at'>>,
    ): Promise<void> => {
      if (ids.length === 0) return;
      await trx
        .updateTable('webhook_deliveries')
        .set({ ...change, processed_at: new Date().toISOString() })
        .where('id', 'in', [...ids])
        .execute();
    },

    /** Lets go of bodies that are old or many, and long after that of the rows. */
    prune: async (days: number): Promise<void> => {
      const before = (age: number) => new Date(Date.now() - age * DAY_MS).toISOString();
      await db
        .deleteFrom('webhook_deliveries')
        .where('received_at', '<', before(Math.max(days, DIGEST_DAYS)))
        .execute();
      const emptied = { body: null, headers: '{}', events: '[]' };
      await db
        .updateTable('webhook_deliveries')
        .set(emptied)
        .where('received_at', '<', before(days))
        .where('state', '!=', 'waiting')
        .where('body', 'is not', null)
        .execute();
      const busy = await db
        .selectFrom('webhook_deliveries')
        .select('repository_uuid')
        .where('body', 'is not', null)
        .groupBy('repository_uuid')
        .having(({ fn }) => fn.countAll(), '>', BODIES_KEPT)
        .execute();
      for (const { repository_uuid } of busy) {
        const last = await ofRepository(repository_uuid)
          .where('body', 'is not', null)
          .orderBy('id', 'desc')
          .offset(BODIES_KEPT)
          .limit(1)
          .executeTakeFirst();
        if (last === undefined) continue;
        await db
          .updateTable('webhook_deliveries')
          .set({ body: null })
          .where('repository_uuid', '=', repository_uuid)
          .where('id', '<=', last.id)
          .execute();
      }
    },
  };
}

export type Deliveries = ReturnType<typeof createDeliveries>;

function toRow(input: NewDelivery): Insertable<WebhookDeliveryRow> & { uuid: string } {
  const now = new Date().toISOString();
  return {
    uuid: randomUUID(),
    repository_uuid: input.repositoryUuid,
    provider: input.provider,
    delivery_id: input.deliveryId,
    event: input.event.slice(0, 100),
    digest: input.digest,
    state: input.state,
    result: input.result,
    headers: JSON.stringify(input.headers),
    body: input.body,
    events: JSON.stringify(input.events),
    attempts: 0,
    next_attempt_at: 0,
    received_at: now,
    processed_at: input.state === 'waiting' ? null : now,
  };
}

async function forgetRefusals(db: Kysely<Database>, repositoryUuid: string): Promise<void> {
  const refusals = db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('repository_uuid', '=', repositoryUuid)
    .where('state', '=', 'refused')
    .orderBy('id', 'desc')
    .offset(REFUSALS_KEPT)
    .limit(1_000);
  await db.deleteFrom('webhook_deliveries').where('id', 'in', refusals).execute();
}
