import type { Generated } from 'kysely';

export interface RepositoryRow {
  /** The number that Travis clients know a repository by. */
  id: Generated<number>;
  uuid: string;
  organisation_uuid: string;
  /** `organisation/application`; its address is `/<slug>.git`. */
  slug: string;
  kind: 'hosted' | 'mirror';
  /** Where a mirror fetches from. */
  url: string | null;
  default_branch: string | null;
  /** 0 or 1. */
  ci_enabled: number;
  /** 0 or 1. */
  is_private: number;
  /** JSON object. */
  settings: string;
  created_at: string;
}

/** What `reconcileRefs` last saw on disk; disk is the truth. */
export interface RepositoryRefRow {
  repository_uuid: string;
  /** Full name, `refs/heads/main`. */
  ref: string;
  /** The object the reference holds: for an annotated tag, the tag object. */
  sha: string;
  /** The commit it names after peeling; null when it names a tree or a blob. */
  commit_sha: string | null;
}

/** A branch or tag that came, moved or went. Both hashes are commits; all zeros = absent. */
export interface PushRow {
  id: Generated<number>;
  repository_uuid: string;
  ref: string;
  before_sha: string;
  after_sha: string;
  /** 1 when `before` is not an ancestor of `after`, and when a tag moved. */
  forced: number;
  /** Null when the change was found on disk or fetched, not pushed by somebody. */
  pusher_uuid: string | null;
  received_at: string;
  /** Written by ci: what became of it, such as `build` or `commit_skipped`. */
  outcome: string | null;
  build_id: number | null;
}

export interface GitTables {
  repositories: RepositoryRow;
  repository_refs: RepositoryRefRow;
  pushes: PushRow;
}
