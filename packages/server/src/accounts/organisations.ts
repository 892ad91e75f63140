import { randomUUID } from 'node:crypto';
import { slugify } from '@sluice/contract';
import { SluiceError } from '../errors.ts';
import type { Store, Trx } from '../store/index.ts';
import type { OrganisationRow } from '../store/schema/accounts.ts';
import type { Audit } from './audit.ts';
import { readName, readOrganisationSlug } from './names.ts';
import type { Actor, Identity, Member, Organisation, Role } from './types.ts';

const ROLES: readonly string[] = ['owner', 'admin', 'deployer', 'collaborator'];

/** The one that an installation begins with. */
const DEFAULT_ORGANISATION = 'default';

async function insertOrganisation(
  trx: Trx,
  input: { name: string; slug: string },
  now: Date,
): Promise<Organisation> {
  const taken = await trx
    .selectFrom('organisations')
    .select('uuid')
    .where('slug', '=', input.slug)
    .executeTakeFirst();
  if (taken !== undefined) {
    throw new SluiceError('conflict', `The slug ${input.slug} is taken.`, {
      reason: 'slug_taken',
      fields: { slug: ['There is an organisation with this slug already.'] },
    });
  }
  const row = { uuid: randomUUID(), ...input, created_at: now.toISOString() };
  await trx.insertInto('organisations').values(row).execute();
  return toOrganisation(row);
}

export async function findOrMakeDefault(trx: Trx, now: Date): Promise<Organisation> {
  const row = await trx
    .selectFrom('organisations')
    .selectAll()
    .where('slug', '=', DEFAULT_ORGANISATION)
    .executeTakeFirst();
  if (row !== undefined) return toOrganisation(row);
  return insertOrganisation(trx, { name: 'Default', slug: DEFAULT_ORGANISATION }, now);
}

/** Adds a member or changes the role of one. Throws `conflict` rather than leave an organisation without owner. */
export async function putMember(
  trx: Trx,
  member: { organisationUuid: string; userUuid: string; role: Role },
  now: Date,
): Promise<void> {
  if (member.role !== 'owner') await keepAnOwner(trx, member.organisationUuid, member.userUuid);
  await trx
    .insertInto('memberships')
    .values({
      organisation_uuid: member.organisationUuid,
      user_uuid: member.userUuid,
      role: member.role,
      created_at: now.toISOString(),
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_uuid', 'user_uuid']).doUpdateSet({ role: member.role }),
    )
    .execute();
}

/** One who can sign in: an organisation whose only other owner is disabled would be nobody's. */
async function keepAnOwner(trx: Trx, organisationUuid: string, userUuid: string): Promise<void> {
  const owners = await trx
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.uuid', 'm.user_uuid')
    .select(['m.user_uuid', 'u.disabled_at'])
    .where('m.organisation_uuid', '=', organisationUuid)
    .where('m.role', '=', 'owner')
    .execute();
  if (!owners.some((owner) => owner.user_uuid === userUuid)) return;
  if (owners.some((owner) => owner.user_uuid !== userUuid && owner.disabled_at === null)) return;
  throw new SluiceError('conflict', 'An organisation keeps at least one owner.', {
    reason: 'last_owner',
    remedy: 'Make someone else an owner first.',
  });
}

/** Throws `conflict` when an organisation would lose its last owner with this account. */
export async function keepOwners(trx: Trx, userUuid: string): Promise<void> {
  const owned = await trx
    .selectFrom('memberships')
    .select('organisation_uuid')
    .where('user_uuid', '=', userUuid)
    .where('role', '=', 'owner')
    .execute();
  for (const { organisation_uuid } of owned) await keepAnOwner(trx, organisation_uuid, userUuid);
}

export function createOrganisations(store: Store, audit: Audit, now: () => Date) {
  const get = async (uuid: string): Promise<Organisation | null> => {
    const row = await store.db
      .selectFrom('organisations')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row === undefined ? null : toOrganisation(row);
  };

  /** `owner` null: an administrator makes it for others. */
  const create = (
    input: { name: string; slug?: string | null; owner: string | null },
    actor: Actor,
  ) =>
    store.transaction(async (trx) => {
      const name = readName('name', input.name, true);
      const slug = readOrganisationSlug(input.slug ?? slugify(name));
      const organisation = await insertOrganisation(trx, { name, slug }, now());
      if (input.owner !== null) {
        const member = { organisationUuid: organisation.uuid, userUuid: input.owner };
        await putMember(trx, { ...member, role: 'owner' }, now());
      }
      await audit.record(trx, {
        actor,
        action: 'organisation.create',
        target: `organisation:${organisation.uuid}`,
        details: { slug },
      });
      return organisation;
    });

  /** Those whose name the identity may read: as a member, or as a collaborator on one of its applications. */
  const visibleTo = async (identity: Identity): Promise<Organisation[]> => {
    let query = store.db.selectFrom('organisations').selectAll().orderBy('slug');
    if (!identity.isAdmin) {
      query = query.where((eb) =>
        eb.or([
          eb(
            'uuid',
            'in',
            eb
              .selectFrom('memberships')
              .select('organisation_uuid')
              .where('user_uuid', '=', identity.userUuid),
          ),
          eb(
            'uuid',
            'in',
            eb
              .selectFrom('application_collaborators')
              .select('organisation_uuid')
              .where('user_uuid', '=', identity.userUuid),
          ),
        ]),
      );
    }
    return (await query.execute()).map(toOrganisation);
  };

  const members = async (organisationUuid: string): Promise<Member[]> => {
    const rows = await store.db
      .selectFrom('memberships as m')
      .innerJoin('users as u', 'u.uuid', 'm.user_uuid')
      .select(['m.organisation_uuid', 'm.user_uuid', 'm.role', 'u.email'])
      .where('m.organisation_uuid', '=', organisationUuid)
      .orderBy('u.email')
      .execute();
    return rows.map((row) => ({
      organisationUuid: row.organisation_uuid,
      userUuid: row.user_uuid,
      email: row.email,
      role: row.role,
    }));
  };

  const addMember = async (
    member: { organisationUuid: string; userUuid: string; role: string },
    actor: Actor,
  ): Promise<void> => {
    const role = readRole(member.role);
    await store.transaction(async (trx) => {
      await requireUser(trx, member.userUuid);
      await putMember(trx, { ...member, role }, now());
      await audit.record(trx, {
        actor,
        action: 'member.put',
        target: `organisation:${member.organisationUuid}`,
        details: { user: member.userUuid, role },
      });
    });
  };

  const removeMember = (organisationUuid: string, userUuid: string, actor: Actor) =>
    store.transaction(async (trx) => {
      await keepAnOwner(trx, organisationUuid, userUuid);
      const { numDeletedRows } = await trx
        .deleteFrom('memberships')
        .where('organisation_uuid', '=', organisationUuid)
        .where('user_uuid', '=', userUuid)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw new SluiceError('not_found', 'There is no such member.');
      await audit.record(trx, {
        actor,
        action: 'member.remove',
        target: `organisation:${organisationUuid}`,
        details: { user: userUuid },
      });
    });

  return { get, create, visibleTo, members, addMember, removeMember };
}

export function readRole(text: string): Role {
  if (ROLES.includes(text)) return text as Role;
  throw new SluiceError('invalid', `There is no role "${text}".`, {
    fields: { role: [`Use one of ${ROLES.join(', ')}.`] },
  });
}

export async function requireUser(trx: Trx, userUuid: string): Promise<void> {
  const user = await trx
    .selectFrom('users')
    .select('uuid')
    .where('uuid', '=', userUuid)
    .executeTakeFirst();
  if (user !== undefined) return;
  throw new SluiceError('invalid', 'There is no such user.', {
    fields: { user: ['There is no such user.'] },
  });
}

const toOrganisation = (row: OrganisationRow): Organisation => ({
  uuid: row.uuid,
  slug: row.slug,
  name: row.name,
  createdAt: row.created_at,
});
