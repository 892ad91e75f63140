import type { LeasedJob } from '@sluice/contract';
import { decryptFor } from './decrypt.ts';
import type { Context } from './dependencies.ts';
import { endJob, outcomeWithout, restore } from './end-job.ts';
import type { JobLocks } from './job-locks.ts';
import { closeAttempt, endLog } from './job-log.ts';
import type { Matchmaker } from './matchmaker.ts';
import { payloadOf } from './payload.ts';
import { hashLease, type RunnerFacts, type Taken, takeAgain } from './queue.ts';
import type { Job } from './rows.ts';

/**
 * Hands the next job to a runner, waiting up to `waitMs` for one. Null: nothing to do. A caller that goes away
 * (`signal`) gets nothing: a job that was taken for it meanwhile goes back to its place in the queue at once.
 */
export async function lease(
  context: Context,
  locks: JobLocks,
  matchmaker: Matchmaker,
  runner: RunnerFacts,
  waitMs: number,
  signal?: AbortSignal,
): Promise<LeasedJob | null> {
  const deadline = Date.now() + waitMs;
  const { registered } = runner;
  if (registered !== undefined) {
    const again = await takeAgain(context, registered);
    if (again !== null) return prepare(context, locks, again);
  }
  while (signal?.aborted !== true) {
    const taken = await matchmaker.next(runner, Math.max(0, deadline - Date.now()), signal);
    if (taken === null) return null;
    const leased = await prepare(context, locks, taken);
    if (leased === null) continue;
    if (!isAborted(signal)) return leased;
    await giveBack(context, taken);
    return null;
  }
  return null;
}

/** The job with its payload; a job that cannot be prepared ends with the reason, and null is answered. */
async function prepare(
  context: Context,
  locks: JobLocks,
  { job, leaseToken, expiresAt }: Taken,
): Promise<LeasedJob | null> {
  try {
    return { leaseToken, expiresAt, payload: await preparePayload(context, job) };
  } catch (error) {
    context.onError(error, `preparing job ${job.id}`);
    const reason = 'The server could not prepare the job; its own log says why.';
    await context.transact((trx, change) =>
      endJob(trx, job, { state: outcomeWithout(job), reason, exitCode: null }, change),
    );
    await closeAttempt(context, locks, job.id, job.attempt, reason);
    await endLog(context, locks, job.id);
    return null;
  }
}

async function preparePayload(context: Context, job: Job): Promise<LeasedJob['payload']> {
  const { store, git, secrets, accounts, settings } = context;
  const build = await store.db
    .selectFrom('builds')
    .selectAll()
    .where('id', '=', job.build_id)
    .executeTakeFirstOrThrow();
  const repository = await git.get(job.repository_uuid);
  if (repository === null) throw new Error(`repository ${job.repository_uuid} is gone`);
  const own = await store.db
    .selectFrom('ci_repositories')
    .select('strict_toolchains')
    .where('repository_uuid', '=', repository.uuid)
    .executeTakeFirst();
  // A token of an earlier attempt must not outlive it.
  await accounts.endJobToken(job.id);
  return payloadOf({
    job,
    build,
    repository,
    settings,
    artifactBytes: context.artifacts.jobBytes,
    jobToken: await accounts.createJobToken(job.id, repository.uuid),
    settingsVariables: await context.settingsVariables(repository.uuid, build.branch),
    strictToolchains:
      own === undefined || own.strict_toolchains === null
        ? settings.strictToolchains
        : own.strict_toolchains === 1,
    decrypt: decryptFor(secrets, repository.uuid, build.secure_origins),
  });
}

async function giveBack(context: Context, { job, leaseToken }: Taken): Promise<void> {
  await context.transact(async (trx, change) => {
    const held = await trx
      .selectFrom('jobs')
      .select('id')
      .where('id', '=', job.id)
      .where('lease_hash', '=', hashLease(leaseToken))
      .executeTakeFirst();
    if (held !== undefined) await restore(trx, [job.id], job.lease_runner_uuid);
    change.wake('queue');
  });
}

/** Asked again after every wait; a plain `signal.aborted` would be narrowed to its first answer. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
