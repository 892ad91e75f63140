import { randomBytes, randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import type { Deliveries, DeliveryRow } from './deliveries.ts';
import { createReceive, type IncomingDelivery, type Receipt, secretAt } from './receive.ts';
import type { Provider } from './types.ts';

export interface HookView {
  readonly uuid: string;
  readonly provider: Provider;
  readonly createdAt: string;
  /** Of the newest delivery that the secret fitted; null: none came yet. */
  readonly lastDeliveryAt: string | null;
}

export interface DeliveryView {
  readonly uuid: string;
  readonly provider: string;
  readonly deliveryId: string | null;
  readonly event: string;
  readonly state: DeliveryRow['state'];
  readonly result: string;
  readonly attempts: number;
  readonly receivedAt: string;
  readonly processedAt: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What hosts tell about outside repositories. */
export interface Webhooks {
  get(repositoryUuid: string): Promise<HookView | null>;
  /** Makes the address, or a new secret for the one that is there. The secret is answered this once. */
  make(repositoryUuid: string, provider: Provider): Promise<{ uuid: string; secret: string }>;
  remove(repositoryUuid: string): Promise<void>;
  /** Whether the address exists; asked before a body is read. */
  exists(hookUuid: string): Promise<boolean>;
  /** Durable when it resolves with a 2xx. Throws `not_found` for an address that is none. */
  receive(incoming: IncomingDelivery): Promise<Receipt>;
  deliveries(
    repositoryUuid: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ count: number; deliveries: DeliveryView[] }>;
  /** Throws `not_found`. */
  delivery(repositoryUuid: string, uuid: string): Promise<DeliveryView>;
  /** Processes it once more. Throws `not_found`, and `conflict` for one that was refused or is too old. */
  redeliver(repositoryUuid: string, uuid: string): Promise<DeliveryView>;
}

export interface WebhooksDeps {
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly deliveries: Deliveries;
  readonly wake: (repositoryUuid: string) => void;
  /** The schedule fetches it next. */
  readonly lookSoon: (repositoryUuid: string) => Promise<void>;
  /** How long deliveries can be looked at. */
  readonly days: number;
}

export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { store, secrets, deliveries } = deps;
  const { db } = store;
  const receive = createReceive({ store, secrets });

  const rowOf = (repositoryUuid: string) =>
    db
      .selectFrom('webhooks')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .executeTakeFirst();

  const changed = (repositoryUuid: string): void => {
    store.changes.emit({
      ...{ kind: 'repository', id: repositoryUuid, application: null },
      repository: repositoryUuid,
    });
  };

  const delivery = async (repositoryUuid: string, uuid: string): Promise<DeliveryRow> => {
    const found = await deliveries.get(repositoryUuid, uuid);
    if (found === null) throw new SluiceError('not_found', 'There is no such delivery.');
    return found;
  };

  return {
    get: async (repositoryUuid) => {
      const row = await rowOf(repositoryUuid);
      if (row === undefined) return null;
      const last = await db
        .selectFrom('webhook_deliveries')
        .select('received_at')
        .where('repository_uuid', '=', repositoryUuid)
        .where('state', '!=', 'refused')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return {
        uuid: row.uuid,
        provider: row.provider as Provider,
        createdAt: row.created_at,
        lastDeliveryAt: last?.received_at ?? null,
      };
    },

    make: async (repositoryUuid, provider) => {
      const secret = randomBytes(24).toString('base64url');
      const sealed = secrets.seal(secret, secretAt(repositoryUuid));
      const row = await db
        .insertInto('webhooks')
        .values({
          repository_uuid: repositoryUuid,
          uuid: randomUUID(),
          provider,
          secret: sealed,
          created_at: new Date().toISOString(),
        })
        .onConflict((conflict) =>
          conflict.column('repository_uuid').doUpdateSet({ provider, secret: sealed }),
        )
        .returning('uuid')
        .executeTakeFirstOrThrow();
      changed(repositoryUuid);
      return { uuid: row.uuid, secret };
    },

    remove: async (repositoryUuid) => {
      await db.deleteFrom('webhooks').where('repository_uuid', '=', repositoryUuid).execute();
      changed(repositoryUuid);
    },

    exists: async (hookUuid) =>
      (await db
        .selectFrom('webhooks')
        .select('uuid')
        .where('uuid', '=', hookUuid)
        .executeTakeFirst()) !== undefined,

    receive: async (incoming) => {
      const receipt = await receive(incoming);
      if (receipt.status < 300) deps.wake(receipt.repositoryUuid);
      // Well signed, but of another name: it may have been renamed, which the next fetch finds out.
      if (receipt.status === 422) await deps.lookSoon(receipt.repositoryUuid);
      changed(receipt.repositoryUuid);
      return receipt;
    },

    deliveries: async (repositoryUuid, page) => {
      const { count, rows } = await deliveries.list(repositoryUuid, deps.days, page);
      return { count, deliveries: rows.map(view) };
    },
    delivery: async (repositoryUuid, uuid) => view(await delivery(repositoryUuid, uuid)),

    redeliver: async (repositoryUuid, uuid) => {
      const row = await delivery(repositoryUuid, uuid);
      if (row.state === 'refused' || row.events === '[]') {
        throw new SluiceError(
          'conflict',
          row.state === 'refused'
            ? 'This delivery was refused; nothing of it was kept.'
            : 'There is nothing in this delivery that could be done again.',
          { reason: 'nothing_to_redeliver', remedy: 'Send it again from the host.' },
        );
      }
      await deliveries.again(uuid);
      deps.wake(repositoryUuid);
      return view(await delivery(repositoryUuid, uuid));
    },
  };
}

function view(row: DeliveryRow): DeliveryView {
  return {
    uuid: row.uuid,
    provider: row.provider,
    deliveryId: row.delivery_id,
    event: row.event,
    state: row.state,
    result: row.result,
    attempts: row.attempts,
    receivedAt: row.received_at,
    processedAt: row.processed_at,
    headers: JSON.parse(row.headers),
    body: row.body,
  };
}
