import type { Change } from '@sluice/contract';
import type { Target } from '../../accounts/index.ts';
import type { Store, StoreChange } from '../../store/index.ts';

/** A change with all that decides who may hear of it. */
export interface PlacedChange {
  readonly change: Change;
  readonly target: Target;
  /** Whose own it is, such as a token; null: nobody's in particular. */
  readonly user: string | null;
}

interface Place {
  readonly applicationUuid: string | null;
  readonly organisationUuid: string | null;
  readonly repositoryUuid: string | null;
}

const NOWHERE: Place = { applicationUuid: null, organisationUuid: null, repositoryUuid: null };
const MOST_PLACES = 20_000;

/** Finds where changes belong. Rooms name what they know, such as `ci` the number of a build; the rest is looked up. */
export function createScopes({ db, changes }: Pick<Store, 'db' | 'changes'>) {
  /** Where something is never changes, except with the application itself. */
  const places = new Map<string, Promise<Place>>();
  const off = changes.on(({ kind }) => {
    if (kind === 'application' || kind === 'organisation') places.clear();
  });
  const offLost = changes.onLost(() => places.clear());

  const ofApplication = async (uuid: string): Promise<Place> => {
    const row = await db
      .selectFrom('applications')
      .select(['organisation_uuid', 'repository_uuid'])
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    if (row === undefined) return NOWHERE;
    const { organisation_uuid: organisationUuid, repository_uuid: repositoryUuid } = row;
    return { applicationUuid: uuid, organisationUuid, repositoryUuid };
  };

  const ofRepository = async (uuid: string): Promise<Place> => {
    const row = await db
      .selectFrom('repositories as r')
      .leftJoin('applications as a', 'a.repository_uuid', 'r.uuid')
      .select(['r.organisation_uuid', 'a.uuid'])
      .where('r.uuid', '=', uuid)
      .executeTakeFirst();
    if (row === undefined) return NOWHERE;
    return {
      applicationUuid: row.uuid,
      organisationUuid: row.organisation_uuid,
      repositoryUuid: uuid,
    };
  };

  const repositoryOf = async (table: 'builds' | 'jobs', id: string): Promise<string> => {
    const row = await db
      .selectFrom(table)
      .select('repository_uuid')
      .where('id', '=', Number(id))
      .executeTakeFirst();
    return row?.repository_uuid ?? '';
  };

  const applicationOf = async (environmentUuid: string): Promise<string> => {
    const row = await db
      .selectFrom('environments')
      .select('application_uuid')
      .where('uuid', '=', environmentUuid)
      .executeTakeFirst();
    return row?.application_uuid ?? '';
  };

  const find = async ({ kind, id, application, repository }: StoreChange): Promise<Place> => {
    if (application !== null) return ofApplication(application);
    if (repository !== undefined) return ofRepository(repository);
    if (kind === 'repository') return ofRepository(id);
    if (kind === 'build') return ofRepository(await repositoryOf('builds', id));
    if (kind === 'job') return ofRepository(await repositoryOf('jobs', id));
    // An instance may be named by its environment: both are read again together.
    if (kind === 'environment' || kind === 'instance') {
      return ofApplication(await applicationOf(id));
    }
    return NOWHERE;
  };

  const placeOf = (change: StoreChange): Promise<Place> => {
    const { kind, id, application, repository } = change;
    const key = application ?? repository ?? `${kind} ${id}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    const found = find(change);
    if (places.size >= MOST_PLACES) places.clear();
    places.set(key, found);
    found.catch(() => places.delete(key));
    return found;
  };

  const ownerOf = async ({ kind, id, user }: StoreChange): Promise<string | null> => {
    if (user !== undefined || kind !== 'token') return user ?? null;
    const row = await db
      .selectFrom('access_tokens')
      .select('user_uuid')
      .where('uuid', '=', id)
      .executeTakeFirst();
    return row?.user_uuid ?? null;
  };

  return {
    place: async (change: StoreChange): Promise<PlacedChange> => {
      const place = await placeOf(change);
      const organisationUuid = change.organisation ?? place.organisationUuid;
      return {
        change: { kind: change.kind, id: change.id, application: place.applicationUuid },
        target: {
          ...(place.applicationUuid === null ? {} : { applicationUuid: place.applicationUuid }),
          ...(place.repositoryUuid === null ? {} : { repositoryUuid: place.repositoryUuid }),
          ...(organisationUuid === null ? {} : { organisationUuid }),
        },
        user: await ownerOf(change),
      };
    },
    close: () => {
      off();
      offLost();
    },
  };
}

export type Scopes = ReturnType<typeof createScopes>;
