import type { Git, Repository } from '../git/types.ts';
import type { Store } from '../store/index.ts';
import type { PullRequestRow } from '../store/schema/pull-requests.ts';
import type { createTurns } from '../turns.ts';

/** What pull requests ask of the git room. */
export type PullsGit = Pick<Git, 'get' | 'history' | 'commit' | 'fetch' | 'pulls'> & {
  readonly mirrors: Pick<Git['mirrors'], 'fetchRef'>;
};

export interface PullsDeps {
  readonly store: Store;
  readonly git: PullsGit;
  /** Without a slash at its end. Asked each time: port 0 is known only after listening. */
  readonly publicUrl: () => string;
  readonly now?: () => Date;
  /** Told of what went wrong in the background; the work is tried again. */
  readonly onError?: (error: unknown, doing: string) => void;
}

/** What the files of this room share. */
export interface Context {
  readonly store: Store;
  readonly git: PullsGit;
  readonly publicUrl: () => string;
  readonly now: () => string;
  readonly onError: (error: unknown, doing: string) => void;
  /** One thing at a time for each repository. */
  readonly turns: ReturnType<typeof createTurns>;
}

export type Pull = PullRequestRow;

/** Who does something to a pull request, by an authenticated identity. */
export interface Actor {
  readonly userUuid: string;
  readonly email: string;
  readonly name: string;
}

export const isHosted = (repository: Pick<Repository, 'kind'>): boolean =>
  repository.kind === 'hosted';

export async function readPull({ store }: Context, uuid: string): Promise<Pull | null> {
  const row = await store.db
    .selectFrom('pull_requests')
    .selectAll()
    .where('uuid', '=', uuid)
    .executeTakeFirst();
  return row ?? null;
}

/** Writes what changed, and lets whoever watches the repository look again. */
export async function writePull(
  { store, now }: Context,
  pull: Pick<Pull, 'uuid' | 'repository_uuid'>,
  change: Partial<Pull>,
): Promise<void> {
  await store.transaction(async (trx) => {
    await trx
      .updateTable('pull_requests')
      .set({ ...change, updated_at: now() })
      .where('uuid', '=', pull.uuid)
      .execute();
    store.changes.emit({ kind: 'repository', id: pull.repository_uuid, application: null }, trx);
  });
}
