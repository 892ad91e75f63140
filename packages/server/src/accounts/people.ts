import { sql } from 'kysely';
import type { Store } from '../store/index.ts';
import type { Role } from './types.ts';

/** An account as lists of people show it. */
export interface Person {
  readonly uuid: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isMachine: boolean;
  readonly isAdmin: boolean;
  readonly createdAt: string;
  readonly disabledAt: string | null;
  /** When a session or a token of it was last used; null: never. */
  readonly lastSeenAt: string | null;
  readonly hasPassword: boolean;
  readonly twoFactor: boolean;
  /** Until when a link to choose a password is open; null: none is. */
  readonly linkExpiresAt: string | null;
}

export interface MemberLine extends Person {
  readonly role: Role;
  readonly memberSince: string;
}

interface Belonging {
  readonly organisationUuid: string;
  readonly name: string;
  readonly role: Role;
}

export interface AccountLine extends Person {
  readonly organisations: readonly Belonging[];
}

export interface AccountFilter {
  readonly isMachine?: boolean;
  /** Part of the email or a name. */
  readonly text?: string;
}

/** Reads who there is. */
export function createPeople(store: Store, now: () => Date) {
  const persons = () => {
    const at = now().toISOString();
    return store.db.selectFrom('users as u').select((eb) => [
      ...(['u.uuid', 'u.email', 'u.first_name', 'u.last_name', 'u.is_machine'] as const),
      ...(['u.is_admin', 'u.created_at', 'u.disabled_at', 'u.password_hash'] as const),
      eb
        .selectFrom('sessions as s')
        .select(({ fn }) => fn.max('s.last_seen_at').as('at'))
        .whereRef('s.user_uuid', '=', 'u.uuid')
        .as('session_at'),
      eb
        .selectFrom('access_tokens as t')
        .select(({ fn }) => fn.max('t.last_used_at').as('at'))
        .whereRef('t.user_uuid', '=', 'u.uuid')
        .as('token_at'),
      eb
        .selectFrom('two_factor as f')
        .select('f.enabled_at')
        .whereRef('f.user_uuid', '=', 'u.uuid')
        .as('two_factor_at'),
      eb
        .selectFrom('account_links as l')
        .select(({ fn }) => fn.max('l.expires_at').as('at'))
        .whereRef('l.user_uuid', '=', 'u.uuid')
        .where('l.used_at', 'is', null)
        .where('l.revoked_at', 'is', null)
        .where('l.expires_at', '>', at)
        .as('link_at'),
    ]);
  };
  type Row = Awaited<ReturnType<ReturnType<typeof persons>['execute']>>[number];

  const toPerson = (row: Row): Person => ({
    uuid: row.uuid,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    isMachine: row.is_machine === 1,
    isAdmin: row.is_admin === 1,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    lastSeenAt: later(row.session_at, row.token_at),
    hasPassword: row.password_hash !== null,
    twoFactor: row.two_factor_at !== null,
    linkExpiresAt: row.link_at,
  });

  /** The members of an organisation, by email. */
  const members = async (organisationUuid: string): Promise<MemberLine[]> => {
    const rows = await persons()
      .innerJoin('memberships as m', 'm.user_uuid', 'u.uuid')
      .select(['m.role', 'm.created_at as member_since'])
      .where('m.organisation_uuid', '=', organisationUuid)
      .orderBy('u.email')
      .execute();
    return rows.map((row) => ({
      ...toPerson(row),
      role: row.role,
      memberSince: row.member_since,
    }));
  };

  /** The accounts of the installation, in the order in which they were made, with where they belong. */
  const accounts = async (
    { isMachine, text }: AccountFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ count: number; accounts: AccountLine[] }> => {
    const matching = <T extends ReturnType<typeof persons>>(query: T): T => {
      let found = query;
      if (isMachine !== undefined) {
        found = found.where('u.is_machine', '=', isMachine ? 1 : 0) as T;
      }
      if (text) {
        const everything = sql<string>`lower(u.email || ' ' || u.first_name || ' ' || u.last_name)`;
        // Whether it holds the text, in words that both databases know, and without wildcards.
        found = found.where(
          sql<boolean>`replace(${everything}, ${text.toLowerCase()}, '') <> ${everything}`,
        ) as T;
      }
      return found;
    };
    const { count } = await matching(persons())
      .clearSelect()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const rows = await matching(persons())
      .orderBy('u.created_at')
      .orderBy('u.uuid')
      .offset(page.offset)
      .limit(page.limit)
      .execute();
    const belonging = await belongings(rows.map(({ uuid }) => uuid));
    return {
      count: Number(count),
      accounts: rows.map((row) => ({
        ...toPerson(row),
        organisations: belonging.get(row.uuid) ?? [],
      })),
    };
  };

  const belongings = async (uuids: readonly string[]): Promise<Map<string, Belonging[]>> => {
    const found = new Map<string, Belonging[]>();
    if (uuids.length === 0) return found;
    const rows = await store.db
      .selectFrom('memberships as m')
      .innerJoin('organisations as o', 'o.uuid', 'm.organisation_uuid')
      .select(['m.user_uuid', 'm.role', 'o.uuid', 'o.name'])
      .where('m.user_uuid', 'in', uuids)
      .orderBy('o.name')
      .execute();
    for (const { user_uuid, uuid, name, role } of rows) {
      const own = found.get(user_uuid) ?? [];
      own.push({ organisationUuid: uuid, name, role });
      found.set(user_uuid, own);
    }
    return found;
  };

  return { members, accounts };
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
