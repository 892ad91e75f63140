import type { Generated } from 'kysely';

export interface ApplicationRow {
  uuid: string;
  /** Positive, unique, never reused: drawn from `website_ids`, which nothing is deleted from. */
  website_id: number;
  /** Unique over the installation, never changes: it is in the git URL and the host names. */
  slug: string;
  name: string;
  organisation_uuid: string;
  repository_uuid: string;
  plan_group: string | null;
  region: string | null;
  app_template: string | null;
  /** JSON list of `{label, command}`. */
  release_commands: string;
  created_by: string | null;
  created_at: string;
  /** Set when it was removed; it can be restored until it is purged. */
  deleted_at: string | null;
}

export interface WebsiteIdRow {
  id: Generated<number>;
  application_uuid: string;
}

export interface EnvironmentRow {
  uuid: string;
  application_uuid: string;
  slug: string;
  position: number;
  branch: string;
  /** 0 or 1. */
  auto_deploy: number;
  require_build: 'auto' | 'on' | 'off';
  /** Rises with every change of what a release is made of besides the commit (spec/ordering.md 1). */
  config_version: number;
  /** How many take requests. */
  instances: number;
  /** Null: the administrator's default. 0: none. */
  limit_milli_cpus: number | null;
  limit_memory_bytes: number | null;
  limit_processes: number | null;
  secret_key_sealed: string;
  /** `<environment>-<application>`, the first label of its host name: unique, or two could share an address. */
  host_label: string;
  created_at: string;
  deleted_at: string | null;
}

export interface EnvironmentVariableRow {
  uuid: string;
  environment_uuid: string;
  name: string;
  value_sealed: string;
  /** 0 or 1. */
  is_sensitive: number;
  created_at: string;
  updated_at: string;
}

export interface ApplicationsTables {
  applications: ApplicationRow;
  website_ids: WebsiteIdRow;
  environments: EnvironmentRow;
  environment_variables: EnvironmentVariableRow;
}
