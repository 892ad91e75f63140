import type { Trx } from '../store/index.ts';
import { advance } from './advance.ts';
import { recordCommitTest } from './commit-tests.ts';
import { nextBuildNumber } from './counters.ts';
import type { Change } from './dependencies.ts';
import { recordNotifications } from './notifications/record.ts';
import type { BuildPlan } from './plan.ts';
import { redact } from './redact.ts';
import { needsOf, needsText } from './runners/needs.ts';
import type { BuildEvent } from './states.ts';

/** `builds.pull_request`, as JSON. */
export interface PullRequestFacts {
  readonly number: number;
  readonly title: string;
  /** Head branch and commit, and `owner/name` of the repository that holds them. */
  readonly branch: string;
  readonly sha: string;
  readonly slug: string;
  readonly draft: boolean;
}

/** What sets a build off: a push or a pull request, later also a call or a schedule. */
export interface Trigger {
  readonly repositoryUuid: string;
  readonly event: BuildEvent;
  readonly ref: string;
  readonly branch: string;
  readonly tag: string | null;
  readonly sha: string;
  /** Null on a branch's first push. */
  readonly before: string | null;
  readonly message: string;
  readonly commitInfo: unknown;
  readonly trusted: boolean;
  readonly pushId: number | null;
  /** What its jobs are told of the pull request (spec/travis.md 11). */
  readonly pullRequest: PullRequestFacts | null;
  /** Whose key opens the encrypted values of imported files (`imports.ts`). */
  readonly secureOrigins: Readonly<Record<string, string | null>>;
}

/**
 * Makes a build with its stages and jobs and answers its id; the jobs of the first stage are queued at once.
 * Everything happens in the caller's transaction, so that a push has either a whole build or none.
 */
export async function createBuild(
  trx: Trx,
  trigger: Trigger,
  plan: BuildPlan,
  change: Change,
): Promise<number> {
  const { now } = change;
  const failed = plan.error !== null;
  const build = await trx
    .insertInto('builds')
    .values({
      repository_uuid: trigger.repositoryUuid,
      number: await nextBuildNumber(trx, trigger.repositoryUuid),
      event: trigger.event,
      ref: trigger.ref,
      branch: trigger.branch,
      tag: trigger.tag,
      sha: trigger.sha,
      before_sha: trigger.before,
      message: trigger.message,
      commit_info: JSON.stringify(trigger.commitInfo),
      pull_request: trigger.pullRequest === null ? null : JSON.stringify(trigger.pullRequest),
      trusted: trigger.trusted ? 1 : 0,
      config: JSON.stringify(redact(plan.config)),
      fast_finish: plan.fastFinish ? 1 : 0,
      state: failed ? 'errored' : 'created',
      verdict: failed ? 'errored' : null,
      error: plan.error,
      messages: JSON.stringify(plan.messages),
      secure_origins: jsonOrNull(trigger.secureOrigins),
      notifications: jsonOrNull(plan.notifications),
      push_id: trigger.pushId,
      canceled_by: null,
      restarted_by: null,
      created_at: now,
      started_at: null,
      finished_at: failed ? now : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await recordCommitTest(trx, build, change);
  if (failed) {
    await recordNotifications(trx, build, 'errored', change);
  } else {
    await insertStages(trx, build.id, plan);
    await insertJobs(trx, build.id, trigger, plan, now);
    await advance(trx, build.id, change);
  }
  change.wake(`build:${build.id}`);
  return build.id;
}

/** What is empty for nearly every build takes no room. */
const jsonOrNull = (value: object): string | null =>
  Object.keys(value).length === 0 ? null : JSON.stringify(value);

async function insertStages(trx: Trx, buildId: number, plan: BuildPlan): Promise<void> {
  await trx
    .insertInto('stages')
    .values(
      plan.stages.map((name, position) => ({
        build_id: buildId,
        position,
        name,
        state: 'created',
      })),
    )
    .execute();
}

async function insertJobs(
  trx: Trx,
  buildId: number,
  trigger: Trigger,
  plan: BuildPlan,
  now: string,
): Promise<void> {
  for (const [index, job] of plan.jobs.entries()) {
    await trx
      .insertInto('jobs')
      .values({
        build_id: buildId,
        repository_uuid: trigger.repositoryUuid,
        number: index + 1,
        stage_position: job.stage,
        stage_name: plan.stages[job.stage] ?? null,
        name: job.name,
        config: JSON.stringify(job.config),
        allow_failure: job.allowFailure ? 1 : 0,
        trusted: trigger.trusted ? 1 : 0,
        state: 'created',
        verdict: null,
        attempt: 1,
        lapses: 0,
        interruptions: 0,
        not_reached: 0,
        queue_ticket: null,
        needs: needsText(needsOf(job.config)),
        lease_hash: null,
        lease_runner: null,
        lease_expires_at: null,
        cancel_requested_at: null,
        canceled_by: null,
        restarted_by: null,
        exit_code: null,
        reason: null,
        notices: '[]',
        put_back_note: null,
        log_ended: 0,
        created_at: now,
        queued_at: null,
        started_at: null,
        verdict_at: null,
        finished_at: null,
      })
      .execute();
  }
}
