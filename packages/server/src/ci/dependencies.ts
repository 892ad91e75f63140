import type { EnvVar } from '@sluice/contract';
import type { Messages, Store, Trx } from '../store/index.ts';

/** What the CI service asks of the git room. */
interface CiGit {
  get(repositoryUuid: string): Promise<CiRepository | null>;
  bySlug(slug: string): Promise<CiRepository | null>;
  history(repositoryUuid: string): {
    /** A commit, branch or tag; without `sha` it is unknown or ambiguous. */
    resolve(text: string): Promise<{ readonly kind: string } | { readonly sha: string }>;
  };
  /** Text of a file of a commit, null when the commit has no such file. */
  readFile(repositoryUuid: string, sha: string, path: string): Promise<string | null>;
  commit(repositoryUuid: string, sha: string): Promise<CiCommit | null>;
}

/** The columns of `repositories` that the CI service reads. */
export interface CiRepository {
  readonly id: number;
  readonly uuid: string;
  readonly slug: string;
  readonly organisationUuid: string;
  readonly defaultBranch: string | null;
  readonly ciEnabled: boolean;
  readonly isPrivate: boolean;
}

interface CiCommit {
  readonly sha: string;
  /** Subject and body. */
  readonly message: string;
}

/** What the CI service asks of the secrets room. */
interface CiSecrets {
  /** Null: not decryptable, and nobody learns why (spec/travis.md 14.1). */
  decrypt(repositoryUuid: string, base64: string): Promise<string | null>;
}

/** What the CI service asks of the accounts room. */
export interface CiAccounts {
  createJobToken(jobId: number, repositoryUuid: string): Promise<string>;
  /** All tokens of the job; with `trx`, in the transaction that ends the job. */
  endJobToken(jobId: number, trx?: Trx): Promise<void>;
  /** Appends to the audit log, in the caller's transaction. */
  audit(
    trx: Trx | null,
    event: {
      readonly actor: string;
      readonly action: string;
      readonly target: string;
      readonly details?: Readonly<Record<string, unknown>>;
    },
  ): Promise<void>;
  readonly users: {
    byEmail(
      email: string,
    ): Promise<{ readonly isMachine: boolean; readonly disabledAt: string | null } | null>;
  };
}

/** Variables that a repository's settings give to every job (spec/travis.md 3.3). */
type SettingsVariables = (repositoryUuid: string, branch: string) => Promise<readonly EnvVar[]>;

/** A deployment that a build's commit made, for the red mark beside a green build (spec/ordering.md 2.3). */
export interface DeploymentMark {
  readonly uuid: string;
  readonly environment: string;
  readonly status: string;
  readonly success: boolean | null;
  readonly reason: string | null;
}

export interface CiSettings {
  /** Without a slash at its end; jobs, links and git use it. Asked each time: port 0 is known only after listening. */
  readonly publicUrl: () => string;
  readonly strictToolchains: boolean;
  readonly silenceMs: number;
  readonly totalMs: number;
  readonly afterVerdictMs: number;
  readonly logBytes: number;
  readonly leaseMs: number;
  /** Jobs without a verdict that may run at once, over all runners and for one repository; null: no limit. */
  readonly maxJobs: number | null;
  readonly maxJobsPerRepository: number | null;
  /** The runner inside the server; absent or null: it runs none here. */
  readonly embedded?: () => EmbeddedRunner | null;
}

interface EmbeddedRunner {
  readonly name: string;
  readonly version: string;
  readonly slots: number;
  readonly isolates: boolean;
}

/** How much is kept of archives of cached directories. */
export interface CacheLimits {
  readonly repositoryBytes: number;
  readonly totalBytes: number;
  /** False: other servers keep theirs there too, and what looks left over may be being written. Default true. */
  readonly isAlone?: boolean;
}

/** How much is kept of the files that jobs leave, and for how long. */
export interface ArtifactLimits {
  readonly keptMs: number;
  readonly jobBytes: number;
  readonly jobFiles: number;
  readonly totalBytes: number;
}

/** How people and programs are told of builds (spec/travis.md 9). */
export interface NotifySettings {
  /** `smtp://user:password@host:587`; empty: no email. */
  readonly smtpUrl: string;
  readonly mailFrom: string;
  /** Of the key that signs webhooks; made when it is needed. */
  readonly keyFile: string;
}

export interface CiDependencies {
  readonly store: Store;
  readonly git: CiGit;
  readonly secrets: CiSecrets;
  readonly accounts: CiAccounts;
  readonly settings: CiSettings;
  readonly caches: CacheLimits;
  readonly artifacts: ArtifactLimits;
  readonly notify: NotifySettings;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  readonly deploymentsOfCommit?: (
    repositoryUuid: string,
    sha: string,
  ) => Promise<readonly DeploymentMark[]>;
  readonly settingsVariables?: SettingsVariables;
  /** Told of what went wrong in the background; the work is tried again. */
  readonly onError?: (error: unknown, doing: string) => void;
}

/** The dependencies with every default in place, as the files of this room take them. */
export interface Context extends Required<Omit<CiDependencies, 'clock'>> {
  readonly now: () => number;
  /** Runs a transaction and, once it is committed, wakes whoever waits for the channels it named. */
  transact<T>(work: (trx: Trx, change: Change) => Promise<T>): Promise<T>;
}

/** What the parts of one transaction have in common. */
export interface Change {
  readonly messages: Messages;
  readonly accounts: CiAccounts;
  readonly publicUrl: string;
  /** ISO 8601. */
  readonly now: string;
  /** Wakes the waiters of a channel once the transaction is committed. */
  readonly wake: (channel: string) => void;
}

export function createContext(dependencies: CiDependencies): Context {
  const { store, accounts, settings } = dependencies;
  const now = dependencies.clock ?? Date.now;
  return {
    deploymentsOfCommit: async () => [],
    settingsVariables: async () => [],
    onError: () => undefined,
    ...dependencies,
    now,
    transact: (work) =>
      store.transaction(async (trx) => {
        const channels = new Set<string>();
        const change: Change = {
          messages: store.messages,
          accounts,
          publicUrl: settings.publicUrl(),
          now: isoTime(now()),
          wake: (channel) => channels.add(channel),
        };
        const result = await work(trx, change);
        // Heard after the commit, also by other servers: a waiter that looks then sees the new state.
        for (const channel of channels) {
          store.events.emit(channel, trx);
          tellWatchers(store, channel, trx);
        }
        return result;
      }),
  };
}

/** Who waits for a build or job and who watches it want to know the same. Their application is found at the door. */
function tellWatchers(store: Store, channel: string, trx: Trx): void {
  const [, kind, id] = /^(build|job):(\d+)$/.exec(channel) ?? [];
  if (id === undefined) return;
  store.changes.emit({ kind: kind === 'job' ? 'job' : 'build', id, application: null }, trx);
}

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
