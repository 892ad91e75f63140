import type { Build, BuildDetail, Job, LeasedJob } from '@sluice/contract';
import { type Artifacts, createArtifacts } from './artifacts/index.ts';
import { createAutoCancel } from './auto-cancel.ts';
import { type Caches, createCaches } from './caches.ts';
import { type Control, createControl } from './control.ts';
import { type CiDependencies, createContext } from './dependencies.ts';
import { describePushes } from './describe-push.ts';
import { workingJob } from './held-job.ts';
import { createHeldJobs, type HeldJobs } from './held-jobs.ts';
import { createHistory, type History } from './history.ts';
import { createJobLocks } from './job-locks.ts';
import {
  findJobLog,
  type JobLogPlace,
  type LogPart,
  type LogPosition,
  readJobLog,
  readJobLogBytes,
} from './job-log.ts';
import { lease } from './lease.ts';
import { createMatchmaker } from './matchmaker.ts';
import { createNotifications, type Notifications } from './notifications/index.ts';
import { createPullBuildConsumer } from './pull-builds.ts';
import { createPushConsumer } from './pushes.ts';
import type { RunnerFacts } from './queue.ts';
import {
  type RepositorySettings,
  readRepositorySettings,
  writeRepositorySettings,
} from './repository-settings.ts';
import { createRegistrations, type Registrations } from './runners/registrations.ts';
import { createRegistry, type Registry } from './runners/registry.ts';
import { buildSource, type SourceFile } from './source.ts';
import { createSweeper } from './sweep.ts';
import { type BuildFilter, getBuild, getJob, listBuilds, type Page } from './views.ts';

export type { CacheArchive } from './caches.ts';
export type { CiDependencies, CiRepository, CiSettings, DeploymentMark } from './dependencies.ts';
export type { BuildRecord, History } from './history.ts';
export type { JobLogPlace } from './job-log.ts';
export { REFUSALS } from './push-decision.ts';
export type { RunnerFacts } from './queue.ts';
export type { RepositorySettings } from './repository-settings.ts';
export { machineOf } from './runners/machines.ts';
export { superseded } from './runners/registry.ts';
export { tokenIn } from './runners/tokens.ts';
export {
  createSettingsVariables,
  type SettingsVariable,
  type SettingsVariables,
} from './settings-variables.ts';

/** The CI service: pushes become builds, builds become jobs, runners lease jobs, verdicts become durable. */
export interface Ci extends Control {
  /** Heals what the last process left behind, then consumes pushes and looks after leases. */
  start(): Promise<void>;
  /** Stops both; jobs go on at their runners, which may come back to the next process. */
  stop(): Promise<void>;
  readonly builds: {
    list(filter: BuildFilter, page: Page): Promise<{ count: number; builds: Build[] }>;
    get(buildId: number): Promise<BuildDetail | null>;
    /** The files of its configuration; null when there is no such build. */
    source(buildId: number): Promise<readonly SourceFile[] | null>;
  };
  readonly jobs: {
    get(jobId: number): Promise<Job | null>;
    /** The whole log so far from `offset`, as stored. */
    logBytes(jobId: number, offset: number): Promise<Buffer>;
    log(jobId: number, position: LogPosition): Promise<LogPart>;
    /** Where the log of an attempt is, default the newest, for those who read it line by line. */
    findLog(jobId: number, attempt?: number): Promise<JobLogPlace>;
  };
  readonly history: History;
  readonly settings: {
    of(repositoryUuid: string): Promise<RepositorySettings>;
    change(repositoryUuid: string, change: Partial<RepositorySettings>): Promise<void>;
  };
  /** Lines for the answer to `git push`; waits up to 2.5 s for pushes that are not looked at yet. */
  describePush(pushIds: readonly number[]): Promise<string[]>;
  readonly caches: Pick<Caches, 'list' | 'remove'>;
  readonly artifacts: Pick<Artifacts, 'list' | 'open' | 'remove' | 'sweep'>;
  /** PEM of the key that signs webhooks. */
  readonly webhookKey: Notifications['webhookKey'];
  readonly runner: HeldJobs & {
    readonly caches: Pick<Caches, 'fetch' | 'store'>;
    readonly artifacts: Pick<Artifacts, 'store'>;
    lease(runner: RunnerFacts, waitMs: number, signal?: AbortSignal): Promise<LeasedJob | null>;
    /** For the embedded runner, before it starts: leases of a process that is gone are void at once. */
    voidLeasesOf(runner: string): Promise<void>;
    /** The job goes back to the queue for another attempt. Throws `conflict` (`lease_lost`) without its lease. */
    giveBack(jobId: number, leaseToken: string): Promise<void>;
    /** Looks for lapsed leases and overdue jobs now instead of at the next turn. */
    sweep(): Promise<void>;
  };
  /** Runners on other machines, and the tokens that let them in. */
  readonly runners: Registry;
  readonly runnerTokens: Registrations;
}

export function createCi(dependencies: CiDependencies): Ci {
  const context = createContext(dependencies);
  const locks = createJobLocks();
  const caches = createCaches(context);
  const artifacts = createArtifacts(context);
  const notifications = createNotifications(context);
  const sweeper = createSweeper(context, locks);
  const matchmaker = createMatchmaker(context);
  const control = createControl(context, locks);
  const consumePush = createPushConsumer(context);
  const cancelOlder = createAutoCancel(context, control);
  const consumePullBuild = createPullBuildConsumer(context, control);
  let stopConsuming: (() => Promise<void>)[] = [];

  return {
    ...control,
    start: async () => {
      if (dependencies.caches.isAlone !== false) {
        // A bucket that is away keeps nothing from starting; what is left over is found the next time.
        await caches.heal().catch((error: unknown) => {
          if (context.store.blobs.kind === 'directory') throw error;
          context.onError(error, 'looking for archives that nobody knows');
        });
      }
      await sweeper.start();
      notifications.start();
      artifacts.start();
      const { messages } = context.store;
      const trouble = (error: unknown, id: number) =>
        context.onError(error, `consuming message ${id}`);
      stopConsuming = [
        messages.consume(
          'ci',
          'push',
          async (push) => {
            await consumePush(push);
            await cancelOlder(push);
          },
          trouble,
        ),
        messages.consume('ci', 'pull_build', consumePullBuild, trouble),
      ];
    },
    stop: async () => {
      matchmaker.stop();
      await Promise.all([
        ...stopConsuming.map((stop) => stop()),
        sweeper.stop(),
        notifications.stop(),
        artifacts.stop(),
      ]);
    },
    builds: {
      list: (filter, page) => listBuilds(context, filter, page),
      get: (buildId) => getBuild(context, buildId),
      source: (buildId) => buildSource(context, buildId),
    },
    jobs: {
      get: (jobId) => getJob(context, jobId),
      log: (jobId, position) => readJobLog(context, jobId, position),
      findLog: (jobId, attempt) => findJobLog(context, jobId, attempt),
      logBytes: (jobId, offset) => readJobLogBytes(context, jobId, offset),
    },
    history: createHistory(context),
    settings: {
      of: (repositoryUuid) => readRepositorySettings(context, repositoryUuid),
      change: (repositoryUuid, change) => writeRepositorySettings(context, repositoryUuid, change),
    },
    describePush: (pushIds) => describePushes(context, pushIds),
    ...{ caches, artifacts },
    webhookKey: notifications.webhookKey,
    runner: {
      ...createHeldJobs(context, locks),
      ...{ caches, artifacts },
      lease: (runner, waitMs, signal) => lease(context, locks, matchmaker, runner, waitMs, signal),
      voidLeasesOf: sweeper.voidLeasesOf,
      giveBack: async (jobId, leaseToken) => {
        await workingJob(context.store.db, jobId, leaseToken);
        await sweeper.giveBack(jobId);
      },
      sweep: sweeper.sweep,
    },
    runners: createRegistry(context, sweeper),
    runnerTokens: createRegistrations(context),
  };
}
