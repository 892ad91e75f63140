import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Selectable } from 'kysely';
import { SluiceError } from '../errors.ts';
import type { Trx } from '../store/index.ts';
import type { CiCacheRow } from '../store/schema/ci.ts';
import { type CacheScopes, cacheScopes } from './cache-scope.ts';
import { type Context, isoTime } from './dependencies.ts';
import { workingJob } from './held-job.ts';
import { receive } from './receive.ts';

export interface CacheArchive {
  readonly id: number;
  /** `branch:main`, `pull:4`, `tag:v1`. */
  readonly scope: string;
  readonly slug: string;
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly usedAt: string;
}

/** The archives of cached directories, least recently used first to go (spec/travis.md 8). */
export interface Caches {
  /** The first archive that the job may read; null: there is none. The caller reads or destroys the stream. */
  fetch(
    jobId: number,
    leaseToken: string,
    slug: string,
  ): Promise<{ scope: string; sizeBytes: number; stream: Readable } | null>;
  /**
   * Takes the archive in place of the job's own older one. Throws `forbidden` for jobs that may store none and `too_large`; then,
   * and when the stream breaks off, nothing has changed.
   */
  store(
    jobId: number,
    leaseToken: string,
    slug: string,
    body: Readable,
    /** Its length as announced, so that what is too large need not be sent. */
    announcedBytes?: number,
  ): Promise<number>;
  list(repositoryUuid: string): Promise<CacheArchive[]>;
  /** Those of a scope (`branch:main`), those of these ids, or all; answers what was removed. */
  remove(
    repositoryUuid: string,
    which?: { readonly scope?: string; readonly ids?: readonly number[] },
  ): Promise<CacheArchive[]>;
  /** Removes what a process that died has left half done, and archives of repositories that are gone. */
  heal(): Promise<void>;
}

const SLUG = /^[\w.-]{1,200}$/;

export function createCaches(context: Context): Caches {
  const { store, caches: limits } = context;
  const { blobs } = store;
  const keyOf = (name: string) => `caches/${name}`;
  const removeFiles = (names: readonly string[]) => blobs.remove(names.map(keyOf));

  const scopesOf = async (jobId: number, leaseToken: string, slug: string) => {
    if (!SLUG.test(slug)) throw new SluiceError('invalid', 'This is not the name of a cache.');
    const job = await workingJob(store.db, jobId, leaseToken);
    const build = await store.db
      .selectFrom('builds')
      .selectAll()
      .where('id', '=', job.build_id)
      .executeTakeFirstOrThrow();
    const repository = await context.git.get(job.repository_uuid);
    const scopes: CacheScopes = cacheScopes(build, job, repository?.defaultBranch ?? null);
    return { ...scopes, repositoryUuid: job.repository_uuid };
  };

  const find = (repositoryUuid: string, scope: string, slug: string) =>
    store.db
      .selectFrom('ci_caches')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .where('scope', '=', scope)
      .where('slug', '=', slug)
      .executeTakeFirst();

  return {
    fetch: async (jobId, leaseToken, slug) => {
      const { readable, repositoryUuid } = await scopesOf(jobId, leaseToken, slug);
      for (const scope of readable) {
        const row = await find(repositoryUuid, scope, slug);
        if (row === undefined) continue;
        const found = await blobs.open(keyOf(row.file));
        if (found === null) continue;
        await store.db
          .updateTable('ci_caches')
          .set({ used_at: isoTime(context.now()) })
          .where('id', '=', row.id)
          .execute();
        return { scope, sizeBytes: row.size_bytes, stream: found.stream };
      }
      return null;
    },

    store: async (jobId, leaseToken, slug, body, announcedBytes = 0) => {
      const { own, repositoryUuid } = await scopesOf(jobId, leaseToken, slug);
      if (own === null) {
        throw new SluiceError('forbidden', 'A build that is not trusted stores no cache.');
      }
      const largest = Math.min(limits.repositoryBytes, limits.totalBytes);
      if (announcedBytes > largest) throw tooLarge(largest);
      const file = `${randomBytes(16).toString('hex')}.tar.gz`;
      const received = await receive(blobs, body, largest, () => tooLarge(largest));
      try {
        await blobs.put(keyOf(file), received.path);
        const now = isoTime(context.now());
        const gone = await context.transact(async (trx) => {
          // The lease may have been lost while the archive was on its way.
          await workingJob(trx, jobId, leaseToken);
          const older = await trx
            .deleteFrom('ci_caches')
            .where('repository_uuid', '=', repositoryUuid)
            .where('scope', '=', own)
            .where('slug', '=', slug)
            .returning('file')
            .execute();
          await trx
            .insertInto('ci_caches')
            .values({
              ...{ repository_uuid: repositoryUuid, scope: own, slug, file },
              ...{ size_bytes: received.sizeBytes, created_at: now, used_at: now },
            })
            .execute();
          return [...older.map((row) => row.file), ...(await evict(trx, repositoryUuid, limits))];
        });
        await removeFiles(gone);
        return received.sizeBytes;
      } catch (error) {
        await received.discard();
        const row = await store.db
          .selectFrom('ci_caches')
          .select('id')
          .where('file', '=', file)
          .executeTakeFirst();
        if (row === undefined) await removeFiles([file]);
        throw error;
      }
    },

    list: async (repositoryUuid) => {
      const rows = await store.db
        .selectFrom('ci_caches')
        .selectAll()
        .where('repository_uuid', '=', repositoryUuid)
        .orderBy('scope')
        .orderBy('slug')
        .execute();
      return rows.map(archiveOf);
    },

    remove: async (repositoryUuid, { scope, ids } = {}) => {
      if (ids?.length === 0) return [];
      let query = store.db.deleteFrom('ci_caches').where('repository_uuid', '=', repositoryUuid);
      if (scope !== undefined) query = query.where('scope', '=', scope);
      if (ids !== undefined) query = query.where('id', 'in', ids);
      const rows = await query.returningAll().execute();
      await removeFiles(rows.map((row) => row.file));
      return rows.map(archiveOf);
    },

    heal: async () => {
      await store.db
        .deleteFrom('ci_caches')
        .where('repository_uuid', 'not in', (query) =>
          query.selectFrom('repositories').select('uuid'),
        )
        .execute();
      const there = new Set<string>();
      for await (const { key } of blobs.list(keyOf(''))) there.add(key.slice(keyOf('').length));
      const rows = await store.db.selectFrom('ci_caches').select(['id', 'file']).execute();
      const known = new Set(rows.map((row) => row.file));
      // A bucket may hold what is not this installation's, if somebody has set the same prefix twice.
      if (blobs.kind === 'directory') {
        await removeFiles([...there].filter((name) => !known.has(name)));
      }
      const lost = rows.filter((row) => !there.has(row.file)).map((row) => row.id);
      if (lost.length === 0) return;
      await store.db.deleteFrom('ci_caches').where('id', 'in', lost).execute();
    },
  };
}

/** Takes rows away, least recently used first, until both limits hold; answers their files. */
async function evict(
  trx: Trx,
  repositoryUuid: string,
  limits: { readonly repositoryBytes: number; readonly totalBytes: number },
): Promise<string[]> {
  const rows = await trx
    .selectFrom('ci_caches')
    .select(['id', 'file', 'size_bytes', 'repository_uuid'])
    .orderBy('used_at')
    .orderBy('id')
    .execute();
  const sizeOf = (some: typeof rows) => some.reduce((sum, row) => sum + row.size_bytes, 0);
  let total = sizeOf(rows);
  let own = sizeOf(rows.filter((row) => row.repository_uuid === repositoryUuid));
  const gone: typeof rows = [];
  for (const row of rows) {
    const isOwn = row.repository_uuid === repositoryUuid;
    if (total <= limits.totalBytes && !(isOwn && own > limits.repositoryBytes)) continue;
    gone.push(row);
    total -= row.size_bytes;
    if (isOwn) own -= row.size_bytes;
  }
  if (gone.length > 0) {
    const ids = gone.map((row) => row.id);
    await trx.deleteFrom('ci_caches').where('id', 'in', ids).execute();
  }
  return gone.map((row) => row.file);
}

const tooLarge = (largest: number) =>
  new SluiceError('too_large', `The archive is larger than ${largest} bytes, the limit here.`, {
    reason: 'cache_too_large',
  });

const archiveOf = (row: Selectable<CiCacheRow>): CacheArchive => ({
  id: row.id,
  scope: row.scope,
  slug: row.slug,
  sizeBytes: row.size_bytes,
  createdAt: row.created_at,
  usedAt: row.used_at,
});
