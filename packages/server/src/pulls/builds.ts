import type { Topics } from '../store/index.ts';
import { type Context, type Pull, writePull } from './context.ts';

/** The pull request that a wish or a build is of; null for one whose head has moved on. */
async function pullOf(
  { store }: Context,
  column: 'build_request' | 'build_id',
  value: string | number,
): Promise<Pull | null> {
  const row = await store.db
    .selectFrom('pull_requests')
    .selectAll()
    .where(column, '=', value)
    .executeTakeFirst();
  return row ?? null;
}

/** Keeps what the CI service made of a wish; answers the pull request. */
export async function takeAnswer(
  context: Context,
  { request, buildId, refusal }: Topics['pull_build_answer'],
): Promise<string | null> {
  const pull = await pullOf(context, 'build_request', request);
  if (pull === null) return null;
  const test =
    buildId === null
      ? undefined
      : await context.store.db
          .selectFrom('commit_tests')
          .select(['state', 'reason'])
          .where('build_id', '=', buildId)
          .executeTakeFirst();
  await writePull(context, pull, {
    build_id: buildId,
    // A build that ended before this answer was read has said so to nobody.
    build_state: buildId === null ? 'refused' : (test?.state ?? 'unfinished'),
    build_reason: refusal ?? test?.reason ?? null,
  });
  return pull.uuid;
}

/** Keeps how a build goes; answers the pull request that it is of. */
export async function takeBuild(
  context: Context,
  { buildId, state }: Topics['build'],
): Promise<string | null> {
  const pull = await pullOf(context, 'build_id', buildId);
  if (pull === null) return null;
  // One that was written before a crash may still have to be acted on.
  if (pull.build_state !== state) await writePull(context, pull, { build_state: state });
  return pull.uuid;
}
