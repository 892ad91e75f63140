import type { Trx } from '../../store/index.ts';
import type { KeyType } from './deploy-key.ts';

export interface HostKeyView {
  readonly host: string;
  readonly keyType: string;
  readonly fingerprint: string;
  readonly state: 'trusted' | 'offered';
  readonly seenAt: string;
}

/** How a mirror's fetching goes, for people and programs; nothing secret is in it. */
export interface MirrorView {
  readonly repositoryUuid: string;
  readonly url: string;
  readonly username: string | null;
  readonly hasPassword: boolean;
  readonly keyType: string | null;
  readonly publicKey: string | null;
  readonly createdBy: string | null;
  readonly remoteHead: string | null;
  readonly lastAttemptAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastError: string | null;
  /** One of `FailureReason`. */
  readonly lastErrorReason: string | null;
  readonly failures: number;
  /** Null: by webhook and on demand only. */
  readonly nextFetchAt: string | null;
  /** Where its host says that it is now: somebody has to accept that. */
  readonly movedTo: string | null;
  /** Its address before the host renamed it, which was followed; and when. */
  readonly movedFrom: string | null;
  readonly movedAt: string | null;
  readonly hostKeys: readonly HostKeyView[];
}

/** Absent fields stay; null removes. */
export interface CredentialChange {
  readonly username?: string | null;
  readonly password?: string | null;
}

/** Outside repositories: how to get in, and how it goes. Fetching itself is `Git.fetch`. */
export interface Mirrors {
  get(repositoryUuid: string): Promise<MirrorView | null>;
  /** Throws `invalid` for an address that is not allowed, also when its host lies in a local network. */
  checkAddress(url: string): Promise<void>;
  setCredentials(repositoryUuid: string, change: CredentialChange): Promise<void>;
  /** Makes a key pair for ssh, instead of the one that was there; answers the public line. */
  makeKey(repositoryUuid: string, type: KeyType): Promise<string>;
  /** Another host gets none of the old one's credentials, and its keys are new. Throws `invalid`. */
  setUrl(repositoryUuid: string, url: string): Promise<void>;
  /** Turns a hosted repository into a mirror; its branches are replaced by those of `url` with the next fetch. */
  connect(trx: Trx, repositoryUuid: string, url: string, createdBy: string | null): Promise<void>;
  /** Turns a mirror into a hosted repository that has what was fetched last. */
  disconnect(trx: Trx, repositoryUuid: string): Promise<void>;
  /** Trusts a key that the host offered, instead of those before. Throws `not_found`. */
  acceptHostKey(repositoryUuid: string, fingerprint: string): Promise<void>;
  /**
   * Brings a ref beside branches and tags, such as `refs/pull/7/head` or `refs/merge-requests/7/head`, which is how
   * commits of forks get here, and keeps it as `to` (below `refs/pulls/`, which no fetch prunes). Answers the commit
   * that it names. Throws `unavailable`.
   */
  fetchRef(repositoryUuid: string, from: string, to: string): Promise<string | null>;
  /**
   * Brings a branch of a fork from the fork itself, for hosts that keep no reference for pull requests, and keeps it as
   * `refs/pulls/<number>/fork`. Only from the same host, by the same rules as every fetch, and with the mirror's
   * credential only where the fork belongs to the same owner. Throws `invalid` and `unavailable`.
   */
  fetchFork(
    repositoryUuid: string,
    fork: { readonly url: string; readonly branch: string; readonly number: number },
  ): Promise<void>;
  /** So that it is looked at by the schedule at once. */
  soon(repositoryUuid: string): Promise<void>;
}
