import type { MergeMethod } from '../git/pulls/types.ts';
import type { Repository } from '../git/types.ts';
import type { Store } from '../store/index.ts';

export interface PullSettings {
  /** The first build of an author from a fork waits for an approval. */
  readonly approveFirst: boolean;
  /** `auto`: merging takes a passed build wherever the CI service makes one. */
  readonly requireGreen: 'auto' | 'on' | 'off';
  /** Where a passed build is needed: one of the merge with the base as it is now. */
  readonly requireCurrent: boolean;
  /** Where nobody says how. */
  readonly mergeMethod: MergeMethod;
  /** The branch goes once it is merged. */
  readonly deleteBranch: boolean;
  readonly previews: boolean;
  /** A preview that nobody pushed to for so long goes. */
  readonly previewDays: number;
  /** Previews of the application at a time. */
  readonly previewLimit: number;
}

const METHODS: readonly string[] = ['merge', 'squash', 'rebase'];

export async function readSettings(
  { store }: { readonly store: Store },
  repository: Pick<Repository, 'uuid' | 'isPrivate'>,
): Promise<PullSettings> {
  const row = await store.db
    .selectFrom('pull_request_settings')
    .selectAll()
    .where('repository_uuid', '=', repository.uuid)
    .executeTakeFirst();
  const method = row?.merge_method ?? 'merge';
  const required = row?.require_green ?? null;
  return {
    approveFirst: flag(row?.approve_first, !repository.isPrivate),
    requireGreen: required === null ? 'auto' : required === 1 ? 'on' : 'off',
    requireCurrent: flag(row?.require_current, true),
    mergeMethod: METHODS.includes(method) ? (method as MergeMethod) : 'merge',
    deleteBranch: flag(row?.delete_branch, false),
    previews: flag(row?.previews, false),
    previewDays: row?.preview_days ?? 14,
    previewLimit: row?.preview_limit ?? 5,
  };
}

export async function writeSettings(
  { store }: { readonly store: Store },
  repositoryUuid: string,
  change: Partial<PullSettings>,
): Promise<void> {
  const columns = {
    approve_first: column(change.approveFirst),
    require_green:
      change.requireGreen === undefined
        ? undefined
        : { auto: null, on: 1, off: 0 }[change.requireGreen],
    require_current: column(change.requireCurrent),
    merge_method: change.mergeMethod,
    delete_branch: column(change.deleteBranch),
    previews: column(change.previews),
    preview_days: change.previewDays,
    preview_limit: change.previewLimit,
  };
  const values = Object.fromEntries(
    Object.entries(columns).filter(([, value]) => value !== undefined),
  );
  if (Object.keys(values).length === 0) return;
  await store.db
    .insertInto('pull_request_settings')
    .values({
      ...{ approve_first: null, require_green: null, require_current: null },
      ...{ merge_method: null, delete_branch: null },
      ...{ previews: null, preview_days: null, preview_limit: null },
      ...values,
      repository_uuid: repositoryUuid,
    })
    .onConflict((conflict) => conflict.column('repository_uuid').doUpdateSet(values))
    .execute();
}

const flag = (value: number | null | undefined, otherwise: boolean): boolean =>
  value === null || value === undefined ? otherwise : value === 1;

const column = (value: boolean | undefined) => (value === undefined ? undefined : Number(value));
