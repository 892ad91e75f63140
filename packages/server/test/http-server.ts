import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Client, createClient } from '@sluice/contract';
import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import { pino } from 'pino';
import {
  type Accounts,
  type AccountsOptions,
  createAccounts,
  type Scope,
  type User,
} from '../src/accounts/index.ts';
import { type Applications, createApplications } from '../src/applications/index.ts';
import {
  type Ci,
  createCi,
  createSettingsVariables,
  type SettingsVariables,
} from '../src/ci/index.ts';
import { type Cron, createCron } from '../src/deploy/cron/index.ts';
import { createDeploy, type Deploy } from '../src/deploy/index.ts';
import { createPipeline, down } from '../src/deploy/pipeline/index.ts';
import { createRunning } from '../src/deploy/running/index.ts';
import type { LimitPolicy } from '../src/deploy/runtimes/limits.ts';
import { createProcessRuntime } from '../src/deploy/runtimes/process/index.ts';
import { defaultProbeTiming } from '../src/deploy/runtimes/runtime.ts';
import { createSupervisor } from '../src/deploy/supervisor/index.ts';
import { createGit, type Git } from '../src/git/index.ts';
import { createHttp, type Http, type HttpSettings } from '../src/http/index.ts';
import { createOnboarding } from '../src/onboarding/index.ts';
import { createOverview } from '../src/overview/index.ts';
import { createPreviewDoors } from '../src/preview-doors.ts';
import { createPulls, type Pulls } from '../src/pulls/index.ts';
import { createRouter } from '../src/router/index.ts';
import { createSecrets } from '../src/secrets/index.ts';
import { type Backups, createBackups } from '../src/services/backups/index.ts';
import { createServices } from '../src/services/index.ts';
import type { Store } from '../src/store/index.ts';
import { openStore } from '../src/store/test/open-store.ts';
import { createSystem } from '../src/system/index.ts';
import { joinProbes } from '../src/system-probes.ts';
import { createTelemetry } from '../src/telemetry/index.ts';

/** All the rooms behind a real HTTP server on a free port, but no runner: builds wait for verdicts. */
export interface HttpServer {
  readonly url: string;
  readonly dataDir: string;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly applications: Applications;
  readonly git: Git;
  readonly ci: Ci;
  readonly pulls: Pulls;
  readonly settingsVariables: SettingsVariables;
  readonly backups: Backups;
  readonly deploy: Deploy;
  readonly cron: Cron;
  /** Of the router: applications answer there by their host name. */
  readonly applicationPort: number;
  readonly http: Http;
  /** An administrator and owner of the organisation `default`. */
  readonly admin: { readonly user: User; readonly token: string };
  readonly organisationUuid: string;
  client(token: string): Client;
  tokenOf(user: User, scopes?: readonly Scope[]): Promise<string>;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  readonly settings?: Partial<HttpSettings>;

  /** Of a runtime that has them; those here are processes, which have none. */
  readonly limits?: LimitPolicy;
  /** A clock, an OIDC provider. */
  readonly accounts?: Pick<AccountsOptions, 'now' | 'oidc'>;
}

export async function startHttpServer(options: HttpServerOptions = {}): Promise<HttpServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-http-'));
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const { PATH: searchPath = '' } = process.env;
  const logger = pino({ level: process.env['SLUICE_TEST_LOG'] ?? 'silent' });
  const router = createRouter({ dataDir, port: 0, host: '127.0.0.1', logger });
  const { port: applicationPort } = await router.start();
  const git = createGit({
    ...{ dataDir, store, secrets, searchPath },
    mirrors: { localNetworks: true, protocols: ['https', 'ssh', 'http'], pollMs: 0 },
  });
  await git.start();
  const accounts = createAccounts({ store, sealing: secrets, ...options.accounts });
  const applications = createApplications({
    ...{ store, git, secrets },
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => applicationPort,
  });
  git.attach({
    protectedBranches: applications.protectedBranches,
    onDefaultBranch: applications.onDefaultBranch,
  });
  let url = '';
  const settingsVariables = createSettingsVariables({ store, secrets });
  const ci = createCi({
    ...{ store, git, secrets, accounts },
    settingsVariables: settingsVariables.ofJob,
    caches: {
      repositoryBytes: 5_000_000,
      totalBytes: 200_000_000,
    },
    artifacts: {
      ...{ keptMs: 24 * 60 * 60_000, jobBytes: 3_000_000, jobFiles: 20 },
      totalBytes: 100_000_000,
    },
    notify: {
      smtpUrl: '',
      mailFrom: 'sluice@localhost',
      keyFile: join(dataDir, 'keys', 'webhook.pem'),
    },
    settings: {
      publicUrl: () => url,
      strictToolchains: false,
      silenceMs: 60_000,
      totalMs: 60_000,
      afterVerdictMs: 60_000,
      logBytes: 1_000_000,
      leaseMs: 30_000,
      maxJobs: null,
      maxJobsPerRepository: null,
    },
  });
  const runtime = createProcessRuntime({
    dataDir,
    supervisor: createSupervisor({ dataDir, watchEveryMs: 100, backOffMs: 100 }),
    sandbox: 'auto',
    home: homedir(),
    path: searchPath,
    buildVariables: machineVariables(process.env, DEFAULT_ENVIRONMENT, true),
  });
  const services = createServices({
    ...{ store, secrets, applications, backing: runtime.backing },
    settings: { images: {}, readyMs: 10_000, graceDays: 7 },
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const backups = createBackups({
    ...{ store, secrets, backing: runtime.backing },
    ready: (uuid) => services.use(uuid, async () => undefined),
    settings: { concurrency: 2, uploadBytes: 1_000_000, addressMs: 60_000, toolImage: '' },
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const pipeline = createPipeline({
    ...{ store, git, applications, services, secrets, router, runtime, logger },
    limits: {
      buildMs: 60_000,
      releaseCommandMs: 30_000,
      probe: { ...defaultProbeTiming, connectWithinMs: 10_000 },
      drainMs: 5_000,
      stopGraceMs: 2_000,
      keepReleases: 3,
    },
  });
  const deploy = createDeploy({
    ...{ store, git, applications, secrets, pipeline, runtime },
    settings: { commitWaitMs: 3_000, buildAbsentMs: 5_000 },
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const overview = createOverview({
    ...{ store, git, runtime },
    url: (hostLabel) => applications.url({ hostLabel }),
  });
  const cron = createCron({
    ...{ store, runtime, liveRelease: pipeline.liveRelease, lookEveryMs: 200 },
    onError: (error) => logger.error({ err: error }, 'cron'),
  });
  const running = createRunning({
    ...{ store, git, runtime },
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const onboarding = createOnboarding({
    ...{ git, secrets },
    installations: async () => null,
    examplesDirectory: resolve(import.meta.dirname, '../../../examples'),
  });
  const telemetry = createTelemetry({
    ...{ store, traceUrl: '', version: 'test' },
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const system = createSystem({
    ...{ store, dataDir, version: 'test' },
    probes: joinProbes({ router, runtime, git, ci, edge: null, executors: () => [] }),
  });
  const pulls = createPulls({
    ...{ store, git, secrets, publicUrl: () => url },
    previews: createPreviewDoors({ applications, deploy, pipeline, services }),
    localNetworks: true,
    onError: (error, doing) => logger.error({ err: error }, doing),
  });
  const http = await createHttp({
    ...{ onboarding, system, telemetry },
    ...{ store, accounts, applications, ci, settingsVariables },
    ...{ backups, deploy, pipeline, cron, running, overview },
    limits: options.limits ?? null,
    ...{ git, pulls, secrets, services, logger },
    settings: {
      data: dataDir,
      host: '127.0.0.1',
      port: 0,
      publicUrl: '',
      trustedProxies: [],
      maxBodyBytes: 1_000_000,
      shellSeconds: 600,
      shellIdleSeconds: 600,
      ...options.settings,
    },
  });
  url = (await http.listen()).url;
  await deploy.start();
  await ci.start();
  pulls.start();
  const user = await accounts.createAdministrator(
    { email: 'admin@example.com', password: 'correct horse battery' },
    'test',
  );
  const tokenOf = async (owner: User, scopes?: readonly Scope[]) => {
    const made = await accounts.createToken(
      { userUuid: owner.uuid, name: 'test', scopes: scopes ?? null },
      'test',
    );
    return made.token;
  };
  const token = await tokenOf(user);
  const me = await accounts.authenticate({ kind: 'token', candidates: [token] });
  if (me === null) throw new Error('the administrator cannot sign in');
  const [organisation] = await accounts.organisations.visibleTo(me);
  return {
    ...{ url, dataDir, store, accounts, applications, git, ci, settingsVariables, deploy, http },
    ...{ pulls, backups },
    ...{
      url,
      dataDir,
      store,
      accounts,
      applications,
      git,
      ci,
      settingsVariables,
      deploy,
      cron,
      http,
    },
    pulls,
    ...{ applicationPort, tokenOf },
    admin: { user, token },
    organisationUuid: organisation?.uuid ?? '',
    client: (text) => createClient({ baseUrl: url, token: text, userAgent: 'sluice/test' }),
    stop: async () => {
      await http.close();
      await Promise.all([cron.stop(), ci.stop(), deploy.stop(), running.stop(), pulls.stop()]);
      router.stop();
      await git.stop();
      await secrets.settled();
      await store.close();
      await down(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
