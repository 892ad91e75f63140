/** A request to merge a branch into another. `repository_uuid` and `number` are what people know it by. */
export interface PullRequestRow {
  uuid: string;
  repository_uuid: string;
  number: number;
  /** `sluice` for hosted repositories, else the host's kind. */
  provider: string;
  /** Its page at an outside host; null for a hosted one. */
  url: string | null;
  title: string;
  description: string;
  /** The person here; null when an outside host only knows the author. */
  author_uuid: string | null;
  /** The host's id of the author, or the person's uuid: approvals are remembered by it. */
  author_id: string;
  author_login: string;
  head_ref: string;
  head_sha: string;
  /** `owner/name` of the repository that holds the head, as its host writes it; null: deleted, or our own. */
  head_repository: string | null;
  /** 0 only where the head was found on a branch of this very repository: nothing else is trusted. */
  is_fork: number;
  base_ref: string;
  base_sha: string;
  /** open | merged | closed */
  state: string;
  draft: number;
  /** unknown | clean | conflicts | unrelated */
  mergeability: string;
  /** JSON list of the paths that both sides changed. */
  conflicts: string;
  merge_sha: string | null;
  /** none: not asked for; awaiting | approved */
  approval: string;
  approved_by: string | null;
  /** Names the newest request to the CI service; its build is of `build_head`. */
  build_request: string | null;
  build_head: string | null;
  /** The merge result that this build is of: the base moves on, and then it is no longer `merge_sha`. */
  build_sha: string | null;
  build_id: number | null;
  /** requested | refused | unfinished | passed | failed | errored | canceled; null: none was asked for. */
  build_state: string | null;
  build_reason: string | null;
  /** JSON `{method, message, byUuid, byEmail, byName, head}`: merged as soon as the build passes. */
  merge_when_green: string | null;
  /** The commit that the base was about to be moved to; a crash in between is settled by the push. */
  merging_sha: string | null;
  merged_sha: string | null;
  merge_method: string | null;
  /** Email of whoever merged or closed it; null where a push did. */
  ended_by: string | null;
  ended_at: string | null;
  /** The deployment that carried the merged commit, once its author was told. */
  told_deployment: string | null;
  created_at: string;
  updated_at: string;
}

export interface PullRequestCommentRow {
  uuid: string;
  pull_request_uuid: string;
  /** Null: Sluice itself. */
  author_uuid: string | null;
  author: string;
  body: string;
  created_at: string;
}

/** Null everywhere: as by default. */
export interface PullRequestSettingsRow {
  repository_uuid: string;
  /** The first build of an author waits for an approval; default: on for public repositories. */
  approve_first: number | null;
  /** Merging takes a passed build; default: where CI is on. */
  require_green: number | null;
  /** Merging takes a build of the merge with today's base; default: on. */
  require_current: number | null;
  /** merge | squash | rebase */
  merge_method: string | null;
  /** Whether the branch is deleted once it is merged. */
  delete_branch: number | null;
  previews: number | null;
  preview_days: number | null;
  preview_limit: number | null;
}

/** Somebody approved a build of this author once. */
export interface KnownAuthorRow {
  repository_uuid: string;
  provider: string;
  author_id: string;
  approved_by: string;
  approved_at: string;
}

/** An environment that shows one pull request. The row stays when the environment goes. */
export interface PreviewRow {
  environment_uuid: string;
  application_uuid: string;
  pull_request_uuid: string;
  /** Head that was last asked to be deployed. */
  head_sha: string;
  created_at: string;
  /** Of the newest push that it shows. */
  updated_at: string;
  removed_at: string | null;
  removed_reason: string | null;
}

/** What every preview of an application gets; never a variable of another environment. */
export interface PreviewVariableRow {
  uuid: string;
  application_uuid: string;
  name: string;
  value_sealed: string;
  is_sensitive: number;
  created_at: string;
  updated_at: string;
}

/** The newest state of one context of one commit, and whether its host knows it. */
export interface CommitStatusRow {
  repository_uuid: string;
  sha: string;
  context: string;
  /** pending | success | failure | error */
  state: string;
  description: string;
  target_url: string;
  /** Rises with every change; what was sent last is `sent_version`. */
  version: number;
  sent_version: number;
  attempts: number;
  next_at: string;
  last_error: string | null;
  /** 1: no further attempt makes sense until somebody changes the token. */
  given_up: number;
  created_at: string;
  updated_at: string;
}

/** How commit statuses reach an outside repository's host. */
export interface StatusTargetRow {
  repository_uuid: string;
  /** github | gitlab | gitea | bitbucket */
  provider: string;
  /** Without a slash at its end: `https://api.github.com`. */
  api_url: string;
  /** `owner/name` as the host knows it. */
  slug: string;
  token_sealed: string;
  created_by: string;
  updated_at: string;
}

export interface PullRequestsTables {
  pull_requests: PullRequestRow;
  pull_request_comments: PullRequestCommentRow;
  pull_request_settings: PullRequestSettingsRow;
  known_authors: KnownAuthorRow;
  previews: PreviewRow;
  preview_variables: PreviewVariableRow;
  commit_statuses: CommitStatusRow;
  status_targets: StatusTargetRow;
}
