import type { Generated } from 'kysely';

/** What the CI service remembers of a repository besides its builds. */
export interface CiRepositoryRow {
  repository_uuid: string;
  /** Build numbers rise strictly, also when builds are deleted. */
  last_build_number: number;
  /** Ticket of the newest lease of one of its jobs; the repository served longest ago comes first. */
  last_lease_ticket: number;
  strict_toolchains: number | null;
  /** Jobs of this repository that may run at once; null: no limit of its own. */
  max_jobs: number | null;
  /** 0 or 1; null: as by default, which is to build and not to cancel. */
  build_pushes: number | null;
  build_pull_requests: number | null;
  auto_cancel_pushes: number | null;
  auto_cancel_pull_requests: number | null;
}

/** Numbers that rise strictly over the whole installation: `queue` (tickets), `lease`. */
export interface CiCounterRow {
  name: string;
  value: number;
}

export interface BuildRow {
  id: Generated<number>;
  repository_uuid: string;
  number: number;
  event: string;
  /** Full name: `refs/heads/main`, `refs/tags/v1`. */
  ref: string;
  /** spec/travis.md 11, TRAVIS_BRANCH: the branch, or the tag of a tag build. */
  branch: string;
  tag: string | null;
  sha: string;
  before_sha: string | null;
  /** Subject and body of the commit. */
  message: string;
  /** JSON: author, committer and their times. */
  commit_info: string;
  /** JSON of a pull request's facts; null for a push. */
  pull_request: string | null;
  /** 0: from a fork; gets no secret and runs only where it can really be isolated. */
  trusted: number;
  /** JSON of the normalised root, every encrypted value as `[secure]`. */
  config: string;
  fast_finish: number;
  state: string;
  /** passed | failed | errored | canceled, known before the build has ended (spec/ordering.md 2.3). */
  verdict: string | null;
  /** Why no job runs: the configuration cannot be read, or it makes no job. */
  error: string | null;
  /** JSON: messages about the configuration (spec/travis.md 1.4). */
  messages: string;
  /** JSON: whose key opens the encrypted values of imported files; null: all are the repository's own. */
  secure_origins: string | null;
  /** JSON of the notifications whose `if` holds, by kind; encrypted values are cipher text. Null: none are configured. */
  notifications: string | null;
  push_id: number | null;
  canceled_by: string | null;
  restarted_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface StageRow {
  id: Generated<number>;
  build_id: number;
  /** From 0. */
  position: number;
  /** Null where the build has no named stages. */
  name: string | null;
  state: string;
}

export interface JobRow {
  id: Generated<number>;
  build_id: number;
  repository_uuid: string;
  /** From 1 in its build: the `2` of job `7.2`. */
  number: number;
  stage_position: number;
  stage_name: string | null;
  name: string | null;
  /** JSON of the job's configuration; encrypted values stay cipher text. */
  config: string;
  allow_failure: number;
  trusted: number;
  state: string;
  verdict: string | null;
  /** Rises at every restart and whenever the job is put back; names the log `job-<id>-<attempt>`. */
  attempt: number;
  /** How often its runner was lost, and how often the server's restart interrupted it, since a person started it. */
  lapses: number;
  interruptions: number;
  /** 1: cancelled since an earlier stage did not pass. */
  not_reached: number;
  queue_ticket: number | null;
  /** What its machine must be, as `arch=arm64,gpu=true,os=linux`; null in rows of before there were other machines. */
  needs: string | null;
  /** SHA-256 of the lease token, in hex; kept after the end so that a result may arrive twice. */
  lease_hash: string | null;
  /** Name of the runner, for people. */
  lease_runner: string | null;
  /** Null: the embedded runner's. */
  lease_runner_uuid: string | null;
  /** The runner's own name for the request that it got the job by, so that a lost answer can be given again. */
  lease_request: string | null;
  lease_expires_at: string | null;
  cancel_requested_at: string | null;
  canceled_by: string | null;
  restarted_by: string | null;
  exit_code: number | null;
  reason: string | null;
  /** JSON: lines for the build page, such as which toolchain stood in for the one asked for. */
  notices: string;
  /** Line for the top of the next attempt's log. */
  put_back_note: string | null;
  log_ended: number;
  created_at: string;
  queued_at: string | null;
  started_at: string | null;
  verdict_at: string | null;
  finished_at: string | null;
}

/**
 * What other rooms may know of a commit's test. A build has one row, a push that made no build one with
 * `build_id` = -(push id) and `build_number` 0, so that it never outranks a build.
 */
export interface CommitTestRow {
  build_id: number;
  repository_uuid: string;
  sha: string;
  build_number: number;
  event: string;
  /** unfinished | passed | failed | errored | canceled | refused */
  state: string;
  /** Why it was refused or did not pass, one sentence; null when the build page says it. */
  reason: string | null;
  url: string;
  updated_at: string;
}

/** One message about a build to one receiver; written in the transaction that gave the reason for it. */
export interface NotificationRow {
  id: Generated<number>;
  build_id: number;
  repository_uuid: string;
  kind: string;
  /** JSON: an address, or `{ secure }`, which is opened only when it is sent. */
  target: string;
  /** JSON of what is told. */
  payload: string;
  /** waiting | sent | dropped | failed */
  state: string;
  attempts: Generated<number>;
  next_at: string;
  last_error: string | null;
  created_at: string;
  ended_at: string | null;
}

/** An archive of cached directories; its file lies in `<data>/caches`. */
export interface CiCacheRow {
  id: Generated<number>;
  repository_uuid: string;
  /** `branch:<name>` or `pull:<number>`. */
  scope: string;
  /** The kind of job it is for: system, language version, public variables. */
  slug: string;
  file: string;
  size_bytes: number;
  created_at: string;
  used_at: string;
}

/** How an earlier run of a job ended, kept when a restart is about to erase it from the job. */
export interface PastJobRunRow {
  job_id: number;
  attempt: number;
  repository_uuid: string;
  /** passed | failed | errored */
  verdict: string;
  queued_at: string | null;
  started_at: string | null;
  finished_at: string;
}

/** What became of a wish to build a pull request. */
export interface PullBuildRow {
  request: string;
  repository_uuid: string;
  /** Of the pull request. */
  number: number;
  build_id: number | null;
  refusal: string | null;
  created_at: string;
}

export interface CiTables {
  ci_repositories: CiRepositoryRow;
  ci_counters: CiCounterRow;
  builds: BuildRow;
  stages: StageRow;
  jobs: JobRow;
  commit_tests: CommitTestRow;
  notifications: NotificationRow;
  ci_caches: CiCacheRow;
  past_job_runs: PastJobRunRow;
  pull_builds: PullBuildRow;
}
