import type { CiRepository } from '../../ci/index.ts';
import type { Git } from '../../git/index.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';

/** What the CI routes need of the git and secrets rooms. */
export interface CiRepositories {
  get(repositoryUuid: string): Promise<CiRepository | null>;
  list(): Promise<readonly CiRepository[]>;
  /** The switch that turns CI on. */
  setEnabled(repositoryUuid: string, enabled: boolean): Promise<void>;
  publicKey(repositoryUuid: string): Promise<{ pem: string; fingerprint: string }>;
}

export function createCiRepositories(rooms: {
  readonly git: Pick<Git, 'get' | 'list' | 'update'>;
  readonly secrets: Pick<Secrets, 'publicKey'>;
  readonly store: Pick<Store, 'transaction'>;
}): CiRepositories {
  const { git, secrets, store } = rooms;
  return {
    get: git.get,
    list: git.list,
    setEnabled: (repositoryUuid, ciEnabled) =>
      store.transaction((trx) => git.update(trx, repositoryUuid, { ciEnabled })),
    publicKey: secrets.publicKey,
  };
}
