import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { GitProcesses } from '../process.ts';
import { peel } from '../refs.ts';
import type { Repositories } from '../repositories.ts';
import { type KeyType, makeDeployKey } from './deploy-key.ts';
import type { Fetching } from './fetching.ts';
import { resolveHost } from './networks.ts';
import type { KnownHostKey, MirrorRows, MirrorState } from './rows.ts';
import type { Mirrors, MirrorView } from './types.ts';

export interface MirrorsDeps {
  readonly store: Store;
  readonly git: GitProcesses;
  readonly path: (repositoryUuid: string) => string;
  readonly repositories: Pick<Repositories, 'get'>;
  readonly rows: MirrorRows;
  readonly fetching: Pick<Fetching, 'addressOf' | 'fetchRef' | 'fetchFork'>;
  readonly localNetworks: boolean;
}

/** What people set on a mirror and see of it. */
export function createMirrors(deps: MirrorsDeps): Mirrors {
  const { store, rows, fetching, repositories } = deps;

  const known = async (repositoryUuid: string): Promise<{ row: MirrorState; url: string }> => {
    const [row, repository] = await Promise.all([
      rows.get(repositoryUuid),
      repositories.get(repositoryUuid),
    ]);
    if (row === null || repository === null || repository.url === null) {
      throw new SluiceError('not_found', 'This repository is hosted here, not elsewhere.');
    }
    return { row, url: repository.url };
  };

  const changed = (repositoryUuid: string): void => {
    store.changes.emit({
      ...{ kind: 'repository', id: repositoryUuid, application: null },
      repository: repositoryUuid,
    });
  };

  const checkAddress = async (url: string): Promise<void> => {
    const address = fetching.addressOf(url);
    if (address === null) return;
    try {
      await resolveHost(address.host, deps.localNetworks);
    } catch (error) {
      // A host that cannot be found at the moment may be there when it is fetched.
      if (!(error instanceof SluiceError) || error.reason === 'local_network') throw error;
    }
  };

  const soon = (repositoryUuid: string) => rows.change(repositoryUuid, { next_fetch_at: 0 });

  return {
    checkAddress,
    soon,

    get: async (repositoryUuid) => {
      const [row, repository] = await Promise.all([
        rows.get(repositoryUuid),
        repositories.get(repositoryUuid),
      ]);
      if (row === null || repository === null || repository.url === null) return null;
      return view(row, repository.url, await rows.hostKeys(repositoryUuid));
    },

    setCredentials: async (repositoryUuid, { username, password }) => {
      await known(repositoryUuid);
      await rows.change(repositoryUuid, {
        next_fetch_at: 0,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined
          ? {}
          : {
              password: password === null ? null : rows.sealPassword(repositoryUuid, password),
            }),
      });
      changed(repositoryUuid);
    },

    makeKey: async (repositoryUuid, type: KeyType) => {
      const repository = await repositories.get(repositoryUuid);
      await known(repositoryUuid);
      const made = await makeDeployKey(type, `sluice:${repository?.slug ?? repositoryUuid}`);
      await rows.change(repositoryUuid, {
        key_type: made.type,
        public_key: made.publicKey,
        private_key: rows.sealKey(repositoryUuid, made.privateKey),
      });
      changed(repositoryUuid);
      return made.publicKey;
    },

    setUrl: async (repositoryUuid, url) => {
      const { url: before } = await known(repositoryUuid);
      await checkAddress(url);
      const [from, to] = [fetching.addressOf(before), fetching.addressOf(url)];
      const isSameDoor =
        from?.host === to?.host && from?.port === to?.port && from?.protocol === to?.protocol;
      await store.transaction(async (trx) => {
        await trx
          .updateTable('repositories')
          .set({ url })
          .where('uuid', '=', repositoryUuid)
          .execute();
        const afresh = { next_fetch_at: 0, failures: 0, moved_to: null };
        await rows.change(repositoryUuid, { ...afresh, moved_from: null, moved_at: null }, trx);
        if (isSameDoor) return;
        const nothing = {
          username: null,
          password: null,
          last_error: null,
          last_error_reason: null,
        };
        await rows.change(repositoryUuid, nothing, trx);
        await trx
          .deleteFrom('mirror_host_keys')
          .where('repository_uuid', '=', repositoryUuid)
          .execute();
      });
      changed(repositoryUuid);
    },

    connect: async (trx, repositoryUuid, url, createdBy) => {
      await trx
        .updateTable('repositories')
        .set({ kind: 'mirror', url })
        .where('uuid', '=', repositoryUuid)
        .execute();
      // With nothing recorded the next fetch counts as an import: old branches there are no news.
      await trx
        .deleteFrom('repository_refs')
        .where('repository_uuid', '=', repositoryUuid)
        .execute();
      await rows.create(trx, repositoryUuid, createdBy);
    },

    disconnect: async (trx, repositoryUuid) => {
      await rows.remove(trx, repositoryUuid);
      await trx
        .updateTable('repositories')
        .set({ kind: 'hosted', url: null })
        .where('uuid', '=', repositoryUuid)
        .execute();
    },

    acceptHostKey: async (repositoryUuid, fingerprint) => {
      await known(repositoryUuid);
      const keys = await rows.hostKeys(repositoryUuid);
      const offered = keys.find((key) => key.fingerprint === fingerprint);
      if (offered === undefined || offered.state !== 'offered') {
        throw new SluiceError('not_found', `The host has not offered a key ${fingerprint}.`, {
          remedy: 'The keys that it offered are listed with the repository; fetch to ask it again.',
        });
      }
      await store.transaction(async (trx) => {
        await trx
          .deleteFrom('mirror_host_keys')
          .where('repository_uuid', '=', repositoryUuid)
          .where('host', '=', offered.host)
          .where('id', '!=', offered.id)
          .execute();
        await trx
          .updateTable('mirror_host_keys')
          .set({ state: 'trusted' })
          .where('id', '=', offered.id)
          .execute();
        await rows.change(repositoryUuid, { next_fetch_at: 0 }, trx);
      });
      changed(repositoryUuid);
    },

    fetchFork: async (repositoryUuid, { url, branch, number }) => {
      const repository = await repositories.get(repositoryUuid);
      if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
      const to = `refs/pulls/${number}/fork`;
      await fetching.fetchFork(repository, url, `refs/heads/${branch}`, to);
    },

    fetchRef: async (repositoryUuid, from, to) => {
      const repository = await repositories.get(repositoryUuid);
      if (repository === null) throw new SluiceError('not_found', 'There is no such repository.');
      if (!to.startsWith('refs/pulls/')) {
        throw new SluiceError('internal', `${to} is not below refs/pulls/.`);
      }
      await fetching.fetchRef(repository, from, to);
      const path = deps.path(repositoryUuid);
      const object = await deps.git.text(['rev-parse', '--verify', '--quiet', to], {
        repository: path,
      });
      return peel(deps.git, path, object);
    },
  };
}

/** Times beyond what a date can hold mean never. */
const LAST_TIME = 8_640_000_000_000_000;

function view(row: MirrorState, url: string, keys: readonly KnownHostKey[]): MirrorView {
  const isScheduled = row.next_fetch_at <= LAST_TIME;
  return {
    repositoryUuid: row.repository_uuid,
    url,
    username: row.username,
    hasPassword: row.password !== null,
    keyType: row.key_type,
    publicKey: row.public_key,
    createdBy: row.created_by,
    remoteHead: row.remote_head,
    lastAttemptAt: row.last_attempt_at,
    lastSuccessAt: row.last_success_at,
    lastError: row.last_error,
    lastErrorReason: row.last_error_reason,
    failures: row.failures,
    movedTo: row.moved_to,
    movedFrom: row.moved_from,
    movedAt: row.moved_at,
    nextFetchAt: isScheduled ? new Date(row.next_fetch_at).toISOString() : null,
    hostKeys: keys.map((key) => ({
      host: key.host,
      keyType: key.key_type,
      fingerprint: key.fingerprint,
      state: key.state,
      seenAt: key.seen_at,
    })),
  };
}
