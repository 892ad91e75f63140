import type { Selectable } from 'kysely';
import type { ApplicationRow, EnvironmentRow } from '../store/schema/applications.ts';
import type { Application, Environment, ReleaseCommand } from './types.ts';

export const toApplication = (row: Selectable<ApplicationRow>): Application => ({
  uuid: row.uuid,
  websiteId: row.website_id,
  slug: row.slug,
  name: row.name,
  organisationUuid: row.organisation_uuid,
  repositoryUuid: row.repository_uuid,
  planGroup: row.plan_group,
  region: row.region,
  appTemplate: row.app_template,
  releaseCommands: JSON.parse(row.release_commands) as ReleaseCommand[],
  createdAt: row.created_at,
  deletedAt: row.deleted_at,
});

export const toEnvironment = (row: Selectable<EnvironmentRow>): Environment => ({
  uuid: row.uuid,
  applicationUuid: row.application_uuid,
  slug: row.slug,
  position: row.position,
  branch: row.branch,
  autoDeploy: row.auto_deploy === 1,
  requireBuild: row.require_build,
  configVersion: row.config_version,
  instances: row.instances,
  limits: {
    milliCpus: row.limit_milli_cpus,
    memoryBytes: row.limit_memory_bytes,
    processes: row.limit_processes,
  },
  hostLabel: row.host_label,
  createdAt: row.created_at,
});
