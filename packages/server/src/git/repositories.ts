import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Database, Trx } from '../store/index.ts';
import type { RepositoryRow } from '../store/schema/git.ts';
import { isRefName, isSlug } from './names.ts';
import type { Repository, RepositoryChanges } from './types.ts';

export interface NewRepository {
  readonly organisationUuid: string;
  readonly slug: string;
  readonly kind: 'hosted' | 'mirror';
  readonly url: string | null;
  readonly isPrivate: boolean;
}

/** The rows of repositories; nothing here touches the disk. */
export function createRepositories(db: Kysely<Database>) {
  const all = () => db.selectFrom('repositories').selectAll();
  const one = async (row: Promise<Selectable<RepositoryRow> | undefined>) => {
    const found = await row;
    return found === undefined ? null : toRepository(found);
  };

  return {
    get: (uuid: string) => one(all().where('uuid', '=', uuid).executeTakeFirst()),
    byId: (id: number) => one(all().where('id', '=', id).executeTakeFirst()),
    bySlug: (slug: string) => one(all().where('slug', '=', slug).executeTakeFirst()),
    list: async () => (await all().orderBy('id').execute()).map(toRepository),

    create: async (trx: Trx, input: NewRepository): Promise<Repository> => {
      await refuseSlug(trx, input.slug);
      const row = await trx
        .insertInto('repositories')
        .values({
          uuid: randomUUID(),
          organisation_uuid: input.organisationUuid,
          slug: input.slug,
          kind: input.kind,
          url: input.url,
          default_branch: null,
          // What is hosted here has no other CI service yet; a mirror's tests may well run elsewhere.
          ci_enabled: input.kind === 'hosted' ? 1 : 0,
          is_private: input.isPrivate ? 1 : 0,
          settings: '{}',
          created_at: new Date().toISOString(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toRepository(row);
    },

    update: async (trx: Trx, uuid: string, changes: RepositoryChanges): Promise<void> => {
      if (changes.slug !== undefined) await refuseSlug(trx, changes.slug, uuid);
      if (changes.defaultBranch !== undefined && !isRefName(changes.defaultBranch)) {
        throw new SluiceError('invalid', 'The default branch is not a valid branch name.');
      }
      const columns = {
        ...(changes.slug === undefined ? {} : { slug: changes.slug }),
        ...(changes.defaultBranch === undefined ? {} : { default_branch: changes.defaultBranch }),
        ...(changes.ciEnabled === undefined ? {} : { ci_enabled: changes.ciEnabled ? 1 : 0 }),
        ...(changes.isPrivate === undefined ? {} : { is_private: changes.isPrivate ? 1 : 0 }),
        ...(changes.settings === undefined ? {} : { settings: JSON.stringify(changes.settings) }),
      };
      if (Object.keys(columns).length === 0) return;
      await trx.updateTable('repositories').set(columns).where('uuid', '=', uuid).execute();
    },

    remove: async (trx: Trx, uuid: string): Promise<void> => {
      await trx.deleteFrom('repository_refs').where('repository_uuid', '=', uuid).execute();
      await trx.deleteFrom('pushes').where('repository_uuid', '=', uuid).execute();
      await trx.deleteFrom('repository_keys').where('repository_uuid', '=', uuid).execute();
      await trx.deleteFrom('repositories').where('uuid', '=', uuid).execute();
    },
  };
}

export type Repositories = ReturnType<typeof createRepositories>;

async function refuseSlug(trx: Trx, slug: string, except?: string): Promise<void> {
  if (!isSlug(slug)) {
    throw new SluiceError('invalid', `Not a repository name: ${JSON.stringify(slug)}.`, {
      fields: {
        slug: [
          'Use <organisation>/<application> with letters, digits, dots, dashes and underscores.',
        ],
      },
    });
  }
  const taken = await trx
    .selectFrom('repositories')
    .select('uuid')
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (taken !== undefined && taken.uuid !== except) {
    throw new SluiceError('conflict', `The repository ${slug} exists already.`, {
      reason: 'slug_taken',
      fields: { slug: ['This name is in use.'] },
    });
  }
}

function toRepository(row: Selectable<RepositoryRow>): Repository {
  return {
    id: row.id,
    uuid: row.uuid,
    organisationUuid: row.organisation_uuid,
    slug: row.slug,
    kind: row.kind,
    url: row.url,
    defaultBranch: row.default_branch,
    ciEnabled: row.ci_enabled === 1,
    isPrivate: row.is_private === 1,
    settings: JSON.parse(row.settings),
    createdAt: row.created_at,
  };
}
