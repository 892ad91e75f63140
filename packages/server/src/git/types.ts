import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Trx } from '../store/index.ts';
import type { Mirrors } from './mirrors/types.ts';
import type { Person } from './person.ts';
import type { PullGit } from './pulls/types.ts';
import type { FileEntry } from './tree.ts';
import type { Webhooks } from './webhooks/index.ts';

/** 40 zeros: a reference that is not there, before it was made or after it was deleted. */
export const ABSENT = '0'.repeat(40);

export interface Repository {
  /** The number that Travis clients know it by. */
  readonly id: number;
  readonly uuid: string;
  readonly organisationUuid: string;
  /** `organisation/application`; served at `/<slug>.git`. */
  readonly slug: string;
  readonly kind: 'hosted' | 'mirror';
  readonly url: string | null;
  readonly defaultBranch: string | null;
  readonly ciEnabled: boolean;
  readonly isPrivate: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

export interface CommitInfo {
  readonly sha: string;
  readonly parents: readonly string[];
  /** First line of the message. */
  readonly subject: string;
  /** The whole message, without the newline at its end. */
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
  /** ISO 8601 with the author's own offset from UTC. */
  readonly authoredAt: string;
  readonly committedAt: string;
}

export type Resolution =
  | { readonly kind: 'commit' | 'branch' | 'tag'; readonly sha: string }
  | { readonly kind: 'unknown' }
  /** Full ref names and SHAs that the text could mean, at most ten. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

/** A commit with what it stands on. */
export interface GraphCommit {
  readonly sha: string;
  readonly parents: readonly string[];
  /** The committer's time in milliseconds. */
  readonly committedAt: number;
}

/**
 * Facts about one repository for the ordering (spec/ordering.md 2 and 3). SHAs are 40 lower-case hex digits;
 * anything else is simply not present. Every answer is that of the moment of the call; ask again after a fetch.
 */
export interface History {
  /** Whether `sha` is a commit of this repository, on a branch or not. */
  present(sha: string): Promise<boolean>;
  /** Those of `shas` that are commits here, by one git process at most. */
  presentAmong(shas: readonly string[]): Promise<ReadonlySet<string>>;
  /** A full SHA, an unambiguous prefix of 7 or more, a branch, a tag (peeled), or a full `refs/heads|tags/` name. */
  resolve(text: string): Promise<Resolution>;
  head(branch: string): Promise<string | null>;
  /** Whether `a` is reachable from `b`; true when they are equal, false when either is not present. */
  isAncestor(a: string, b: string): Promise<boolean>;
  /**
   * Where `sha` first became reachable on the first-parent line of `branch`: 0 is that line's root, larger is later.
   * Null when `sha` is not on the branch.
   */
  mergedAt(sha: string, branch: string): Promise<{ firstParentIndex: number } | null>;
  branches(): Promise<string[]>;
  /** Commits reachable from `headSha` and not from `liveSha`, children before parents, at most `limit`. */
  commitsBetween(liveSha: string | null, headSha: string, limit: number): Promise<string[]>;
  /** What is reachable from `heads` and not from `without`, newest first, at most `limit`; unknown ones are left out. */
  graph(
    heads: readonly string[],
    without: readonly string[],
    limit: number,
  ): Promise<GraphCommit[]>;
}

/** What other rooms decide or say about pushes; given by `attach`, since they are made after this room. */
export interface GitPolicies {
  /**
   * Branches (short names), besides the default branch, that nobody rewinds or deletes by mistake: it takes
   * `repository:force-push` and saying so (`git push -o force`).
   */
  protectedBranches(repositoryUuid: string): Promise<readonly string[]>;
  /** Lines for the pusher: which build was started and where to watch it, or why none was. May take 3 s. */
  describePush(pushIds: readonly number[]): Promise<readonly string[]>;
  /** The first branch was pushed; runs in the transaction that records it, so it may only query `trx`. */
  onDefaultBranch(trx: Trx, repositoryUuid: string, branch: string): Promise<void>;
}

export interface GitHttpAccess {
  readonly repository: Repository;
  /** Which of the three smart HTTP resources, from `parseGitPath`. */
  readonly resource: GitResource;
  readonly identityUuid: string;
  readonly canPush: boolean;
  readonly canForce: boolean;
}

export type GitResource = 'info/refs' | 'git-upload-pack' | 'git-receive-pack';

/** Body of `POST /internal/git/{pre,post}-receive`, from the hooks. */
export interface HookRequest {
  /** Names the push in flight; unknown after a restart of the server. */
  readonly token: string;
  readonly repositoryUuid: string;
  readonly updates: readonly RefUpdate[];
  /** What the pusher said by `git push -o`. */
  readonly options: readonly string[];
}

export interface RefUpdate {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  /** False when commits are taken off the ref; true for new and deleted refs. */
  readonly fastForward: boolean;
}

export interface PreReceiveAnswer {
  readonly accepted: boolean;
  /** Shown to the pusher as `remote: …`. */
  readonly lines: readonly string[];
}

export interface PostReceiveAnswer {
  readonly lines: readonly string[];
}

/** How the upkeep of repositories goes. */
export interface MaintenanceState {
  /** Repositories that wait for it. */
  readonly waiting: number;
  /** The newest failure of each repository whose last upkeep failed, since the server started. */
  readonly failures: readonly { readonly repositoryUuid: string; readonly message: string }[];
}

/** Hosted repositories and mirrors, and the facts of their history. */
export interface Git {
  /**
   * Readies every repository on disk, heals what a crash left behind and records pushes that were not recorded.
   * Throws `unavailable` when there is no usable git; trouble with a single repository goes to `onError`.
   */
  start(): Promise<void>;
  /** Ends running git processes and waits for work at hand; the store may be closed afterwards. */
  stop(): Promise<void>;
  attach(policies: Partial<GitPolicies>): void;

  /** Writes the row; call `ensureOnDisk` once the transaction is committed. Throws `conflict` for a slug in use. */
  createHosted(trx: Trx, input: NewHosted): Promise<Repository>;
  /** Throws `invalid` for an address that is not allowed; it is fetched by the schedule soon. */
  createMirror(trx: Trx, input: NewMirror): Promise<Repository>;
  /** How to get into outside repositories, and how their fetching goes. */
  readonly mirrors: Mirrors;
  /** What their hosts tell. */
  readonly webhooks: Webhooks;
  /** Also starts making the key pair. Idempotent. */
  ensureOnDisk(repositoryUuid: string): Promise<void>;
  /** Removes row, pushes and keys; call `removeFromDisk` once the transaction is committed. */
  remove(trx: Trx, repositoryUuid: string): Promise<void>;
  removeFromDisk(repositoryUuid: string): Promise<void>;
  update(trx: Trx, repositoryUuid: string, changes: RepositoryChanges): Promise<void>;

  get(repositoryUuid: string): Promise<Repository | null>;
  byId(id: number): Promise<Repository | null>;
  bySlug(slug: string): Promise<Repository | null>;
  list(): Promise<Repository[]>;
  path(repositoryUuid: string): string;

  /** Mirrors: fetches, by a fetch that begins after this call. Hosted: looks at the refs on disk. Throws `unavailable`. */
  fetch(repositoryUuid: string): Promise<void>;
  reconcileRefs(repositoryUuid: string): Promise<void>;

  history(repositoryUuid: string): History;
  /** Text of a regular file at a commit, at most 10 MB; null when there is none of that name. */
  readFile(repositoryUuid: string, sha: string, path: string): Promise<string | null>;
  commit(repositoryUuid: string, sha: string): Promise<CommitInfo | null>;
  /** Those of `shas` that are commits here, in their order and each once, by one git process. */
  commits(repositoryUuid: string, shas: readonly string[]): Promise<CommitInfo[]>;
  /** Paths and sizes of the regular files of a commit; empty when there is no such commit. */
  listFiles(repositoryUuid: string, sha: string): Promise<FileEntry[]>;
  /** Texts (UTF-8, below 1 MiB) of those of `paths` that are regular files of the commit. */
  readFiles(
    repositoryUuid: string,
    sha: string,
    paths: readonly string[],
  ): Promise<Map<string, string>>;
  /**
   * One commit on top of a branch of a hosted repository, the way of a push; answers its SHA. Throws `conflict`
   * `branch_moved`, `invalid`, `forbidden`, see `commit.ts`.
   */
  commitFiles(repositoryUuid: string, commit: NewCommit): Promise<string>;
  readonly pulls: PullGit;
  /** Writes exactly the files of that commit (no `.git`) into an empty or absent directory. */
  checkout(repositoryUuid: string, sha: string, directory: string): Promise<void>;

  /** Serves one smart HTTP request; resolves when the answer is complete. The caller has authenticated and authorised. */
  handleHttp(req: IncomingMessage, res: ServerResponse, access: GitHttpAccess): Promise<void>;
  maintenance(): MaintenanceState;
  /** For `POST /internal/git/pre-receive` and `/internal/git/post-receive` on the internal socket. */
  preReceive(request: HookRequest): Promise<PreReceiveAnswer>;
  postReceive(request: HookRequest): Promise<PostReceiveAnswer>;
}

export interface NewCommit {
  readonly branch: string;
  /** The head that the files were made for, null: no such branch yet; absent: whatever it is. */
  readonly expected?: string | null;
  readonly message: string;
  readonly author: Person;
  /** Who is recorded as the pusher. */
  readonly pusherUuid: string;
  /** Whole texts by path, to be added or replaced. */
  readonly files: ReadonlyMap<string, string>;
}

export interface NewHosted {
  readonly organisationUuid: string;
  readonly slug: string;
  readonly isPrivate?: boolean;
}

export interface NewMirror extends NewHosted {
  readonly url: string;
  /** User who may give it to an application. */
  readonly createdBy?: string | null;
}

export interface RepositoryChanges {
  readonly ciEnabled?: boolean;
  readonly isPrivate?: boolean;
  readonly slug?: string;
  readonly defaultBranch?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}
