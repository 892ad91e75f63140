import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import { createTurns } from '../turns.ts';
import { checkout } from './checkout.ts';
import { commitFiles } from './commit.ts';
import { createDisk } from './disk.ts';
import { createHistory, createHistoryCache, type HistoryCache } from './history.ts';
import { installHooks } from './hooks/install.ts';
import { handleGitHttp } from './http/handle.ts';
import { createMaintenance } from './maintenance.ts';
import { createFetching, type MirrorPolicy } from './mirrors/fetching.ts';
import { followHead } from './mirrors/follow-head.ts';
import { createMirrors } from './mirrors/index.ts';
import { createMirrorRows } from './mirrors/rows.ts';
import { createSchedule } from './mirrors/schedule.ts';
import { readCommit, readCommits, readFile } from './objects.ts';
import { createGitProcesses } from './process.ts';
import { createPullGit } from './pulls/index.ts';
import { createPushes } from './pushes.ts';
import { isReconciled, type ReconcileDeps, reconcile } from './reconcile.ts';
import { createRepositories } from './repositories.ts';
import { createShared } from './shared.ts';
import { listFiles, readFiles } from './tree.ts';
import type { Git, GitPolicies, Repository } from './types.ts';
import { createDeliveries } from './webhooks/deliveries.ts';
import { createWebhooks } from './webhooks/index.ts';
import { createWorker } from './webhooks/worker.ts';

export { parseGitPath } from './http/path.ts';
export { NEEDS_SOMEBODY } from './mirrors/failures.ts';
export type * from './mirrors/types.ts';
export type * from './types.ts';
export { ABSENT } from './types.ts';
export { guessProvider } from './webhooks/dialects.ts';
export type { DeliveryView, Webhooks } from './webhooks/index.ts';

export interface GitDeps {
  readonly dataDir: string;
  readonly store: Store;
  readonly secrets: Secrets;
  /** The internal socket that the hooks call; default `<data>/run/internal.sock`. */
  readonly socketPath?: string;
  /** False: other servers work on the data directory too, and what looks left over may be theirs. Default true. */
  readonly isAlone?: boolean;
  readonly gitExecutable?: string;
  /** PATH of git and the hooks. */
  readonly searchPath?: string;
  /** Runs the hooks; default this process's own Node. */
  readonly nodePath?: string;
  /** Of one push as it is sent; default 4 GiB. */
  readonly maxPushBytes?: number;
  /** Of one file in a push; default 256 MiB, 0 = no limit. */
  readonly maxObjectBytes?: number;
  /** Default 10 minutes. */
  readonly idleTimeoutMs?: number;
  /** How long a push waits for the line that names its build; default 4 s. */
  readonly describeTimeoutMs?: number;
  /** How outside repositories may be reached; absent parts are as the settings' defaults. */
  readonly mirrors?: Partial<MirrorPolicy>;
  /** How long deliveries of webhooks can be looked at; default 30. */
  readonly webhookDays?: number;
  /** Trouble that no caller waits for. */
  readonly onError?: (error: unknown, context: string) => void;
}

const AT_ONCE_AT_START = 4;
const DEFAULT_MIRROR_POLICY: MirrorPolicy = {
  protocols: ['https', 'ssh'],
  localNetworks: false,
  pollMs: 300_000,
  fetchMs: 1_800_000,
  allowPaths: false,
};
const OLDEST_GIT: readonly [number, number] = [2, 34];

/** The room of repositories: hosting, mirrors, and the facts of their history. */
export function createGit(deps: GitDeps): Git {
  const { dataDir, store, secrets } = deps;
  const onError = deps.onError ?? (() => undefined);
  const directory = join(dataDir, 'git');
  const home = join(directory, 'home');
  const hooksDirectory = join(directory, 'hooks');
  const policy: MirrorPolicy = { ...DEFAULT_MIRROR_POLICY, ...deps.mirrors };

  const git = createGitProcesses({
    executable: deps.gitExecutable,
    searchPath: deps.searchPath,
    home,
  });
  const disk = createDisk(directory, git);
  const rows = createRepositories(store.db);
  const mirrorRows = createMirrorRows(store.db, secrets);
  const fetching = createFetching({
    ...{ git, policy, path: disk.path, rows: mirrorRows },
    directory: join(directory, 'remotes'),
    onAccounted: (repositoryUuid) => {
      const change = { kind: 'repository', id: repositoryUuid, application: null } as const;
      store.changes.emit({ ...change, repository: repositoryUuid });
    },
  });
  const mirrors = createMirrors({
    ...{ store, git, fetching, path: disk.path, repositories: rows, rows: mirrorRows },
    localNetworks: policy.localNetworks,
  });
  const maintenance = createMaintenance(git, disk, onError);
  const turns = createTurns();
  const caches = new Map<string, HistoryCache>();

  const policies: GitPolicies = {
    protectedBranches: async () => [],
    describePush: async () => [],
    onDefaultBranch: async () => undefined,
  };

  const history = (repositoryUuid: string) => {
    const cache = caches.get(repositoryUuid) ?? createHistoryCache();
    caches.set(repositoryUuid, cache);
    return createHistory(git, disk.path(repositoryUuid), cache);
  };

  const reconcileDeps: ReconcileDeps = {
    ...{ store, git, path: disk.path, history, get: rows.get },
    onDefaultBranch: (trx, repositoryUuid, branch) =>
      policies.onDefaultBranch(trx, repositoryUuid, branch),
  };
  const reconcileRefs = createShared((repositoryUuid) =>
    turns.take(repositoryUuid, async () => {
      await reconcile(reconcileDeps, repositoryUuid, null);
    }),
  );

  const pushes = createPushes({
    get: rows.get,
    record: (repositoryUuid, receipts) =>
      turns.take(repositoryUuid, () => reconcile(reconcileDeps, repositoryUuid, receipts)),
    policies: {
      protectedBranches: (repositoryUuid) => policies.protectedBranches(repositoryUuid),
      describePush: (pushIds) => policies.describePush(pushIds),
    },
    onError,
    describeTimeoutMs: deps.describeTimeoutMs ?? 4_000,
  });

  const ensureOnDisk = async (repositoryUuid: string) => {
    await disk.ensure(repositoryUuid);
    // Seconds of work that nobody has to wait for; whoever needs the key earlier makes or awaits it.
    secrets.ensureRepositoryKey(repositoryUuid).catch((error: unknown) => {
      onError(error, `making the key pair of ${repositoryUuid}`);
    });
  };

  const fetchShared = createShared(async (repositoryUuid) => {
    const repository = await rows.get(repositoryUuid);
    if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
    if (repository.url === null) return reconcileRefs(repositoryUuid);
    await disk.ensure(repositoryUuid);
    // Two fetches into one repository would fail at each other's locks.
    await store.locks.hold(`fetch ${repositoryUuid}`, () => fetchNow(repository));
    maintenance.soon(repositoryUuid);
  });
  const fetchNow = async (repository: Repository): Promise<void> => {
    const { uuid: repositoryUuid } = repository;
    const { head, before } = await fetching.fetchAll(repository);
    await turns.take(repositoryUuid, async () => {
      await reconcile(reconcileDeps, repositoryUuid, null, head);
      await followHead(reconcileDeps, repositoryUuid, head, before);
    });
  };
  const schedule = createSchedule({
    locks: store.locks,
    rows: mirrorRows,
    fetch: async (repositoryUuid) => {
      // Somebody may have asked for one since the clock was looked at; that one is as good.
      await fetchShared.underWay(repositoryUuid);
      if (await mirrorRows.isDue(repositoryUuid, Date.now())) await fetchShared(repositoryUuid);
    },
    hostOf: async (repositoryUuid) => {
      const url = (await rows.get(repositoryUuid))?.url ?? '';
      return fetching.addressOf(url)?.host ?? url;
    },
    onError,
  });

  const deliveries = createDeliveries(store.db);
  const webhookDays = deps.webhookDays ?? 30;
  const hookWorker = createWorker({
    ...{ store, deliveries, history, onError },
    ...{ fetch: fetchShared, fetchFork: mirrors.fetchFork, days: webhookDays },
  });
  const webhooks = createWebhooks({
    ...{ store, secrets, deliveries, days: webhookDays },
    ...{ wake: hookWorker.wake, lookSoon: mirrors.soon },
  });

  /** A push must never run without its hooks, also one that comes while the server is still starting. */
  const prepare = async () => {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await refuseUnusableGit(git);
    await installHooks(hooksDirectory, deps.nodePath ?? process.execPath);
  };
  let prepared: Promise<void> | null = null;
  const ready = () => {
    prepared ??= prepare().catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  };

  const awaken = async (repositoryUuid: string) => {
    try {
      await ensureOnDisk(repositoryUuid);
      await disk.heal(repositoryUuid);
      // Nearly all are as they were left, and a process for each would be most of a start with many of them.
      if (!(await isReconciled(reconcileDeps, repositoryUuid))) await reconcileRefs(repositoryUuid);
    } catch (error) {
      onError(error, `starting the repository ${repositoryUuid}`);
    }
  };

  return {
    start: async () => {
      await ready();
      if (deps.isAlone !== false) {
        await disk.sweep();
        await fetching.sweep();
      }
      const waiting = await rows.list();
      const worker = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await awaken(next.uuid);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE_AT_START }, worker));
      schedule.start();
      hookWorker.start();
    },
    stop: async () => {
      const resting = [maintenance.stop(), fetching.stop(), schedule.stop(), hookWorker.stop()];
      git.killAll();
      await Promise.all(resting);
      await turns.settled();
      await secrets.settled();
    },
    attach: (given) => {
      Object.assign(policies, given);
    },

    createHosted: (trx, { organisationUuid, slug, isPrivate = true }) =>
      rows.create(trx, { organisationUuid, slug, isPrivate, kind: 'hosted', url: null }),
    createMirror: async (trx, input) => {
      fetching.addressOf(input.url);
      const { organisationUuid, slug, url, isPrivate = true } = input;
      const row = { organisationUuid, slug, isPrivate, kind: 'mirror' as const, url };
      const repository = await rows.create(trx, row);
      await mirrorRows.create(trx, repository.uuid, input.createdBy ?? null);
      return repository;
    },
    mirrors,
    webhooks,
    ensureOnDisk,
    remove: async (trx, repositoryUuid) => {
      await mirrorRows.remove(trx, repositoryUuid);
      await rows.remove(trx, repositoryUuid);
    },
    removeFromDisk: async (repositoryUuid) => {
      caches.delete(repositoryUuid);
      await turns.take(repositoryUuid, () => disk.remove(repositoryUuid));
    },
    update: async (trx, repositoryUuid, changes) => {
      await rows.update(trx, repositoryUuid, changes);
      store.changes.emit({ kind: 'repository', id: repositoryUuid, application: null }, trx);
    },
    get: rows.get,
    byId: rows.byId,
    bySlug: rows.bySlug,
    list: rows.list,
    path: disk.path,

    fetch: fetchShared,
    reconcileRefs,
    history,
    readFile: (repositoryUuid, sha, path) => readFile(git, disk.path(repositoryUuid), sha, path),
    commit: (repositoryUuid, sha) => readCommit(git, disk.path(repositoryUuid), sha),
    commits: (repositoryUuid, shas) => readCommits(git, disk.path(repositoryUuid), shas),
    listFiles: (repositoryUuid, sha) => listFiles(git, disk.path(repositoryUuid), sha),
    readFiles: (repositoryUuid, sha, paths) =>
      readFiles(git, disk.path(repositoryUuid), sha, paths),
    commitFiles: async (repositoryUuid, commit) => {
      const repository = await rows.get(repositoryUuid);
      if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
      try {
        return await commitFiles({ git, pushes, path: disk.path }, repository, commit);
      } finally {
        // As after a push: what could not be recorded at once is recorded now.
        if (!pushes.isBusy(repositoryUuid)) {
          await reconcileRefs(repositoryUuid).catch((error: unknown) =>
            onError(error, `pushes of ${repositoryUuid}`),
          );
        }
        maintenance.soon(repositoryUuid);
      }
    },
    pulls: createPullGit({
      ...{ git, pushes, path: disk.path },
      settle: async (repositoryUuid) => {
        if (!pushes.isBusy(repositoryUuid)) await reconcileRefs(repositoryUuid);
        maintenance.soon(repositoryUuid);
      },
    }),
    checkout: (repositoryUuid, sha, target) =>
      checkout(git, disk.path(repositoryUuid), sha, target),

    handleHttp: async (req, res, access) => {
      const { uuid } = access.repository;
      await ready();
      try {
        await handleGitHttp(
          {
            ...{ git, pushes, directory, hooksDirectory },
            socketPath: deps.socketPath ?? join(dataDir, 'run', 'internal.sock'),
            maxPushBytes: deps.maxPushBytes ?? 4 * 1024 ** 3,
            maxObjectBytes: deps.maxObjectBytes ?? 256 * 1024 ** 2,
            idleTimeoutMs: deps.idleTimeoutMs ?? 600_000,
          },
          req,
          res,
          access,
        );
      } finally {
        if (access.resource === 'git-receive-pack') {
          // The hook has recorded the push unless it was killed; with others under way theirs comes last.
          if (!pushes.isBusy(uuid)) {
            await reconcileRefs(uuid).catch((error: unknown) =>
              onError(error, `pushes of ${uuid}`),
            );
          }
          maintenance.soon(uuid);
        }
      }
    },
    maintenance: maintenance.state,
    preReceive: pushes.preReceive,
    postReceive: pushes.postReceive,
  };
}

async function refuseUnusableGit(git: ReturnType<typeof createGitProcesses>): Promise<void> {
  const version = await git.text(['version']);
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  const [needMajor, needMinor] = OLDEST_GIT;
  if (Number(major) < needMajor || (Number(major) === needMajor && Number(minor) < needMinor)) {
    throw new SluiceError('unavailable', `${version} is too old.`, {
      reason: 'git_too_old',
      remedy: `Install git ${OLDEST_GIT.join('.')} or newer.`,
    });
  }
  const backend = join(await git.text(['--exec-path']), 'git-http-backend');
  await stat(backend).catch((cause: unknown) => {
    throw new SluiceError('unavailable', `git has no http-backend (${backend}).`, {
      reason: 'git_missing',
      remedy: 'Install the complete git package.',
      cause,
    });
  });
}
