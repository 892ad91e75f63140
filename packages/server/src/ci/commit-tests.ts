import type { Messages, Trx } from '../store/index.ts';
import type { Change } from './dependencies.ts';
import { buildUrl } from './urls.ts';

type Recording = Pick<Change, 'messages' | 'publicUrl' | 'now'>;

/** What a build says of its commit's test. */
export interface TestedBuild {
  readonly id: number;
  readonly repository_uuid: string;
  readonly sha: string;
  readonly number: number;
  readonly event: string;
  readonly verdict: string | null;
  readonly error: string | null;
}

/** Writes the build's row of `commit_tests` and tells the deploy room, in the caller's transaction. */
export async function recordCommitTest(
  trx: Trx,
  build: TestedBuild,
  { messages, now, publicUrl }: Recording,
): Promise<void> {
  await write(trx, messages, {
    build_id: build.id,
    repository_uuid: build.repository_uuid,
    sha: build.sha,
    build_number: build.number,
    event: build.event,
    state: build.verdict ?? 'unfinished',
    reason: build.error,
    url: buildUrl(publicUrl, build.id),
    updated_at: now,
  });
}

/**
 * Records that a push made no build. The row stands below every build of the commit (number 0), so a refusal never
 * outranks a test that took place.
 */
export async function recordRefusal(
  trx: Trx,
  push: { readonly id: number; readonly repositoryUuid: string; readonly sha: string },
  reason: string,
  { messages, now, publicUrl }: Recording,
): Promise<void> {
  await write(trx, messages, {
    build_id: -push.id,
    repository_uuid: push.repositoryUuid,
    sha: push.sha,
    build_number: 0,
    event: 'push',
    state: 'refused',
    reason,
    url: publicUrl,
    updated_at: now,
  });
}

interface Row {
  build_id: number;
  repository_uuid: string;
  sha: string;
  build_number: number;
  event: string;
  state: string;
  reason: string | null;
  url: string;
  updated_at: string;
}

async function write(trx: Trx, messages: Messages, row: Row): Promise<void> {
  await trx
    .insertInto('commit_tests')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('build_id')
        .doUpdateSet({ state: row.state, reason: row.reason, updated_at: row.updated_at }),
    )
    .execute();
  await messages.publish(trx, 'build', {
    repositoryUuid: row.repository_uuid,
    sha: row.sha,
    buildId: row.build_id,
    state: row.state,
  });
}
