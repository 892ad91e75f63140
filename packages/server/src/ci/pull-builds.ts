import { hasSkipWord } from '@sluice/travis-config';
import { SluiceError } from '../errors.ts';
import type { Topics } from '../store/index.ts';
import type { Control } from './control.ts';
import { createBuild } from './create-build.ts';
import type { Context } from './dependencies.ts';
import { type PlannedCommit, planCommit } from './plan-commit.ts';
import { REFUSALS, type Refusal } from './push-decision.ts';
import { readRepositorySettings } from './repository-settings.ts';

type Wish = Topics['pull_build'];

type Answer =
  | { readonly kind: 'refused'; readonly reason: string }
  | (Extract<PlannedCommit, { kind: 'build' }> & {
      readonly message: string;
      readonly commitInfo: unknown;
    });

/** After so many failures a wish is given up: the ones behind it must not wait for ever. */
const MAX_FAILURES = 5;

/**
 * Answers the consumer of `pull_build` messages: each wish makes one build of the merge result or gets a reason why not,
 * once, however often the message comes. Older builds of the pull request that have not begun are cancelled, running ones
 * where the repository's settings ask for it.
 */
export function createPullBuildConsumer(
  context: Context,
  control: Pick<Control, 'cancelBuild'>,
): (wish: Wish) => Promise<void> {
  const failures = new Map<string, number>();
  return async (wish) => {
    if (!(await isAnswered(context, wish))) {
      const answer = await answerTo(context, wish).catch((error: unknown): Answer => {
        const count = (failures.get(wish.request) ?? 0) + 1;
        failures.set(wish.request, count);
        if (count < MAX_FAILURES) throw error;
        context.onError(error, `reading pull request ${wish.number}`);
        return refused('unreadable');
      });
      failures.delete(wish.request);
      await record(context, wish, answer);
    }
    await cancelOlder(context, control, wish);
  };
}

async function isAnswered({ store }: Context, { request }: Wish): Promise<boolean> {
  const row = await store.db
    .selectFrom('pull_builds')
    .select('request')
    .where('request', '=', request)
    .executeTakeFirst();
  return row !== undefined;
}

async function answerTo(context: Context, wish: Wish): Promise<Answer> {
  const { git } = context;
  const repository = await git.get(wish.repositoryUuid);
  if (repository === null) return refused('repository_gone');
  if (!repository.ciEnabled) return refused('ci_off');
  const settings = await readRepositorySettings(context, repository.uuid);
  if (!settings.buildPullRequests) {
    return { kind: 'refused', reason: 'The settings of this repository leave pull requests out.' };
  }
  const merge = await git.commit(repository.uuid, wish.sha);
  const head = await git.commit(repository.uuid, wish.head.sha);
  if (merge === null || head === null) return refused('commit_missing');
  // The merge is ours; what its author wants is said in the head (spec/travis.md 12).
  if (hasSkipWord(head.message)) return refused('commit_skipped');
  const text = await git.readFile(repository.uuid, wish.sha, '.travis.yml');
  if (text === null) return refused('no_configuration');
  const variables = await context.settingsVariables(repository.uuid, wish.baseRef);
  const planned = await planCommit(
    context,
    repository,
    { sha: wish.sha, text },
    {
      event: 'pull_request',
      repositorySlug: repository.slug,
      branch: wish.baseRef,
      tag: null,
      message: head.message,
      fork: !wish.trusted,
      env: variables.filter(({ secret }) => !secret).map((variable) => variable.text),
      pull: {
        headBranch: wish.head.ref,
        headRepository: wish.head.slug,
        sender: wish.sender,
        draft: wish.draft,
      },
    },
    `pull request ${wish.number}`,
  );
  if (planned.kind === 'refused') return refused(planned.refusal);
  return { ...planned, message: head.message, commitInfo: head };
}

const refused = (refusal: Refusal): Answer => ({ kind: 'refused', reason: REFUSALS[refusal] });

async function record(context: Context, wish: Wish, answer: Answer): Promise<void> {
  await context.transact(async (trx, change) => {
    const { request, repositoryUuid, number, head } = wish;
    const before = await trx
      .selectFrom('pull_builds')
      .select('request')
      .where('request', '=', request)
      .executeTakeFirst();
    if (before !== undefined) return;
    const buildId =
      answer.kind === 'refused'
        ? null
        : await createBuild(
            trx,
            {
              repositoryUuid,
              event: 'pull_request',
              ref: wish.ref,
              branch: wish.baseRef,
              tag: null,
              sha: wish.sha,
              before: wish.baseSha,
              message: answer.message,
              commitInfo: answer.commitInfo,
              trusted: wish.trusted,
              secureOrigins: answer.secureOrigins,
              pushId: null,
              pullRequest: {
                number,
                title: wish.title,
                branch: head.ref,
                sha: head.sha,
                slug: head.slug,
                draft: wish.draft,
              },
            },
            answer.plan,
            change,
          );
    const refusal = answer.kind === 'refused' ? answer.reason : null;
    await trx
      .insertInto('pull_builds')
      .values({
        ...{ request, number, refusal, build_id: buildId },
        repository_uuid: repositoryUuid,
        created_at: change.now,
      })
      .execute();
    await change.messages.publish(trx, 'pull_build_answer', { request, buildId, refusal });
  });
}

async function cancelOlder(
  context: Context,
  control: Pick<Control, 'cancelBuild'>,
  { repositoryUuid, number, request }: Wish,
): Promise<void> {
  const { db } = context.store;
  const settings = await readRepositorySettings(context, repositoryUuid);
  const builds = await db
    .selectFrom('pull_builds')
    .innerJoin('builds', 'builds.id', 'pull_builds.build_id')
    .select(['pull_builds.request', 'builds.id', 'builds.number', 'builds.state'])
    .where('pull_builds.repository_uuid', '=', repositoryUuid)
    .where('pull_builds.number', '=', number)
    .execute();
  const own = builds.find((build) => build.request === request);
  const obsolete = settings.autoCancelPullRequests ? ['created', 'started'] : ['created'];
  for (const build of builds) {
    // An older wish that comes again must not cancel what came after it.
    if (own === undefined || build.number >= own.number) continue;
    if (!obsolete.includes(build.state)) continue;
    await control.cancelBuild(build.id, `build #${own.number}`).catch((error: unknown) => {
      // A runner or a person was quicker.
      if (!(error instanceof SluiceError && error.code === 'conflict')) throw error;
    });
  }
}
