import { rm } from 'node:fs/promises';
import { SluiceError } from '../../errors.ts';
import type { GitProcesses } from '../process.ts';
import type { Repository } from '../types.ts';
import { parseAddress, type RemoteAddress } from './address.ts';
import { nextFetchAt } from './back-off.ts';
import { aliasOf, type Connection, type Credentials, openConnection } from './connection.ts';
import { explainFailure, failed, reasonOf } from './failures.ts';
import { fetchAll, fetchRef, listRemote, type Remote } from './fetch.ts';
import { judgeFork } from './forks.ts';
import { createHostLimits } from './host-limits.ts';
import type { HostKey } from './known-hosts.ts';
import { askRedirect, type Move, readRedirect } from './moved.ts';
import { resolveHost } from './networks.ts';
import type { MirrorRows, MirrorState } from './rows.ts';

export interface MirrorPolicy {
  /** Of https, ssh, http, git. */
  readonly protocols: readonly string[];
  readonly localNetworks: boolean;
  /** 0: no schedule. */
  readonly pollMs: number;
  readonly fetchMs: number;
  /** For tests: paths of this machine, without any of the checks. */
  readonly allowPaths: boolean;
}

export interface FetchingDeps {
  readonly git: GitProcesses;
  readonly rows: MirrorRows;
  readonly policy: MirrorPolicy;
  /** Private folders of connections lie below it. */
  readonly directory: string;
  readonly path: (repositoryUuid: string) => string;
  /** A fetch was accounted for: its time, or what went wrong, is to be seen. */
  readonly onAccounted: (repositoryUuid: string) => void;
}

/** A host is busy with so many fetches at most; those of other hosts do not notice. */
const AT_ONCE_PER_HOST = 4;
const NO_CREDENTIAL = { withCredential: false };
/** A repository that was renamed twice is found in one go. */
const MOST_MOVES = 3;

/** The host says that the repository is somewhere else now. */
class Moved extends Error {
  readonly move: Move;

  constructor(move: Move) {
    super(`moved to ${move.url}`);
    this.move = move;
  }
}

/** Goes to a mirror's host with what opens its door, and keeps account of how that went. */
export function createFetching(deps: FetchingDeps) {
  const { git, rows, policy, directory } = deps;
  const limits = createHostLimits(AT_ONCE_PER_HOST);
  let stopped = false;

  const addressOf = (url: string): RemoteAddress | null =>
    policy.allowPaths && (url.startsWith('/') || url.startsWith('file://'))
      ? null
      : parseAddress(url, policy.protocols);

  const trustedKeys = async (repositoryUuid: string, address: RemoteAddress): Promise<HostKey[]> =>
    (await rows.hostKeys(repositoryUuid))
      .filter((row) => row.state === 'trusted' && row.host === aliasOf(address))
      .map((row) => ({ ...row, type: row.key_type }));

  /** What a host shows instead of the key that is trusted, so that somebody can compare and accept it. */
  const probe = async (remote: Remote, address: RemoteAddress, ips: readonly string[]) => {
    const credentials: Credentials = { username: null, password: null, privateKey: null };
    const input = { address, ips, credentials, trusted: [], probe: true };
    const connection = await openConnection(directory, input);
    try {
      // It ends without having been let in; the key was shown before that.
      await listRemote(git, { ...remote, env: connection.env }).catch(() => undefined);
      return await connection.shownKeys();
    } finally {
      await connection.close();
    }
  };

  const through = async <T>(
    repository: Repository,
    url: string,
    row: MirrorState,
    work: (remote: Remote) => Promise<T>,
  ): Promise<T> => {
    const remote: Remote = {
      ...{ repository: deps.path(repository.uuid), url, timeoutMs: policy.fetchMs },
      ...{ env: { GIT_ALLOW_PROTOCOL: 'file' }, secrets: [] },
    };
    const address = addressOf(url);
    if (address === null) return work(remote);
    return limits.take(address.host, async () => {
      if (stopped) throw new SluiceError('unavailable', 'The server is stopping.');
      // At every fetch anew: a name may have moved into a local network since.
      const ips = await resolveHost(address.host, policy.localNetworks);
      const credentials = rows.open(row);
      const trusted = await trustedKeys(repository.uuid, address);
      const connection = await openConnection(directory, { address, ips, credentials, trusted });
      const secrets = [credentials.password ?? ''];
      try {
        return await work({ ...remote, env: connection.env, secrets });
      } catch (error) {
        if (error instanceof SluiceError && error.reason === 'fetch_host_key_changed') {
          await rows.remember(repository.uuid, await probe(remote, address, ips), 'offered');
        }
        if (error instanceof SluiceError && error.reason === 'fetch_moved') {
          const redirect = await askRedirect(address, ips, credentials);
          const move = redirect && readRedirect(address, redirect, policy.protocols);
          if (move !== null) throw new Moved(move);
        }
        throw error;
      } finally {
        if (trusted.length === 0) await keepShown(repository.uuid, connection);
        await connection.close();
      }
    });
  };

  /** Trust on first use: also when the host then refused the credential, for the next time is no longer the first. */
  const keepShown = async (repositoryUuid: string, connection: Connection): Promise<void> => {
    await rows.remember(repositoryUuid, await connection.shownKeys(), 'trusted');
  };

  /** Writes down how a fetch went, and when the next one is due. */
  const account = async (
    row: MirrorState,
    failure: SluiceError | null,
    head: string | null,
    movedTo: string | null = null,
  ): Promise<void> => {
    // What a stopping server breaks off says nothing of the host.
    if (stopped) return;
    const now = new Date();
    const failures = failure === null ? 0 : row.failures + 1;
    const next = { failures, pollMs: policy.pollMs, now: now.getTime(), random: Math.random() };
    const words =
      failure === null ? null : [failure.message, failure.remedy ?? ''].join(' ').trim();
    await rows.change(row.repository_uuid, {
      failures,
      last_attempt_at: now.toISOString(),
      next_fetch_at: nextFetchAt(next),
      ...{ last_error: words, moved_to: movedTo },
      last_error_reason: failure === null ? null : reasonOf(failure),
      ...(failure === null ? { last_success_at: now.toISOString(), remote_head: head } : {}),
    });
    deps.onAccounted(row.repository_uuid);
  };

  const rowOf = async (repository: Repository): Promise<{ url: string; row: MirrorState }> => {
    const row = await rows.get(repository.uuid);
    if (repository.url === null || row === null) {
      throw new SluiceError('not_found', 'This repository is hosted here.');
    }
    return { url: repository.url, row };
  };

  /** Runs `work` at the host; what goes wrong is thrown as `unavailable` with a sentence for people. */
  const visit = async <T>(
    repository: Repository,
    work: (remote: Remote) => Promise<T>,
    isAccounted: boolean,
  ): Promise<{ answer: T; row: MirrorState }> => {
    const { url, row } = await rowOf(repository);
    return visitAt(repository, url, row, work, isAccounted, MOST_MOVES);
  };

  const visitAt = async <T>(
    repository: Repository,
    url: string,
    row: MirrorState,
    work: (remote: Remote) => Promise<T>,
    isAccounted: boolean,
    moves: number,
  ): Promise<{ answer: T; row: MirrorState }> => {
    try {
      return { answer: await through(repository, url, row, work), row };
    } catch (error) {
      const move = error instanceof Moved ? error.move : null;
      if (move?.kind === 'follow' && moves > 0) {
        if (await rows.follow(repository.uuid, url, move.url)) {
          deps.onAccounted(repository.uuid);
          return visitAt(repository, move.url, row, work, isAccounted, moves - 1);
        }
      }
      const failure = move === null ? explainFailure(error, url) : explainMove(url, move);
      if (isAccounted && failure.reason !== 'git_missing') {
        await account(row, failure, null, move?.kind === 'offer' ? move.url : null);
      }
      throw failure;
    }
  };

  const running = new Set<Promise<unknown>>();
  const watched = <T>(work: Promise<T>): Promise<T> => {
    const ended = work
      .catch(() => undefined)
      .finally(() => {
        running.delete(ended);
      });
    running.add(ended);
    return work;
  };

  return {
    addressOf,

    /** Brings branches and tags; answers what the host's HEAD names now and what it named before. */
    fetchAll: (repository: Repository): Promise<{ head: string | null; before: string | null }> =>
      watched(
        visit(repository, (remote) => fetchAll(git, remote), true).then(async ({ answer, row }) => {
          await account(row, null, answer);
          return { head: answer, before: row.remote_head };
        }),
      ),

    /** Brings one ref more. That a host has no such ref says nothing of the rest, so no account is kept of it. */
    fetchRef: (repository: Repository, from: string, to: string): Promise<void> =>
      watched(
        visit(repository, (remote) => fetchRef(git, remote, from, to), false).then(() => undefined),
      ),

    /** Brings a branch of a fork from the fork itself. See `Mirrors.fetchFork`. */
    fetchFork: (repository: Repository, url: string, from: string, to: string): Promise<void> =>
      watched(
        (async () => {
          const { url: baseUrl, row } = await rowOf(repository);
          const [base, fork] = [addressOf(baseUrl), parseAddress(url, policy.protocols)];
          const { withCredential } = base === null ? NO_CREDENTIAL : judgeFork(base, fork);
          const nobody = { username: null, password: null, private_key: null };
          const as = withCredential ? row : { ...row, ...nobody };
          try {
            await through(repository, url, as, (remote) => fetchRef(git, remote, from, to));
          } catch (error) {
            throw explainFailure(error, url);
          }
        })(),
      ),

    /** Nothing new begins; resolves when nothing is under way. The caller kills git's processes. */
    stop: async (): Promise<void> => {
      stopped = true;
      while (running.size > 0) await Promise.all(running);
    },

    /** Removes what a killed server left behind: keys, above all. */
    sweep: () => rm(directory, { recursive: true, force: true }),
  };
}

export type Fetching = ReturnType<typeof createFetching>;

function explainMove(url: string, move: Move): SluiceError {
  const sentence = `Fetching ${url} failed: its host says that it is at ${move.url} now`;
  if (move.kind === 'refuse') return failed('moved', `${sentence}. ${move.why}`, null);
  return failed(
    'moved',
    `${sentence}.`,
    `If that is the same repository, accept it: sluice repo connect ${move.url}`,
  );
}
