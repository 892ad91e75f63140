/** Written and read by ci. */
export interface RunnersTables {
  runner_registrations: RunnerRegistrationRow;
  runners: RunnerRow;
}

/** What lets a runner register: its token is shown once. */
export interface RunnerRegistrationRow {
  uuid: string;
  /** What people call it. */
  name: string;
  /** SHA-256 in hex. */
  token_hash: string;
  /** The token's last characters. */
  hint: string;
  /** Runners that use it serve only this organisation's repositories; null: all. */
  organisation_uuid: string | null;
  /** 0: good for one runner. */
  reusable: number;
  uses: number;
  expires_at: string;
  created_by: string;
  created_at: string;
  revoked_at: string | null;
}

export interface RunnerRow {
  uuid: string;
  name: string;
  token_hash: string;
  organisation_uuid: string | null;
  /** linux | osx | windows | freebsd */
  os: string;
  /** amd64 | arm64 | ... */
  arch: string;
  /** JSON: value by name. */
  labels: string;
  version: string;
  /** host | docker */
  executor: string;
  /** 1: it can keep a job from the rest of its machine. */
  isolates: number;
  /** Jobs at once. */
  concurrency: number;
  /** 1: takes one job, then it is gone. */
  ephemeral: number;
  /** Chosen anew by each process that runs under this identity; null before the first. */
  instance: string | null;
  jobs_taken: number;
  /** 1: finishes what it has and takes no more. */
  draining: number;
  paused_at: string | null;
  paused_by: string | null;
  /** Whose registration token it came with. */
  created_by: string;
  created_at: string;
  /** Null: it has said good-bye, or never came. */
  last_seen_at: string | null;
}
