import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { discoverToolchains } from '@sluice/runner';
import { destination, type Logger, pino } from 'pino';
import { createAccounts } from './accounts/index.ts';
import { createApplications } from './applications/index.ts';
import { bucketOf } from './blob-settings.ts';
import { createCi, createSettingsVariables } from './ci/index.ts';
import { createCron } from './deploy/cron/index.ts';
import { createDeploy } from './deploy/index.ts';
import { createPipeline } from './deploy/pipeline/index.ts';
import { createRunning } from './deploy/running/index.ts';
import { defaultProbeTiming } from './deploy/runtimes/runtime.ts';
import { createEdge, dialled, edgeSecret, isAddress, zoneUrl } from './edge/index.ts';
import { createEmbeddedRunner, type EmbeddedRunner, ownFiles } from './embedded-runner.ts';
import { SluiceError } from './errors.ts';
import { createGit } from './git/index.ts';
import { createHttp } from './http/index.ts';
import { VERSION } from './http/version.ts';
import { createOnboarding } from './onboarding/index.ts';
import { createOverview } from './overview/index.ts';
import { createPreviewDoors } from './preview-doors.ts';
import { createPulls } from './pulls/index.ts';
import { createRouter } from './router/index.ts';
import { createRuntime } from './runtime.ts';
import { createSecrets } from './secrets/index.ts';
import { lockDataDirectory, refuseMovedRows } from './server-lock.ts';
import { createBackups } from './services/backups/index.ts';
import { createServices } from './services/index.ts';
import type { Settings } from './settings/index.ts';
import { openStore, type Store } from './store/index.ts';
import { createSystem } from './system/index.ts';
import { joinProbes } from './system-probes.ts';
import { createTelemetry } from './telemetry/index.ts';

/** What one room told another is kept for a week after it was heard, for whoever looks into a fault. */
const HEARD_KEPT_MS = 7 * 24 * 60 * 60_000;

export interface RunningServer {
  /** The address for people and jobs. */
  readonly url: string;
  /** Where the first administrator is made, once; null when there is one. */
  readonly setupUrl: string | null;
  /** Lets running jobs and deployments finish for a while, then leaves them to resume, and lets go of everything. */
  stop(): Promise<void>;
}

/** Makes the rooms, joins them, opens the doors. Throws SluiceError with everything undone that it had begun. */
export async function startServer(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<RunningServer> {
  const undo: (() => unknown)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start(settings, environment, undo, unwind);
  } catch (error) {
    await unwind().catch(() => undefined);
    throw error;
  }
}

async function start(
  given: Settings,
  environment: NodeJS.ProcessEnv,
  undo: (() => unknown)[],
  unwind: () => Promise<void>,
): Promise<RunningServer> {
  const settings = { ...given, publicUrl: given.publicUrl || urlBehindEdge(given) };
  const { data: dataDir } = settings;
  const logger = createLogger(settings);
  const seconds = (value: number) => value * 1_000;
  const onError = (error: unknown, doing: string) => logger.error({ err: error }, doing);

  const { databaseUrl, databaseConnections } = settings;
  refuseMovedRows(dataDir, databaseUrl);
  const s3 = bucketOf(settings, environment);
  const place = lockDataDirectory(dataDir, databaseUrl !== '');
  undo.push(() => place.giveBack());
  const own = ownFiles(dataDir, place.number);
  const store = await openStore({
    ...{ dataDir, databaseUrl, databaseConnections },
    s3,
    onTrouble: (error) => onError(error, 'keeping logs, caches and artifacts in the bucket'),
  });
  undo.push(() => store.close());
  const begun = await startAlone(store);
  undo.push(begun);
  const secrets = await createSecrets({ dataDir, db: store.db });
  undo.push(() => secrets.settled());
  const accounts = createAccounts({
    store,
    sealing: secrets,
    oidc: {
      issuer: settings.oidcIssuer,
      clientId: settings.oidcClientId,
      clientSecret: settings.oidcClientSecret,
      name: settings.oidcName,
      createUsers: settings.oidcCreateUsers,
      allowedDomains: settings.oidcAllowedDomains.map((domain) => domain.toLowerCase()),
    },
  });
  const git = createGit({
    dataDir,
    store,
    secrets,
    onError,
    socketPath: own.internalSocket,
    isAlone: place.isAlone,
    searchPath: environment['PATH'] ?? '',
    ...(settings.maxPushBytes === 0 ? {} : { maxPushBytes: settings.maxPushBytes }),
    mirrors: {
      protocols: settings.mirrorProtocols,
      localNetworks: settings.mirrorLocalNetworks,
      pollMs: seconds(settings.mirrorPollSeconds),
      fetchMs: seconds(settings.mirrorFetchSeconds),
    },
    webhookDays: settings.webhookDays,
  });
  undo.push(() => git.stop());

  const edge =
    settings.edge === 'caddy'
      ? createEdge({ store, settings, secret: edgeSecret(dataDir), logger })
      : null;
  let routerPort: number | null = null;
  const applications = createApplications({
    store,
    git,
    secrets,
    settings,
    applicationPort: () =>
      settings.appPublicPort || edge?.httpsPort || known(routerPort, 'The router'),
    isSecure: edge !== null,
  });
  let address: string | null = null;
  const publicUrl = () => known(address, 'The server');

  const router = createRouter({
    dataDir,
    host: settings.appHost,
    port: settings.appPort,
    preferredPort: settings.port === 0 ? 8_701 : Math.min(settings.port + 1, 65_535),
    trustedProxies: edge === null ? settings.trustedProxies.filter(isAddress) : [],
    edge,
    logger,
  });
  const runtime = await createRuntime(settings, environment);
  const services = createServices({
    ...{ store, secrets, applications, onError },
    backing: runtime.backing,
    settings: {
      images: {
        postgresql: settings.servicePostgresqlImage,
        redis: settings.serviceRedisImage,
      },
      readyMs: seconds(settings.serviceReadySeconds),
      graceDays: settings.deletionGraceDays,
    },
  });
  const backups = createBackups({
    ...{ store, secrets, onError, backing: runtime.backing },
    ready: (uuid) => services.use(uuid, async () => undefined),
    settings: {
      concurrency: settings.serviceBackupConcurrency,
      uploadBytes: settings.serviceBackupUploadBytes,
      addressMs: seconds(settings.serviceBackupAddressSeconds),
      toolImage: settings.serviceToolImage || settings.servicePostgresqlImage,
    },
  });
  const pipeline = createPipeline({
    store,
    git,
    applications,
    services,
    secrets,
    router,
    runtime,
    logger,
    limits: {
      buildMs: seconds(settings.imageBuildSeconds),
      releaseCommandMs: seconds(settings.releaseCommandSeconds),
      probe: {
        ...defaultProbeTiming,
        connectWithinMs: seconds(settings.healthSeconds),
        responseWithinMs: seconds(settings.healthResponseSeconds),
      },
      drainMs: seconds(settings.drainApplicationSeconds),
      stopGraceMs: 10_000,
      keepReleases: settings.keepReleases,
    },
  });
  const deploy = createDeploy({
    store,
    git,
    applications,
    secrets,
    pipeline,
    runtime,
    onError,
    settings: {
      commitWaitMs: seconds(settings.commitWaitSeconds),
      buildAbsentMs: seconds(settings.buildAbsentSeconds),
    },
  });
  const cron = createCron({ store, runtime, onError, liveRelease: pipeline.liveRelease });
  const running = createRunning({ store, git, runtime, onError });
  const overview = createOverview({
    ...{ store, git, runtime },
    url: (hostLabel) => applications.url({ hostLabel }),
  });
  const settingsVariables = createSettingsVariables({ store, secrets });
  const ci = createCi({
    store,
    git,
    secrets,
    accounts,
    onError,
    deploymentsOfCommit: deploy.deploymentsOfCommit,
    caches: {
      repositoryBytes: settings.cacheRepositoryBytes,
      totalBytes: settings.cacheTotalBytes,
      isAlone: place.isAlone,
    },
    artifacts: {
      keptMs: seconds(settings.artifactDays * 24 * 60 * 60),
      jobBytes: settings.artifactJobBytes,
      jobFiles: settings.artifactJobFiles,
      totalBytes: settings.artifactTotalBytes,
    },
    notify: {
      smtpUrl: settings.smtpUrl,
      mailFrom: settings.mailFrom,
      keyFile: resolve(dataDir, 'keys', 'webhook.pem'),
    },
    settingsVariables: settingsVariables.ofJob,
    settings: {
      publicUrl,
      strictToolchains: settings.strictToolchains,
      silenceMs: seconds(settings.jobSilenceSeconds),
      totalMs: seconds(settings.jobSeconds),
      afterVerdictMs: seconds(settings.jobAfterVerdictSeconds),
      logBytes: settings.jobLogBytes,
      leaseMs: seconds(settings.leaseSeconds),
      // Each runner asks for as many as it has room for.
      maxJobs: null,
      maxJobsPerRepository: null,
      embedded: () => (runner === null ? null : { ...runner.about, version: VERSION }),
    },
  });
  const pulls = createPulls({
    ...{ store, git, secrets, publicUrl, onError },
    previews: createPreviewDoors({ applications, deploy, pipeline, services }),
    localNetworks: settings.mirrorLocalNetworks,
  });
  git.attach({
    protectedBranches: applications.protectedBranches,
    onDefaultBranch: applications.onDefaultBranch,
    describePush: ci.describePush,
  });
  const onboarding = createOnboarding({
    git,
    secrets,
    installations: async () =>
      settings.runnerConcurrency === 0
        ? null
        : discoverToolchains({
            home: environment['HOME'] || homedir(),
            path: environment['PATH'] ?? '',
          }),
    examplesDirectory: resolve(import.meta.dirname, '../../../examples'),
  });
  let runner: EmbeddedRunner | null = null;
  const system = createSystem({
    ...{ store, dataDir, version: VERSION },
    probes: joinProbes({
      ...{ router, runtime, git, ci, edge },
      executors: () => (runner ? [runner.about] : []),
    }),
  });
  const telemetry = createTelemetry({
    ...{ store, onError, version: VERSION },
    traceUrl: settings.traceUrl,
  });
  const started = Promise.withResolvers<void>();
  const rooms = {
    store,
    accounts,
    applications,
    ci,
    settingsVariables,
    backups,
    deploy,
    pipeline,
    limits: runtime.limits,
    cron,
    running,
    overview,
    git,
    pulls,
    onboarding,
    secrets,
    services,
    settings,
    ...(edge === null ? {} : { edge }),
    system,
    telemetry,
    logger,
  };
  const http = await createHttp(rooms, started.promise, own.internalSocket);

  // The port first: when it is taken, nothing else has happened yet.
  const { url, port } = await http.listen();
  undo.push(() => http.close());
  address = url;
  await git.start();
  routerPort = (await router.start()).port;
  started.resolve();
  await telemetry.start();
  undo.push(() => telemetry.stop());
  undo.push(() => router.stop());
  edge?.start({
    router: dialled(settings.appHost, routerPort),
    server: dialled(settings.host, port),
  });
  undo.push(() => edge?.stop());
  services.start();
  undo.push(() => services.stop());
  backups.start();
  undo.push(() => backups.stop());
  await deploy.start();
  undo.push(() => deploy.stop());
  cron.start();
  undo.push(() => cron.stop());
  running.start();
  undo.push(() => running.stop());
  await ci.runner.voidLeasesOf(own.runnerName);
  await ci.start();
  undo.push(() => ci.stop());
  pulls.start();
  undo.push(() => pulls.stop());
  runner = await createEmbeddedRunner(settings, environment, logger, place.number);
  runner?.start();
  undo.push(() => runner?.kill());
  const letGo = async () => {
    await applications.purge();
    await services.purge();
    await store.messages.forget(new Date(Date.now() - HEARD_KEPT_MS).toISOString());
  };
  const purging = setInterval(
    () =>
      store.locks.holdIfFree('purging', letGo).catch((error: unknown) => onError(error, 'purging')),
    60 * 60_000,
  );
  undo.push(() => clearInterval(purging));

  begun();
  const setupUrl = (await accounts.hasAdministrator())
    ? null
    : `${url}/setup/${await accounts.createSetupLink()}`;
  return {
    url,
    setupUrl,
    stop: async () => {
      // The doors stay open meanwhile: a job that finishes still has things to say.
      const work = Promise.all([runner?.stop(), deploy.drain()]);
      await within(work, seconds(settings.drainSeconds));
      await unwind();
    },
  };
}

/** Servers that share a data directory start one after the other: each makes what is missing there. Answers the end of it. */
async function startAlone({ locks }: Store): Promise<() => void> {
  const mine = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const held = locks.hold('starting', () => {
    mine.resolve();
    return over.promise;
  });
  await Promise.race([mine.promise, held]);
  return over.resolve;
}

function createLogger({ logLevel }: Settings): Logger {
  // Standard output is for whoever waits for "listening on"; the log goes to standard error.
  return pino({ level: logLevel }, destination({ dest: 2, sync: false }));
}

/**
 * Where people and jobs find a server behind an edge with a zone. Not with an authority of Caddy's own: this machine's jobs
 * would not believe it.
 */
function urlBehindEdge({ edge, edgeZone, edgeIssuer, edgeHttpsPort }: Settings): string {
  if (edge === 'none' || edgeIssuer === 'internal') return '';
  return zoneUrl(edgeZone, edgeHttpsPort) ?? '';
}

/** What is known only once the server listens. */
function known<T>(value: T | null, what: string): T {
  if (value !== null) return value;
  throw new SluiceError('unavailable', `${what} is still starting. Try again in a moment.`);
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((done) => {
    timer = setTimeout(done, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
