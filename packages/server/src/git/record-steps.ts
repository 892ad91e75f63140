import type { Store, Trx } from '../store/index.ts';
import type { Step } from './changes.ts';
import type { RefState } from './refs.ts';
import { ABSENT } from './types.ts';

export interface JudgedStep extends Step {
  readonly forced: boolean;
}

/**
 * A statement for so many refs at once: each costs a way to the database, while which nobody else writes, and a push may
 * bring thousands. Both databases take as many values as that makes.
 */
const AT_ONCE = 500;

function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += AT_ONCE) yield all.slice(from, from + AT_ONCE);
}

/** What the rows say now of these refs; one without a row is missing. */
export async function readRecorded(
  trx: Trx,
  repositoryUuid: string,
  refs: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const part of parts([...new Set(refs)])) {
    const rows = await trx
      .selectFrom('repository_refs')
      .select(['ref', 'sha'])
      .where('repository_uuid', '=', repositoryUuid)
      .where('ref', 'in', part)
      .execute();
    for (const { ref, sha } of rows) found.set(ref, sha);
  }
  return found;
}

/** Brings the rows to where the last step of each ref leads. */
export async function writeRefs(
  trx: Trx,
  repositoryUuid: string,
  steps: readonly Step[],
): Promise<void> {
  const last = new Map<string, RefState | null>(steps.map(({ ref, to }) => [ref, to]));
  const gone = [...last].filter(([, to]) => to === null).map(([ref]) => ref);
  for (const part of parts(gone)) {
    await trx
      .deleteFrom('repository_refs')
      .where('repository_uuid', '=', repositoryUuid)
      .where('ref', 'in', part)
      .execute();
  }
  const rows = [...last].flatMap(([ref, to]) =>
    to === null
      ? []
      : [{ repository_uuid: repositoryUuid, ref, sha: to.sha, commit_sha: to.commitSha }],
  );
  for (const part of parts(rows)) {
    await trx
      .insertInto('repository_refs')
      .values(part)
      .onConflict((conflict) =>
        conflict.columns(['repository_uuid', 'ref']).doUpdateSet(({ ref }) => ({
          sha: ref('excluded.sha'),
          commit_sha: ref('excluded.commit_sha'),
        })),
      )
      .execute();
  }
}

/** The pushes and the messages that tell the other rooms of them, in order; none where no commit came or went. */
export async function writePushes(
  store: Store,
  trx: Trx,
  repositoryUuid: string,
  steps: readonly JudgedStep[],
): Promise<number[]> {
  const received_at = new Date().toISOString();
  const rows = steps
    .map((step) => ({
      repository_uuid: repositoryUuid,
      ref: step.ref,
      before_sha: step.from?.commitSha ?? ABSENT,
      after_sha: step.to?.commitSha ?? ABSENT,
      forced: step.forced ? 1 : 0,
      pusher_uuid: step.receipt?.pusherUuid ?? null,
      received_at,
      outcome: null,
      build_id: null,
    }))
    .filter((row) => row.before_sha !== row.after_sha);
  const ids: number[] = [];
  for (const part of parts(rows)) {
    const written = await trx
      .insertInto('pushes')
      .values(part)
      .returning(['id', 'ref', 'before_sha', 'after_sha', 'forced'])
      .execute();
    // They count in the order of the rows; what comes back has none.
    written.sort((a, b) => a.id - b.id);
    await store.messages.publishAll(
      trx,
      'push',
      written.map((row) => ({
        pushId: row.id,
        repositoryUuid,
        ref: row.ref,
        before: row.before_sha,
        after: row.after_sha,
        forced: row.forced === 1,
      })),
    );
    ids.push(...written.map(({ id }) => id));
  }
  return ids;
}
