import { hasSkipWord } from '@sluice/travis-config';
import type { Topics } from '../store/index.ts';
import { recordRefusal } from './commit-tests.ts';
import { createBuild } from './create-build.ts';
import type { CiRepository, Context } from './dependencies.ts';
import type { BuildPlan, PlanFacts } from './plan.ts';
import { type PlannedCommit, planCommit } from './plan-commit.ts';
import { isAbsent, pushedRef, REFUSALS, type Refusal, refuseUnseen } from './push-decision.ts';
import { readRepositorySettings } from './repository-settings.ts';

type Push = Topics['push'];

type Answer =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'build';
      readonly plan: BuildPlan;
      readonly secureOrigins: Readonly<Record<string, string | null>>;
      readonly message: string;
      readonly commitInfo: unknown;
    };

/** After so many failures a push is given up: the ones behind it must not wait for ever. */
const MAX_FAILURES = 5;

/**
 * Answers the consumer of `push` messages: each push makes one build or gets a reason why not, once, however often
 * the message comes.
 */
export function createPushConsumer(context: Context): (push: Push) => Promise<void> {
  const failures = new Map<number, number>();
  return async (push) => {
    if (await isDone(context, push.pushId)) return;
    const answer = await answerTo(context, push).catch((error: unknown) => {
      const count = (failures.get(push.pushId) ?? 0) + 1;
      failures.set(push.pushId, count);
      if (count < MAX_FAILURES) throw error;
      context.onError(error, `reading push ${push.pushId}`);
      return refused('unreadable');
    });
    failures.delete(push.pushId);
    await record(context, push, answer);
  };
}

async function isDone({ store }: Context, pushId: number): Promise<boolean> {
  const row = await store.db
    .selectFrom('pushes')
    .select('outcome')
    .where('id', '=', pushId)
    .executeTakeFirst();
  return row === undefined || row.outcome !== null;
}

async function answerTo(context: Context, push: Push): Promise<Answer> {
  const { git } = context;
  const repository = await git.get(push.repositoryUuid);
  if (repository === null) return refused('repository_gone');
  const refusal = refuseUnseen({ ...push, ciEnabled: repository.ciEnabled });
  if (refusal !== null) return refused(refusal);
  const settings = await readRepositorySettings(context, repository.uuid);
  if (!settings.buildPushes) return refused('pushes_off');
  const commit = await git.commit(repository.uuid, push.after);
  if (commit === null) return refused('commit_missing');
  if (hasSkipWord(commit.message)) return refused('commit_skipped');
  const text = await git.readFile(repository.uuid, push.after, '.travis.yml');
  if (text === null) return refused('no_configuration');
  const variables = await context.settingsVariables(
    repository.uuid,
    pushedRef(push.ref)?.name ?? '',
  );
  const env = variables.filter(({ secret }) => !secret).map((variable) => variable.text);
  const answer = await planPush(context, repository, push, { message: commit.message, text, env });
  if (answer.kind === 'refused') return refused(answer.refusal);
  const { plan, secureOrigins } = answer;
  return { kind: 'build', plan, secureOrigins, message: commit.message, commitInfo: commit };
}

function planPush(
  context: Context,
  repository: CiRepository,
  push: Push,
  known: { readonly message: string; readonly text: string; readonly env: readonly string[] },
): Promise<PlannedCommit> {
  const ref = pushedRef(push.ref);
  const facts: PlanFacts = {
    event: 'push',
    repositorySlug: repository.slug,
    branch: ref?.name ?? '',
    tag: ref?.kind === 'tag' ? ref.name : null,
    message: known.message,
    fork: false,
    env: known.env,
  };
  const commit = { sha: push.after, text: known.text };
  return planCommit(context, repository, commit, facts, `push ${push.pushId}`);
}

const refused = (refusal: Refusal): Answer => ({ kind: 'refused', refusal });

async function record(context: Context, push: Push, answer: Answer): Promise<void> {
  await context.transact(async (trx, change) => {
    const row = await trx
      .selectFrom('pushes')
      .select('outcome')
      .where('id', '=', push.pushId)
      .executeTakeFirst();
    if (row === undefined || row.outcome !== null) return;

    let outcome: string = 'build';
    let buildId: number | null = null;
    if (answer.kind === 'build') {
      const ref = pushedRef(push.ref);
      buildId = await createBuild(
        trx,
        {
          repositoryUuid: push.repositoryUuid,
          event: 'push',
          ref: push.ref,
          branch: ref?.name ?? '',
          tag: ref?.kind === 'tag' ? ref.name : null,
          sha: push.after,
          before: isAbsent(push.before) ? null : push.before,
          message: answer.message,
          commitInfo: answer.commitInfo,
          trusted: true,
          pullRequest: null,
          secureOrigins: answer.secureOrigins,
          pushId: push.pushId,
        },
        answer.plan,
        change,
      );
    } else {
      outcome = answer.refusal;
      if (answer.refusal !== 'deleted') {
        const { pushId: id, repositoryUuid, after: sha } = push;
        await recordRefusal(trx, { id, repositoryUuid, sha }, REFUSALS[answer.refusal], change);
      }
    }
    await trx
      .updateTable('pushes')
      .set({ outcome, build_id: buildId })
      .where('id', '=', push.pushId)
      .execute();
    change.wake(`push:${push.pushId}`);
  });
}
