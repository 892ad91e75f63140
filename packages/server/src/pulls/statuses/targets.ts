import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import { STATUS_PROVIDERS, type StatusProvider } from './hosts.ts';
import { type StatusOutbox, sealedFor } from './outbox.ts';

/** Where a repository's statuses go, without the token. */
export interface StatusTarget {
  readonly provider: string;
  readonly apiUrl: string;
  readonly slug: string;
  readonly updatedAt: string;
  /** Statuses that the host does not have yet, and why the newest of them was not taken. */
  readonly waiting: number;
  readonly lastError: string | null;
}

export interface NewStatusTarget {
  readonly provider: string;
  /** Default: of the public service of that name. */
  readonly apiUrl?: string;
  readonly slug: string;
  readonly token: string;
}

const PUBLIC: Readonly<Record<StatusProvider, string | null>> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
  bitbucket: 'https://api.bitbucket.org/2.0',
  gitea: null,
};

/** The token of each repository is sealed for its place and never shown again. */
export function createStatusTargets(
  store: Store,
  secrets: Pick<Secrets, 'seal'>,
  outbox: Pick<StatusOutbox, 'retry'>,
  now: () => string,
) {
  const of = async (repositoryUuid: string): Promise<StatusTarget | null> => {
    const row = await store.db
      .selectFrom('status_targets')
      .selectAll()
      .where('repository_uuid', '=', repositoryUuid)
      .executeTakeFirst();
    if (row === undefined) return null;
    const waiting = await store.db
      .selectFrom('commit_statuses')
      .select(['last_error'])
      .where('repository_uuid', '=', repositoryUuid)
      .whereRef('sent_version', '<', 'version')
      .orderBy('updated_at', 'desc')
      .execute();
    return {
      ...{ provider: row.provider, apiUrl: row.api_url, slug: row.slug, updatedAt: row.updated_at },
      ...{ waiting: waiting.length, lastError: waiting[0]?.last_error ?? null },
    };
  };

  return {
    of,
    /** Throws `invalid` by field. */
    set: async (repositoryUuid: string, input: NewStatusTarget, by: string): Promise<void> => {
      const provider = STATUS_PROVIDERS.find((known) => known === input.provider);
      if (provider === undefined) throw bad('provider', `Use ${STATUS_PROVIDERS.join(', ')}.`);
      const apiUrl = (input.apiUrl?.trim() || PUBLIC[provider])?.replace(/\/+$/, '');
      if (apiUrl === undefined) throw bad('api_url', 'Say where its API is: https://host/api/v1.');
      if (!/^https?:\/\/[^\s?#@]+$/.test(apiUrl)) {
        throw bad('api_url', 'Give an http or https address without a user, query or fragment.');
      }
      const slug = input.slug.trim();
      if (!/^[\w.~-]+(\/[\w.~-]+)+$/.test(slug)) throw bad('slug', 'Give owner/name.');
      const token = input.token.trim();
      if (token === '' || /\s/.test(token)) throw bad('token', 'Give the token.');
      const row = {
        ...{ provider, api_url: apiUrl, slug, created_by: by, updated_at: now() },
        token_sealed: secrets.seal(token, sealedFor(repositoryUuid)),
      };
      await store.db
        .insertInto('status_targets')
        .values({ repository_uuid: repositoryUuid, ...row })
        .onConflict((conflict) => conflict.column('repository_uuid').doUpdateSet(row))
        .execute();
      await outbox.retry(repositoryUuid);
    },
    remove: async (repositoryUuid: string): Promise<void> => {
      await store.db
        .deleteFrom('status_targets')
        .where('repository_uuid', '=', repositoryUuid)
        .execute();
    },
  };
}

const bad = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });
