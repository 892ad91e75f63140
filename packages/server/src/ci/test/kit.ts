import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LeasedJob } from '@sluice/contract';
import { encryptFor } from '@sluice/contract/encryption';
import { createRepository, type Files, type TestRepository } from '@sluice/testing';
import { createAccounts } from '../../accounts/index.ts';
import { createGit, type Git } from '../../git/index.ts';
import { createSecrets, type Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import {
  type Ci,
  type CiDependencies,
  type CiSettings,
  createCi,
  createSettingsVariables,
  type DeploymentMark,
  type SettingsVariables,
} from '../index.ts';
import { ARTIFACTS, CACHES, notifyIn, SETTINGS } from './settings.ts';

export const RUNNER = { runner: 'test-runner', isolates: true };

/** A real CI service over a real database and real repositories, with a clock that tests move. */
export interface CiKit {
  readonly dataDir: string;
  readonly store: Store;
  readonly git: Git;
  readonly secrets: Secrets;
  readonly accounts: ReturnType<typeof createAccounts>;
  readonly ci: Ci;
  readonly settingsVariables: SettingsVariables;
  readonly repositoryUuid: string;
  readonly organisationUuid: string;
  readonly work: TestRepository;
  readonly errors: unknown[];
  /** Lets the clock of leases and limits run on. */
  advance(ms: number): void;
  /** A further repository with a work tree of its own. */
  repository(slug: string): Promise<{ uuid: string; work: TestRepository }>;
  /** Commits the files (`.travis.yml` from `yaml`), pushes the branch, and waits until ci has answered. */
  push(yaml: string | null, options?: PushOptions): Promise<Pushed>;
  encrypt(text: string): Promise<string>;
  lease(waitMs?: number, runner?: string): Promise<LeasedJob>;
  nothingToLease(): Promise<boolean>;
  /** Runs a leased job to its end. */
  run(leased: LeasedJob, verdict?: 'passed' | 'failed' | 'errored'): Promise<void>;
  test(sha: string): Promise<{ state: string; buildId: number; reason: string | null } | null>;
  close(): Promise<void>;
}

export interface PushOptions {
  readonly message?: string;
  readonly files?: Files;
  readonly refspec?: string;
  readonly to?: { readonly uuid: string; readonly work: TestRepository };
}

export interface Pushed {
  readonly sha: string;
  readonly pushIds: readonly number[];
  readonly outcomes: readonly string[];
  /** Of the first push that made a build. */
  readonly buildId: number;
}

export interface KitOptions {
  readonly settings?: Partial<CiSettings>;
  readonly caches?: Partial<CiDependencies['caches']>;
  readonly artifacts?: Partial<CiDependencies['artifacts']>;
  readonly notify?: Partial<CiDependencies['notify']>;
  readonly deployments?: readonly DeploymentMark[];
}

export async function createCiKit(options: KitOptions = {}): Promise<CiKit> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-ci-'));
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 2048 });
  const errors: unknown[] = [];
  const git = createGit({ dataDir, store, secrets, onError: (error) => errors.push(error) });
  await git.start();
  const accounts = createAccounts({ store });
  let shift = 0;
  const settingsVariables = createSettingsVariables({ store, secrets });
  const ci = createCi({
    store,
    git,
    secrets,
    accounts,
    settings: { ...SETTINGS, ...options.settings },
    caches: { ...CACHES, ...options.caches },
    artifacts: { ...ARTIFACTS, ...options.artifacts },
    notify: { ...notifyIn(dataDir), ...options.notify },
    clock: () => Date.now() + shift,
    deploymentsOfCommit: async () => options.deployments ?? [],
    settingsVariables: settingsVariables.ofJob,
    onError: (error) => errors.push(error),
  });
  await ci.start();

  const { uuid: organisationUuid } = await accounts.createOrganisation(
    { name: 'Acme', owner: null },
    'test',
  );
  const works: TestRepository[] = [];
  const repository = async (slug: string) => {
    const { uuid } = await store.transaction((trx) =>
      git.createHosted(trx, { organisationUuid, slug }),
    );
    await git.ensureOnDisk(uuid);
    await store.transaction((trx) => git.update(trx, uuid, { ciEnabled: true }));
    const work = await createRepository();
    works.push(work);
    return { uuid, work };
  };
  const first = await repository('acme/site');

  const answered = async (pushId: number): Promise<{ outcome: string; build: number | null }> => {
    for (;;) {
      const woken = store.events.wait(`push:${pushId}`, 5_000);
      const row = await store.db
        .selectFrom('pushes')
        .select(['outcome', 'build_id'])
        .where('id', '=', pushId)
        .executeTakeFirstOrThrow();
      if (row.outcome !== null) return { outcome: row.outcome, build: row.build_id };
      await woken;
    }
  };

  const push = async (yaml: string | null, wish: PushOptions = {}): Promise<Pushed> => {
    const { uuid, work } = wish.to ?? first;
    const files = { ...wish.files, '.travis.yml': yaml };
    const sha = await work.commit(wish.message ?? 'Change the page', files);
    const before = await newestPush(store, uuid);
    await work.push(git.path(uuid), ...(wish.refspec === undefined ? [] : [wish.refspec]));
    await git.reconcileRefs(uuid);
    const rows = await store.db
      .selectFrom('pushes')
      .select('id')
      .where('repository_uuid', '=', uuid)
      .where('id', '>', before)
      .orderBy('id')
      .execute();
    const answers = await Promise.all(rows.map((row) => answered(row.id)));
    const buildId = answers.find((answer) => answer.build !== null)?.build ?? 0;
    return {
      sha,
      pushIds: rows.map((row) => row.id),
      outcomes: answers.map((answer) => answer.outcome),
      buildId,
    };
  };

  const kit: CiKit = {
    ...{ dataDir, store, git, secrets, accounts, ci, settingsVariables },
    ...{ organisationUuid, errors, repository, push },
    repositoryUuid: first.uuid,
    work: first.work,
    advance: (ms) => {
      shift += ms;
    },
    encrypt: async (text) => encryptFor((await secrets.publicKey(first.uuid)).pem, text),
    lease: async (waitMs = 5_000, runner = RUNNER.runner) => {
      const leased = await ci.runner.lease({ ...RUNNER, runner }, waitMs);
      if (leased === null) throw new Error('there is nothing to lease');
      return leased;
    },
    nothingToLease: async () => (await ci.runner.lease(RUNNER, 0)) === null,
    run: async ({ leaseToken, payload }, verdict = 'passed') => {
      await ci.runner.verdict(payload.jobId, leaseToken, verdict);
      await ci.runner.finish(payload.jobId, leaseToken, {
        state: verdict,
        exitCode: verdict === 'passed' ? 0 : 1,
        reason: null,
      });
    },
    test: async (sha) => {
      const row = await store.db
        .selectFrom('commit_tests')
        .select(['state', 'build_id', 'reason'])
        .where('sha', '=', sha)
        .orderBy('build_number', 'desc')
        .orderBy('updated_at', 'desc')
        .executeTakeFirst();
      if (row === undefined) return null;
      return { state: row.state, buildId: row.build_id, reason: row.reason };
    },
    close: async () => {
      await ci.stop();
      await git.stop();
      await store.close();
      await Promise.all(works.map((work) => work.remove()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return kit;
}

async function newestPush(store: Store, repositoryUuid: string): Promise<number> {
  const row = await store.db
    .selectFrom('pushes')
    .select(({ fn }) => fn.max<number | null>('id').as('id'))
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  return row?.id ?? 0;
}
