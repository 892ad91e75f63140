import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createAccounts } from '../../../accounts/index.ts';
import { createApplications } from '../../../applications/index.ts';
import { createGit } from '../../../git/index.ts';
import { createSecrets } from '../../../secrets/index.ts';
import { openStore } from '../../../store/test/open-store.ts';
import { createDeploy, type Deploy, type DeploymentView, type SignalInput } from '../../index.ts';
import type { EngineDeps } from '../context.ts';
import { HandPipeline } from './pipeline.ts';

const run = promisify(execFile);

const CI = { userUuid: 'machine-1', email: 'ci@example.com', isMachine: true };
export const PERSON = { userUuid: 'person-1', email: 'ada@example.com', isMachine: false };

export interface KitOptions {
  readonly commitWaitMs?: number;
  readonly buildAbsentMs?: number;
  readonly secondLookMs?: number;
  readonly debugPoint?: EngineDeps['debugPoint'];
  readonly mirrorOf?: string;
}

export type Kit = Awaited<ReturnType<typeof openKit>>;

/** The deploy room with a real store and real repositories; only the pipeline is moved by hand. */
export async function openKit(dataDir: string, options: KitOptions = {}) {
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const git = createGit({
    dataDir,
    store,
    secrets,
    mirrors: { allowPaths: true, localNetworks: true, protocols: ['https', 'ssh', 'http'] },
  });
  await git.start();
  const applications = createApplications({
    store,
    git,
    secrets,
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => 80,
  });
  const accounts = createAccounts({ store });
  const pipeline = new HandPipeline(store);
  const errors: unknown[] = [];
  const deploy: Deploy = createDeploy({
    store,
    git,
    secrets,
    applications,
    pipeline,
    runtime: { logs: async () => ({ entries: [], cursor: '0' }) },
    settings: {
      commitWaitMs: options.commitWaitMs ?? 120_000,
      buildAbsentMs: options.buildAbsentMs ?? 120_000,
      ...(options.secondLookMs === undefined ? {} : { secondLookMs: options.secondLookMs }),
    },
    onError: (error) => errors.push(error),
    debugPoint: options.debugPoint,
  });

  const switchCi = (repositoryUuid: string, on: boolean) =>
    store.db
      .updateTable('repositories')
      .set({ ci_enabled: on ? 1 : 0 })
      .where('uuid', '=', repositoryUuid)
      .execute();

  const makeApplication = async (name = 'shop') => {
    const organisation = await accounts.createOrganisation(
      { name: `Team ${name}`, owner: null },
      'test',
    );
    const application = await applications.create({
      name,
      organisationUuid: organisation.uuid,
      createdBy: null,
    });
    const [test, live] = await applications.environments(application.uuid);
    if (!test || !live) throw new Error('no environments');
    await switchCi(application.repositoryUuid, false);
    return { application, test, live, repositoryUuid: application.repositoryUuid };
  };

  const gitIn = async (repositoryUuid: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', git.path(repositoryUuid), ...args], {
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.com',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.com',
      },
    });
    return stdout.trim();
  };
  let commits = 0;

  /** A commit object, on no branch yet. */
  const commit = async (repositoryUuid: string, parents: readonly string[]): Promise<string> => {
    const tree = await gitIn(repositoryUuid, 'hash-object', '-t', 'tree', '-w', '/dev/null');
    commits += 1;
    const of = parents.flatMap((parent) => ['-p', parent]);
    return gitIn(repositoryUuid, 'commit-tree', tree, ...of, '-m', `commit ${commits}`);
  };

  /** Moves a branch and tells, as a push does. */
  const push = async (repositoryUuid: string, sha: string, branch = 'main'): Promise<void> => {
    await gitIn(repositoryUuid, 'update-ref', `refs/heads/${branch}`, sha);
    await git.reconcileRefs(repositoryUuid);
  };

  /** A commit on top of `main`, pushed. */
  const pushNew = async (repositoryUuid: string): Promise<string> => {
    const head = await git.history(repositoryUuid).head('main');
    const sha = await commit(repositoryUuid, head === null ? [] : [head]);
    await push(repositoryUuid, sha);
    return sha;
  };

  let builds = 0;
  /** What the CI writes when a build's state changes. */
  const build = async (repositoryUuid: string, sha: string, state: string, id = ++builds) => {
    await store.transaction(async (trx) => {
      const row = {
        build_id: id,
        repository_uuid: repositoryUuid,
        sha,
        build_number: id,
        event: 'push',
        state,
        reason: null,
        url: `http://sluice/builds/${id}`,
        updated_at: new Date().toISOString(),
      };
      await trx
        .insertInto('commit_tests')
        .values(row)
        .onConflict((conflict) => conflict.column('build_id').doUpdateSet({ state }))
        .execute();
      await store.messages.publish(trx, 'build', { repositoryUuid, sha, buildId: id, state });
    });
    return id;
  };

  const signal = (
    environmentUuid: string,
    target?: string,
    more: Partial<SignalInput> = {},
  ): Promise<DeploymentView> =>
    deploy
      .signal({
        environmentUuid,
        via: 'v3',
        identity: CI,
        ...(target === undefined ? {} : { target }),
        ...more,
      })
      .then((answer) => answer.deployment);

  /** Waits until the deployment is as described, woken by its events. */
  const until = async (
    uuid: string,
    holds: (view: DeploymentView) => boolean,
  ): Promise<DeploymentView> => {
    for (let tries = 0; tries < 600; tries++) {
      const view = await deploy.get(uuid);
      if (view && holds(view)) return view;
      await store.events.wait(`deployment:${uuid}`, 50);
    }
    throw new Error(`it never came: ${JSON.stringify(await deploy.get(uuid))}`);
  };

  const untilStatus = (uuid: string, status: string) => until(uuid, (d) => d.status === status);
  const untilEnded = (uuid: string) => until(uuid, (d) => d.endedAt !== null);

  const close = async () => {
    await deploy.stop();
    await git.stop();
    await secrets.settled();
    await store.close();
  };

  return {
    store,
    git,
    applications,
    deploy,
    pipeline,
    errors,
    makeApplication,
    gitIn,
    commit,
    push,
    pushNew,
    switchCi,
    build,
    signal,
    until,
    untilStatus,
    untilEnded,
    close,
  };
}
