/** A variable that a repository's settings give to its jobs (spec/travis.md 3.3). */
export interface RepositoryEnvVarRow {
  uuid: string;
  repository_uuid: string;
  name: string;
  /** Shell text, sealed; opened only for public ones and for a job. */
  value_sealed: string;
  /** 1: shown to people, in logs and to conditions. 0: a secret. */
  is_public: number;
  /** The one branch that it is for; empty: every branch. */
  branch: string;
  created_at: string;
  updated_at: string;
}

export interface RepositorySettingsTables {
  repository_env_vars: RepositoryEnvVarRow;
}
