import { randomUUID } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { DomainRow } from '../store/schema/running.ts';
import { readDomainName, refuseOwnNames } from './domain-names.ts';
import { fieldError } from './names.ts';
import type { Domain } from './types.ts';
import { bumpConfigVersion } from './variables.ts';

const MAX_DOMAINS = 100;

export interface DomainChange {
  readonly isPrimary?: boolean | undefined;
  readonly isRedirect?: boolean | undefined;
}

export interface NewDomain {
  readonly environmentUuid: string;
  /** As a person types it. */
  readonly name: string;
  readonly isPrimary?: boolean;
  readonly isRedirect?: boolean;
  /** Host names under which the installation itself answers. */
  readonly ownNames: readonly string[];
}

/** Host names of the users' own. Who routes them is told by whoever changes them here. */
export function createDomains(store: Store, appDomain: string, now: () => Date) {
  const list = async (environmentUuids: readonly string[]): Promise<Domain[]> => {
    if (environmentUuids.length === 0) return [];
    const rows = await store.db
      .selectFrom('domains')
      .selectAll()
      .where('environment_uuid', 'in', environmentUuids)
      .orderBy('environment_uuid')
      .orderBy('is_primary', 'desc')
      .orderBy('name')
      .execute();
    return rows.map(toDomain);
  };

  const get = async (uuid: string): Promise<Domain | null> => {
    const row = await store.db
      .selectFrom('domains')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toDomain(row);
  };

  /** The names are injected (`DOMAIN`, `DOMAIN_ALIASES`), so a change makes a new configuration. */
  const changed = async (trx: Trx, uuid: string, environmentUuid: string): Promise<void> => {
    await bumpConfigVersion(trx, [environmentUuid]);
    const environment = await trx
      .selectFrom('environments')
      .select('application_uuid')
      .where('uuid', '=', environmentUuid)
      .executeTakeFirst();
    const application = environment?.application_uuid ?? null;
    store.changes.emit({ kind: 'domain', id: uuid, application }, trx);
  };

  /** Throws `invalid` (field `name`) for what is no host name of the user's own, or leads somewhere already. */
  const create = async (input: NewDomain): Promise<Domain> => {
    const name = readDomainName(input.name);
    refuseOwnNames(name, appDomain, input.ownNames);
    const { environmentUuid } = input;
    const uuid = randomUUID();
    await store.transaction(async (trx) => {
      await freeUnlessUsed(trx, name);
      const others = await trx
        .selectFrom('domains')
        .select('uuid')
        .where('environment_uuid', '=', environmentUuid)
        .execute();
      if (others.length >= MAX_DOMAINS) {
        throw fieldError('name', `An environment has at most ${MAX_DOMAINS} domains.`);
      }
      const kind = kindOf({ isPrimary: false, isRedirect: false }, input);
      if (kind.isPrimary) await noPrimary(trx, environmentUuid);
      await trx
        .insertInto('domains')
        .values({
          uuid,
          environment_uuid: environmentUuid,
          name,
          is_primary: kind.isPrimary ? 1 : 0,
          is_redirect: kind.isRedirect ? 1 : 0,
          created_at: now().toISOString(),
        })
        .execute();
      await changed(trx, uuid, environmentUuid);
    });
    return known(await get(uuid));
  };

  /** The primary one is what `DOMAIN` names, and where those that redirect lead; an environment has one or none. */
  const update = async (uuid: string, change: DomainChange): Promise<Domain> => {
    await store.transaction(async (trx) => {
      const row = await trx
        .selectFrom('domains')
        .selectAll()
        .where('uuid', '=', uuid)
        .executeTakeFirst();
      if (row === undefined) throw missing();
      const kind = kindOf(toDomain(row), change);
      if (kind.isPrimary) await noPrimary(trx, row.environment_uuid);
      await trx
        .updateTable('domains')
        .set({ is_primary: kind.isPrimary ? 1 : 0, is_redirect: kind.isRedirect ? 1 : 0 })
        .where('uuid', '=', uuid)
        .execute();
      await changed(trx, uuid, row.environment_uuid);
    });
    return known(await get(uuid));
  };

  const remove = (uuid: string): Promise<void> =>
    store.transaction(async (trx) => {
      const row = await trx
        .deleteFrom('domains')
        .where('uuid', '=', uuid)
        .returning('environment_uuid')
        .executeTakeFirst();
      if (row === undefined) throw missing();
      await trx.deleteFrom('domain_checks').where('domain_uuid', '=', uuid).execute();
      await changed(trx, uuid, row.environment_uuid);
    });

  return { domains: { list, get, create, update, remove } };
}

/** What it becomes: the primary one is where others are sent, so becoming either ends the other. */
function kindOf(
  is: Pick<Domain, 'isPrimary' | 'isRedirect'>,
  change: DomainChange,
): Pick<Domain, 'isPrimary' | 'isRedirect'> {
  if (change.isPrimary === true && change.isRedirect === true) {
    throw fieldError('is_redirect', 'The primary domain is where the others redirect to.');
  }
  const { isPrimary = is.isPrimary, isRedirect = is.isRedirect } = change;
  return {
    isPrimary: isPrimary && change.isRedirect !== true,
    isRedirect: isRedirect && change.isPrimary !== true,
  };
}

async function noPrimary(trx: Trx, environmentUuid: string): Promise<void> {
  await trx
    .updateTable('domains')
    .set({ is_primary: 0 })
    .where('environment_uuid', '=', environmentUuid)
    .execute();
}

/** A name of a removed application is free for others, though restoring it would have brought the name back. */
async function freeUnlessUsed(trx: Trx, name: string): Promise<void> {
  const row = await trx
    .selectFrom('domains as d')
    .leftJoin('environments as e', 'e.uuid', 'd.environment_uuid')
    .leftJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .select(['d.uuid', 'e.uuid as environment', 'e.deleted_at', 'a.deleted_at as removed_at'])
    .where('d.name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return;
  if (row.environment !== null && row.deleted_at === null && row.removed_at === null) {
    // Not whose: that may be none of the asker's business.
    throw fieldError('name', `${name} leads to an environment of this installation already.`);
  }
  await trx.deleteFrom('domains').where('uuid', '=', row.uuid).execute();
}

const toDomain = (row: DomainRow): Domain => ({
  uuid: row.uuid,
  environmentUuid: row.environment_uuid,
  name: row.name,
  isPrimary: row.is_primary === 1,
  isRedirect: row.is_redirect === 1,
  createdAt: row.created_at,
});

const missing = () => new SluiceError('not_found', 'There is no such domain.');

function known(domain: Domain | null): Domain {
  if (domain === null) throw missing();
  return domain;
}
