import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely';
import type { Database, Store } from '../store/index.ts';
import { toApplication } from './rows.ts';
import type { Application, Page } from './types.ts';

/** Which applications the asker may read; accounts' `Reach` has this shape. */
export interface Reach {
  readonly everything: boolean;
  readonly organisations: readonly string[];
  readonly applications: readonly string[];
  readonly only: readonly string[] | null;
}

const EVERYTHING: Reach = {
  everything: true,
  organisations: [],
  applications: [],
  only: null,
};

/** Each list is an "in" filter; an absent one does not filter. */
export interface ApplicationFilter {
  readonly uuids?: readonly string[];
  readonly websiteIds?: readonly number[];
  readonly slugs?: readonly string[];
  readonly organisations?: readonly string[];
  /** Removed ones that can still be restored, instead of those that exist. */
  readonly removed?: boolean;
}

type Builder = ExpressionBuilder<Database, 'applications'>;
type Condition = ExpressionWrapper<Database, 'applications', SqlBool>;
type Column = 'uuid' | 'website_id' | 'slug' | 'organisation_uuid';

/** `in ()` is an error in PostgreSQL. */
function oneOf(eb: Builder, column: Column, values: readonly (string | number)[]): Condition {
  if (values.length === 0) return eb(sql`1`, '=', 0) as Condition;
  return eb(column, 'in', values as readonly string[]) as Condition;
}

export function createQueries(store: Store) {
  const list = async (
    filter: ApplicationFilter,
    page: Page,
    reach: Reach = EVERYTHING,
  ): Promise<{ count: number; applications: Application[] }> => {
    const conditions = (eb: Builder): Condition => {
      const all: Condition[] = [
        eb('deleted_at', filter.removed === true ? 'is not' : 'is', null) as Condition,
      ];
      if (filter.uuids) all.push(oneOf(eb, 'uuid', filter.uuids));
      if (filter.websiteIds) all.push(oneOf(eb, 'website_id', filter.websiteIds));
      if (filter.slugs) all.push(oneOf(eb, 'slug', filter.slugs));
      if (filter.organisations) all.push(oneOf(eb, 'organisation_uuid', filter.organisations));
      if (!reach.everything) {
        all.push(
          eb.or([
            oneOf(eb, 'organisation_uuid', reach.organisations),
            oneOf(eb, 'uuid', reach.applications),
          ]) as Condition,
        );
      }
      if (reach.only !== null) all.push(oneOf(eb, 'uuid', reach.only));
      return eb.and(all) as Condition;
    };
    const query = store.db.selectFrom('applications').where(conditions);
    const { count } = await query
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const rows = await query
      .selectAll()
      .orderBy('website_id')
      .offset(page.offset)
      .limit(page.limit)
      .execute();
    return { count: Number(count), applications: rows.map(toApplication) };
  };

  const one = async (filter: ApplicationFilter): Promise<Application | null> => {
    const { applications } = await list(filter, { offset: 0, limit: 1 });
    return applications[0] ?? null;
  };

  const byRepository = async (repositoryUuid: string): Promise<Application | null> => {
    const row = await store.db
      .selectFrom('applications')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return row === undefined ? null : toApplication(row);
  };

  /** A removed application takes its repository with it, until it is restored. */
  const isRemovedRepository = async (repositoryUuid: string): Promise<boolean> => {
    const row = await store.db
      .selectFrom('applications')
      .select('uuid')
      .where('repository_uuid', '=', repositoryUuid)
      .where('deleted_at', 'is not', null)
      .executeTakeFirst();
    return row !== undefined;
  };

  return {
    list,
    get: (uuid: string) => one({ uuids: [uuid] }),
    byWebsiteId: (websiteId: number) => one({ websiteIds: [websiteId] }),
    bySlug: (slug: string) => one({ slugs: [slug] }),
    byRepository,
    isRemovedRepository,
    /** By website id (digits only), slug or uuid. */
    find: async (text: string): Promise<Application | null> =>
      /^\d{1,15}$/.test(text)
        ? one({ websiteIds: [Number(text)] })
        : ((await one({ slugs: [text] })) ?? one({ uuids: [text] })),
  };
}
