import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { homedir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import { createRepository, type Files } from '@sluice/testing/git';
import { createAccounts } from '../../../accounts/index.ts';
import {
  type Application,
  createApplications,
  type Environment,
} from '../../../applications/index.ts';
import { createGit } from '../../../git/index.ts';
import { createRouter } from '../../../router/index.ts';
import { createSecrets } from '../../../secrets/index.ts';
import { createServices } from '../../../services/index.ts';
import { openStore } from '../../../store/test/open-store.ts';
import type { PipelineJob, PipelineReporter, PipelineResult } from '../../pipeline-types.ts';
import { createProcessRuntime } from '../../runtimes/process/index.ts';
import { defaultProbeTiming } from '../../runtimes/runtime.ts';
import { createSupervisor } from '../../supervisor/index.ts';
import { createPipeline, type PipelineLimits } from '../index.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const LIMITS: PipelineLimits = {
  buildMs: 120_000,
  releaseCommandMs: 20_000,
  probe: { ...defaultProbeTiming, connectWithinMs: 10_000, attempts: 100, settleMs: 300 },
  drainMs: 5_000,
  stopGraceMs: 2_000,
  keepReleases: 3,
};

export type Kit = Awaited<ReturnType<typeof openKit>>;

/** A whole installation but for the engine, whose part (rows before and after) is played here. */
export async function openKit(dataDir: string, limits: Partial<PipelineLimits> = {}) {
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const git = createGit({ dataDir, store, secrets, searchPath: process.env['PATH'] ?? '' });
  await git.start();
  const router = createRouter({ dataDir, port: 0, host: '127.0.0.1', logger: quiet });
  const { port } = await router.start();
  const applications = createApplications({
    store,
    git,
    secrets,
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => port,
  });
  const accounts = createAccounts({ store });
  const runtime = createProcessRuntime({
    dataDir,
    supervisor: createSupervisor({ dataDir, watchEveryMs: 100, backOffMs: 100 }),
    sandbox: 'auto',
    home: homedir(),
    path: process.env['PATH'] ?? '',
    buildVariables: machineVariables(process.env, DEFAULT_ENVIRONMENT, true),
  });
  const services = createServices({
    ...{ store, secrets, applications, backing: runtime.backing },
    settings: { images: {}, readyMs: 10_000, graceDays: 7 },
    onError: quiet.error,
  });
  const pipeline = createPipeline({
    store,
    git,
    applications,
    services,
    secrets,
    router,
    runtime,
    limits: { ...LIMITS, ...limits },
    logger: quiet,
  });
  await pipeline.start();

  const createApplication = async () => {
    const name = `Shop ${randomUUID().slice(0, 8)}`;
    const owner = await accounts.createOrganisation({ name: `Team ${name}`, owner: null }, 'test');
    const application = await applications.create({
      name,
      organisationUuid: owner.uuid,
      createdBy: null,
    });
    const [test, live] = await applications.environments(application.uuid);
    if (test === undefined || live === undefined) throw new Error('no environments');
    for (const { uuid } of [test, live]) {
      await store.db
        .insertInto('environment_state')
        .values({ ...EMPTY_STATE, environment_uuid: uuid })
        .execute();
    }
    return { application, test, live };
  };

  /** Puts a commit with these files into the application's repository. */
  const commit = async (application: Application, files: Files): Promise<string> => {
    const work = await createRepository();
    const sha = await work.commit(`commit ${randomUUID()}`, files);
    await work.git(
      'push',
      '-q',
      '--force',
      git.path(application.repositoryUuid),
      `HEAD:refs/heads/${sha}`,
    );
    await work.remove();
    return sha;
  };

  const makeJob = async (
    application: Application,
    environment: Environment,
    sha: string,
    more: Partial<PipelineJob> = {},
  ): Promise<PipelineJob> => {
    const { fence } = await store.db
      .updateTable('environment_state')
      .set((eb) => ({ fence: eb('fence', '+', 1) }))
      .where('environment_uuid', '=', environment.uuid)
      .returning('fence')
      .executeTakeFirstOrThrow();
    const job: PipelineJob = {
      deploymentUuid: randomUUID(),
      applicationUuid: application.uuid,
      environmentUuid: environment.uuid,
      repositoryUuid: application.repositoryUuid,
      sha,
      buildMode: 'AUTO',
      rollbackReleaseUuid: null,
      fence,
      resumeFrom: null,
      ...more,
    };
    await store.db.insertInto('deployments').values(deploymentRow(job)).execute();
    return job;
  };

  /** Does what the engine does at each report; `onReport` may hold it up, or kill this process. */
  const reporterFor = (
    job: PipelineJob,
    onReport: (what: string) => Promise<void> | void = () => undefined,
  ): PipelineReporter => ({
    step: async (status, percent) => {
      await store.db
        .updateTable('deployments')
        .set({ status, percent })
        .where('uuid', '=', job.deploymentUuid)
        .execute();
      await onReport(status);
    },
    commitSwitch: async (releaseUuid) => {
      await onReport('before the switch');
      await store.db
        .updateTable('environment_state')
        .set({ live_release_uuid: releaseUuid, live_deployment_uuid: job.deploymentUuid })
        .where('environment_uuid', '=', job.environmentUuid)
        .execute();
      await store.db
        .updateTable('deployments')
        .set({ switched: 1 })
        .where('uuid', '=', job.deploymentUuid)
        .execute();
      await onReport('after the switch');
      return true;
    },
    log: async (text) => {
      await store.logs.append(`deployment-${job.deploymentUuid}`, text);
      await onReport('log');
    },
  });

  const end = async (job: PipelineJob, result: PipelineResult) => {
    await store.db
      .updateTable('deployments')
      .set({ ended_at: new Date().toISOString(), success: result.ok ? 1 : 0 })
      .where('uuid', '=', job.deploymentUuid)
      .execute();
    return result;
  };

  const run = async (
    job: PipelineJob,
    signal: AbortSignal = new AbortController().signal,
    onReport?: (what: string) => Promise<void> | void,
  ): Promise<PipelineResult> =>
    end(job, await pipeline.run(job, reporterFor(job, onReport), signal));

  const logOf = async (job: PipelineJob): Promise<string> => {
    const { bytes } = await store.logs.read(`deployment-${job.deploymentUuid}`, 0, 10_000_000);
    return bytes.toString('utf8');
  };

  const fetchFrom = (
    environment: Environment,
    path = '/',
  ): Promise<{ status: number; body: string }> =>
    request(port, applications.host(environment), path);

  const close = async () => {
    await pipeline.stop();
    router.stop();
    await git.stop();
    await secrets.settled();
    await store.close();
  };

  return {
    ...{ store, git, secrets, router, applications, runtime, pipeline, port },
    ...{ createApplication, commit, makeJob, reporterFor, run, end, logOf, fetchFrom, close },
  };
}

export function request(
  port: number,
  host: string,
  path = '/',
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = get(
      { host: '127.0.0.1', port, path, headers: { host }, agent: false },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
  });
}

export async function until<T>(what: () => Promise<T | null | false>): Promise<T> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const value = await what();
    if (value !== null && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error('it did not happen within 20 s');
    await pause(25);
  }
}

const EMPTY_STATE = {
  order_version: 0,
  next_number: 1,
  live_deployment_uuid: null,
  live_release_uuid: null,
  live_number: null,
  live_sha: null,
  live_config_version: null,
  previous_live: null,
  hold_since: null,
  hold_by: null,
  hold_reason: null,
  remembered: '[]',
  candidate_number: null,
  candidate_deployment_uuid: null,
  stopped: 0,
  fence: 0,
  wake_at: null,
};

function deploymentRow(job: PipelineJob) {
  const now = new Date().toISOString();
  return {
    uuid: job.deploymentUuid,
    environment_uuid: job.environmentUuid,
    application_uuid: job.applicationUuid,
    repository_uuid: job.repositoryUuid,
    number: job.fence,
    branch: 'main',
    target: job.sha,
    sha: job.sha,
    build_mode: job.buildMode,
    config_version: 1,
    via: 'cli',
    requested_by_uuid: 'u',
    requested_by: 'test@example.com',
    head_signal: 0,
    allow_off_branch: 0,
    override_hold: 0,
    explicit: 1,
    rollback_release_uuid: job.rollbackReleaseUuid,
    status: 'QUEUED',
    percent: 0,
    accepted_at: now,
    started_at: now,
    queued_at: now,
    running_at: now,
    ended_at: null,
    success: null,
    present_since: null,
    seen_on_branch: 1,
    off_branch_since: null,
    fetch_attempts: 0,
    next_fetch_at: null,
    superseded_by: null,
    cancel_requested_by: null,
    switched: 0,
    release_uuid: null,
    fence: job.fence,
    rule: 'test',
    reason_code: null,
    reason: null,
    variables_sealed: null,
  };
}
