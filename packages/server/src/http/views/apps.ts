import type {
  Application as ApplicationJson,
  Deployment as DeploymentJson,
  Environment as EnvironmentJson,
  Release as ReleaseJson,
  EnvironmentVariable as VariableJson,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import type { Application, Environment, Variable } from '../../applications/index.ts';
import { PLAN_GROUP, REGION } from '../../applications/index.ts';
import type { HttpContext } from '../context.ts';
import type { DeploymentView, ReleaseView } from '../deploy-door.ts';
import { limitsJson } from '../environment-limits.ts';
import { absoluteUrl } from '../lists.ts';

/** Path of an application's page, as Divio's dashboard has it (spec/divio.md 4.6). */
const pagePath = (application: Application): string =>
  `/o/${application.organisationUuid}/app/${application.uuid}/`;

export async function applicationJson(
  context: HttpContext,
  request: FastifyRequest,
  application: Application,
): Promise<ApplicationJson> {
  const repository = await context.git.get(application.repositoryUuid);
  return {
    uuid: application.uuid,
    id: application.websiteId,
    slug: application.slug,
    name: application.name,
    organisation: application.organisationUuid,
    repository: repository?.kind === 'mirror' ? repository.uuid : null,
    plan_group: application.planGroup ?? PLAN_GROUP.uuid,
    region: application.region ?? REGION.uuid,
    app_template: application.appTemplate,
    release_commands: application.releaseCommands.map((command) => ({ ...command })),
    created_at: application.createdAt,
    deleted_at: application.deletedAt,
    git_url: absoluteUrl(request, `/${repository?.slug ?? application.slug}.git`).href,
    repository_uuid: application.repositoryUuid,
    website_url: absoluteUrl(request, pagePath(application)).href,
  };
}

export async function environmentJson(
  context: HttpContext,
  environment: Environment,
): Promise<EnvironmentJson> {
  const of = { environmentUuids: [environment.uuid], offset: 0, limit: 1 };
  const state = await context.deploy.environmentState(environment.uuid);
  const [last] = (await context.deploy.list(of)).deployments;
  const [finished] = (await context.deploy.list({ ...of, only: 'ended' })).deployments;
  return {
    uuid: environment.uuid,
    slug: environment.slug,
    application: environment.applicationUuid,
    branch: environment.branch,
    url: context.applications.url(environment),
    auto_deploy: environment.autoDeploy,
    require_build: environment.requireBuild,
    instances: environment.instances,
    limits: limitsJson(context.limits, environment.limits),
    last_deployment: last === undefined ? null : { uuid: last.uuid },
    last_finished_deployment: finished === undefined ? null : { uuid: finished.uuid },
    live_deployment: state.liveDeploymentUuid === null ? null : { uuid: state.liveDeploymentUuid },
    live_commit: state.liveCommit,
    hold: state.hold,
    ssh_endpoint: null,
    created_at: environment.createdAt,
  };
}

export const variableJson = (variable: Variable): VariableJson => ({
  uuid: variable.uuid,
  environment: variable.environmentUuid,
  name: variable.name,
  value: variable.isSensitive ? null : variable.value,
  is_sensitive: variable.isSensitive,
});

/** `url` is the environment's; `variableNames` are given for one deployment, not in lists. */
export function deploymentJson(
  request: FastifyRequest,
  deployment: DeploymentView,
  url: string,
  variableNames: readonly string[] = [],
): DeploymentJson {
  return {
    uuid: deployment.uuid,
    application: deployment.applicationUuid,
    environment: deployment.environmentUuid,
    status: deployment.status,
    percent: deployment.percent,
    success: deployment.success,
    started_at: deployment.startedAt,
    queued_at: deployment.queuedAt,
    running_at: deployment.runningAt,
    ended_at: deployment.endedAt,
    build_mode: deployment.buildMode,
    target: deployment.target,
    commit: deployment.sha,
    branch: deployment.branch,
    requested_by: deployment.requestedBy,
    superseded_by: deployment.supersededBy,
    reason_code: deployment.reasonCode,
    reason: deployment.reason,
    rule: deployment.rule,
    image_adopted_from: deployment.imageAdoptedFrom,
    release: deployment.releaseUuid,
    url,
    log_url: absoluteUrl(request, `/apps/v3/deployments/${deployment.uuid}/log/`).href,
    environment_variables: [...variableNames],
  };
}

export const releaseJson = (release: ReleaseView): ReleaseJson => ({
  uuid: release.uuid,
  environment: release.environmentUuid,
  deployment: release.deploymentUuid,
  commit: release.sha,
  created_at: release.createdAt,
  is_live: release.isLive,
});
