import { randomUUID } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { Trx } from '../store/index.ts';
import type { ServiceInstanceRow } from '../store/schema/services.ts';
import type { ServicesContext } from './context.ts';
import { newCredentials, openCredentials, sealCredentials } from './credentials.ts';
import { kindOf } from './kinds/index.ts';
import { placeOf, toInstance } from './rows.ts';
import type { Credentials, KindName, ServiceInstance } from './types.ts';

export interface NewService {
  readonly environmentUuid: string;
  readonly applicationUuid: string;
  readonly kind: KindName;
  /** Any case; empty: DEFAULT. */
  readonly prefix: string;
  readonly by: string;
}

export interface ServiceFilter {
  readonly environmentUuids?: readonly string[];
  readonly applicationUuids?: readonly string[];
  /** Those that were removed and can come back, instead of those that are there. */
  readonly removed?: boolean;
}

const PREFIX = /^[A-Z](?:_?[A-Z0-9])*$/;
const MOST_PREFIX = 40;
const MOST_SERVICES = 20;

/** Pure: as it is kept. Throws `invalid` for what could not begin the name of a variable. */
export function readPrefix(text: string): string {
  const prefix = text.trim().toUpperCase() || 'DEFAULT';
  if (PREFIX.test(prefix) && prefix.length <= MOST_PREFIX) return prefix;
  throw fieldError(
    'prefix',
    `"${text}" is no prefix. Use letters, digits and single underscores, beginning with a letter, at most ${MOST_PREFIX}.`,
  );
}

/** The rows of services, and nothing of what runs. */
export function createRecords({ store, secrets, settings, applications, now }: ServicesContext) {
  const list = async (filter: ServiceFilter): Promise<ServiceInstance[]> => {
    const { environmentUuids, applicationUuids, removed = false } = filter;
    if (environmentUuids?.length === 0 || applicationUuids?.length === 0) return [];
    let query = store.db
      .selectFrom('service_instances')
      .selectAll()
      .where('state', removed ? '=' : '!=', 'removed');
    if (environmentUuids !== undefined)
      query = query.where('environment_uuid', 'in', environmentUuids);
    if (applicationUuids !== undefined)
      query = query.where('application_uuid', 'in', applicationUuids);
    return (await query.orderBy('created_at').orderBy('uuid').execute()).map(toInstance);
  };

  const row = (uuid: string): Promise<ServiceInstanceRow | undefined> =>
    store.db
      .selectFrom('service_instances')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();

  const get = async (uuid: string): Promise<ServiceInstance | null> => {
    const found = await row(uuid);
    return found === undefined ? null : toInstance(found);
  };

  const known = async (uuid: string): Promise<ServiceInstance> => {
    const found = await get(uuid);
    if (found === null) throw missing();
    return found;
  };

  const credentials = async (uuid: string): Promise<Credentials> => {
    const found = await row(uuid);
    if (found === undefined) throw missing();
    return openCredentials(secrets, found);
  };

  /** In the transaction that changes a row: what releases are made of is different now. */
  const changed = async (
    trx: Trx,
    { uuid, applicationUuid, environmentUuid }: ServiceInstance,
  ): Promise<void> => {
    await applications.configurationChanged(trx, environmentUuid);
    store.changes.emit({ kind: 'service', id: uuid, application: applicationUuid }, trx);
  };

  const create = async (input: NewService): Promise<ServiceInstance> => {
    const { environmentUuid, kind } = input;
    const prefix = readPrefix(input.prefix);
    const uuid = randomUUID();
    const made: ServiceInstanceRow = {
      uuid,
      application_uuid: input.applicationUuid,
      environment_uuid: environmentUuid,
      kind,
      prefix,
      place: placeOf({ environment_uuid: environmentUuid, kind, prefix }),
      state: 'provisioning',
      problem: null,
      image: settings.images[kind] ?? null,
      credentials_sealed: sealCredentials(secrets, uuid, newCredentials()),
      created_by: input.by,
      created_at: now().toISOString(),
      ready_at: null,
      removed_by: null,
      removed_at: null,
    };
    await store.transaction(async (trx) => {
      const others = await trx
        .selectFrom('service_instances')
        .select('place')
        .where('environment_uuid', '=', environmentUuid)
        .where('state', '!=', 'removed')
        .execute();
      refuseTaken(others, made);
      if (others.length >= MOST_SERVICES) {
        throw fieldError('environment', `An environment has at most ${MOST_SERVICES} services.`);
      }
      await trx.insertInto('service_instances').values(made).execute();
      await changed(trx, toInstance(made));
    });
    return toInstance(made);
  };

  /** Its data are kept for the days of grace. Idempotent. */
  const remove = (uuid: string, by: string): Promise<ServiceInstance> =>
    store.transaction(async (trx) => {
      const before = await trx
        .selectFrom('service_instances')
        .selectAll()
        .where('uuid', '=', uuid)
        .executeTakeFirst();
      if (before === undefined) throw missing();
      if (before.state === 'removed') return toInstance(before);
      const after: ServiceInstanceRow = {
        ...before,
        state: 'removed',
        place: `${before.place}~${uuid}`,
        problem: null,
        removed_by: by,
        removed_at: now().toISOString(),
      };
      await trx.updateTable('service_instances').set(after).where('uuid', '=', uuid).execute();
      await changed(trx, toInstance(after));
      return toInstance(after);
    });

  /** Also into another environment of its application. Throws `invalid` where its place is taken. */
  const restore = (uuid: string, environmentUuid: string): Promise<ServiceInstance> =>
    store.transaction(async (trx) => {
      const before = await trx
        .selectFrom('service_instances')
        .selectAll()
        .where('uuid', '=', uuid)
        .where('state', '=', 'removed')
        .executeTakeFirst();
      if (before === undefined) {
        throw new SluiceError('not_found', 'There is no removed service to restore.');
      }
      const after: ServiceInstanceRow = {
        ...before,
        environment_uuid: environmentUuid,
        place: placeOf({ ...before, environment_uuid: environmentUuid }),
        state: 'provisioning',
        removed_by: null,
        removed_at: null,
      };
      const others = await trx
        .selectFrom('service_instances')
        .select('place')
        .where('environment_uuid', '=', environmentUuid)
        .execute();
      refuseTaken(others, after);
      await trx.updateTable('service_instances').set(after).where('uuid', '=', uuid).execute();
      await changed(trx, toInstance(after));
      return toInstance(after);
    });

  /** What was found out about one: it answers (null), or why it does not. */
  const found = async (instance: ServiceInstance, problem: string | null): Promise<void> => {
    const at = now().toISOString();
    const { numUpdatedRows } = await store.db
      .updateTable('service_instances')
      .set(problem === null ? { state: 'ready', problem: null, ready_at: at } : { problem })
      .where('uuid', '=', instance.uuid)
      .where('state', '!=', 'removed')
      .where((eb) =>
        problem === null
          ? eb.or([eb('state', '=', 'provisioning'), eb('problem', 'is not', null)])
          : eb.or([eb('problem', 'is', null), eb('problem', '!=', problem)]),
      )
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return;
    const { uuid: id, applicationUuid: application } = instance;
    store.changes.emit({ kind: 'service', id, application });
  };

  /** Those that are to be there now: not of a removed application, which keeps its services for when it is restored. */
  const wanted = async (): Promise<ServiceInstance[]> => {
    const rows = await store.db
      .selectFrom('service_instances')
      .innerJoin('environments', 'environments.uuid', 'service_instances.environment_uuid')
      .innerJoin('applications', 'applications.uuid', 'environments.application_uuid')
      .selectAll('service_instances')
      .where('service_instances.state', '!=', 'removed')
      .where('environments.deleted_at', 'is', null)
      .where('applications.deleted_at', 'is', null)
      .execute();
    return rows.map(toInstance);
  };

  /** Uuids of those removed before that time, and of those whose application is gone for good. */
  const due = async (before: string): Promise<string[]> => {
    const rows = await store.db
      .selectFrom('service_instances')
      .leftJoin('applications', 'applications.uuid', 'service_instances.application_uuid')
      .select('service_instances.uuid')
      .where((eb) =>
        eb.or([
          eb('service_instances.removed_at', '<', before),
          eb('applications.uuid', 'is', null),
        ]),
      )
      .execute();
    return rows.map(({ uuid }) => uuid);
  };

  /** For good: nothing is left to come back. */
  const forget = async (uuid: string): Promise<void> => {
    await store.db.deleteFrom('service_instances').where('uuid', '=', uuid).execute();
  };

  return { list, get, known, wanted, due, credentials, create, remove, restore, found, forget };
}

export type Records = ReturnType<typeof createRecords>;

function refuseTaken(
  others: readonly Pick<ServiceInstanceRow, 'place'>[],
  { place, kind, prefix }: ServiceInstanceRow,
): void {
  if (!others.some((other) => other.place === place)) return;
  throw fieldError(
    'prefix',
    `This environment has a ${kindOf(kind).title} with the prefix ${prefix} already. Use another prefix.`,
  );
}

const missing = () => new SluiceError('not_found', 'There is no such service.');

function fieldError(field: string, text: string): SluiceError {
  return new SluiceError('invalid', text, { fields: { [field]: [text] } });
}
