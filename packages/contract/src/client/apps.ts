import type {
  AppLogs,
  Application,
  ApplicationCreate,
  ApplicationPatch,
  Connect,
  Deployment,
  DeploymentCreate,
  DeploymentLogs,
  DeploymentVariables,
  Environment,
  EnvironmentPatch,
  EnvironmentVariable,
  EnvironmentVariableCreate,
  Release,
  ResumeAnswer,
  RollbackRequest,
  Why,
} from '../apps.ts';
import type { ListOf, LogChunk } from '../common.ts';
import type { Overview } from '../overview.ts';
import type {
  DeploymentStory,
  Domain,
  DomainCreate,
  DomainPatch,
  Instance,
  Usage,
} from '../running.ts';
import { ApiError } from './errors.ts';
import { type Send, segment } from './transport.ts';

export interface LogPosition {
  /** Bytes. */
  readonly offset: number;
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** The query and options of one long poll on a log. */
export const logRequest = ({ offset, waitSeconds, signal }: LogPosition) => ({
  query: { offset, wait: waitSeconds },
  ...(waitSeconds === undefined ? {} : { waitSeconds }),
  ...(signal === undefined ? {} : { signal }),
});

export function createAppsClient(send: Send) {
  const applications = {
    list: (filter: { slug?: string; page?: number; pageSize?: number } = {}) =>
      send<ListOf<Application>>('GET', '/apps/v3/applications/', {
        query: { slug: filter.slug, page: filter.page, page_size: filter.pageSize },
      }),
    get: (uuid: string) =>
      send<Application & Record<string, unknown>>('GET', `/apps/v3/applications/${segment(uuid)}/`),
    /** By website id (digits only), uuid or slug, as `--remote-id` takes it. Throws `ApiError` 404. */
    resolve: async (text: string): Promise<Application> => {
      const query = /^\d+$/.test(text) ? { id: text } : { slug: text };
      const found = await send<ListOf<Application>>('GET', '/apps/v3/applications/', { query });
      const [application] = found.results;
      if (application !== undefined) return application;
      if (/^\d+$/.test(text)) {
        throw new ApiError(404, `There is no application with the website id ${text}.`, {}, null);
      }
      return send<Application>('GET', `/apps/v3/applications/${segment(text)}/`);
    },
    create: (body: ApplicationCreate) =>
      send<Application>('POST', '/apps/v3/applications/', { body }),
    update: (uuid: string, body: ApplicationPatch) =>
      send<Application>('PATCH', `/apps/v3/applications/${segment(uuid)}/`, { body }),
    remove: (uuid: string) => send<null>('DELETE', `/apps/v3/applications/${segment(uuid)}/`),
    restore: (uuid: string) =>
      send<Application>('POST', `/apps/v3/applications/${segment(uuid)}/restore/`),
    connect: (uuid: string) =>
      send<Connect>('GET', `/apps/v3/applications/${segment(uuid)}/connect/`),
  };

  const environments = {
    list: (filter: { application: string; slug?: string }) =>
      send<ListOf<Environment>>('GET', '/apps/v3/environments/', { query: { ...filter } }),
    get: (uuid: string) => send<Environment>('GET', `/apps/v3/environments/${segment(uuid)}/`),
    create: (body: { application: string; slug: string; branch?: string }) =>
      send<Environment>('POST', '/apps/v3/environments/', { body }),
    update: (uuid: string, body: EnvironmentPatch) =>
      send<Environment>('PATCH', `/apps/v3/environments/${segment(uuid)}/`, { body }),
    copy: (uuid: string, newSlug: string) =>
      send<Environment>('POST', `/apps/v3/environments/${segment(uuid)}/copy/`, {
        body: { new_slug: newSlug },
      }),
    remove: (uuid: string) => send<null>('DELETE', `/apps/v3/environments/${segment(uuid)}/`),
    rollback: (uuid: string, body: RollbackRequest) =>
      send<Deployment>('POST', `/apps/v3/environments/${segment(uuid)}/rollback/`, { body }),
    resume: (uuid: string) =>
      send<ResumeAnswer>('POST', `/apps/v3/environments/${segment(uuid)}/resume/`),
    /** The application's own output; pass the former answer's `next` to go on. */
    logs: (uuid: string, next?: string) =>
      send<AppLogs>('GET', next ?? `/apps/v3/environments/${segment(uuid)}/logs/`),
    instances: (uuid: string) =>
      send<{ instances: Instance[] }>('GET', `/apps/v3/environments/${segment(uuid)}/instances/`),
    /** Sums over the last `hours`, at most a week. */
    usage: (uuid: string, hours: number) =>
      send<Usage>('GET', `/apps/v3/environments/${segment(uuid)}/usage/`, { query: { hours } }),
    restart: (uuid: string) =>
      send<null>('POST', `/apps/v3/environments/${segment(uuid)}/restart/`),
    stop: (uuid: string) => send<null>('POST', `/apps/v3/environments/${segment(uuid)}/stop/`),
    releases: (uuid: string) =>
      send<ListOf<Release>>('GET', '/apps/v3/releases/', { query: { environment: uuid } }),
  };

  const deployments = {
    list: (filter: {
      application?: string;
      environment?: string;
      /** Upper case; one of these. */
      status?: readonly string[];
      page?: number;
      pageSize?: number;
    }) =>
      send<ListOf<Deployment>>('GET', '/apps/v3/deployments/', {
        query: {
          application: filter.application,
          environment: filter.environment,
          status: filter.status,
          page: filter.page,
          page_size: filter.pageSize,
        },
      }),
    get: (uuid: string) => send<Deployment>('GET', `/apps/v3/deployments/${segment(uuid)}/`),
    /** The signal. A retry with the same `idempotencyKey` is answered with the same deployment. */
    create: (body: DeploymentCreate, idempotencyKey?: string) =>
      send<Deployment>('POST', '/apps/v3/deployments/', {
        body,
        ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } }),
        waitSeconds: body.wait ?? 0,
      }),
    story: (uuid: string) =>
      send<DeploymentStory>('GET', `/apps/v3/deployments/${segment(uuid)}/story/`),
    cancel: (uuid: string) =>
      send<Deployment>('POST', `/apps/v3/deployments/${segment(uuid)}/cancel/`),
    logs: (uuid: string) =>
      send<DeploymentLogs>('GET', `/apps/v3/deployments/${segment(uuid)}/logs/`),
    log: (uuid: string, position: LogPosition) =>
      send<LogChunk>('GET', `/apps/v3/deployments/${segment(uuid)}/log/`, logRequest(position)),
    variables: (uuid: string) =>
      send<DeploymentVariables>(
        'GET',
        `/apps/v3/deployments/${segment(uuid)}/environment-variables/`,
      ),
  };

  const variables = {
    list: (filter: {
      environment?: string;
      application?: string;
      name?: string;
      pageSize?: number;
    }) =>
      send<ListOf<EnvironmentVariable>>('GET', '/apps/v3/environment-variables/', {
        query: {
          environment: filter.environment,
          application: filter.application,
          name: filter.name,
          page_size: filter.pageSize,
        },
      }),
    create: (body: EnvironmentVariableCreate) =>
      send<EnvironmentVariable>('POST', '/apps/v3/environment-variables/', { body }),
    update: (uuid: string, body: { value?: string; is_sensitive?: boolean }) =>
      send<EnvironmentVariable>('PATCH', `/apps/v3/environment-variables/${segment(uuid)}/`, {
        body,
      }),
    remove: (uuid: string) =>
      send<null>('DELETE', `/apps/v3/environment-variables/${segment(uuid)}/`),
  };

  const domains = {
    list: (filter: { environment?: string; application?: string }) =>
      send<ListOf<Domain>>('GET', '/apps/v3/domains/', { query: { ...filter } }),
    create: (body: DomainCreate) => send<Domain>('POST', '/apps/v3/domains/', { body }),
    update: (uuid: string, body: DomainPatch) =>
      send<Domain>('PATCH', `/apps/v3/domains/${segment(uuid)}/`, { body }),
    check: (uuid: string) => send<Domain>('POST', `/apps/v3/domains/${segment(uuid)}/check/`),
    remove: (uuid: string) => send<null>('DELETE', `/apps/v3/domains/${segment(uuid)}/`),
  };

  /** What became of a commit in each environment. `commit` may be a prefix, a branch or a tag. */
  const why = (commit: string, application: string) =>
    send<Why>('GET', `/apps/v3/commits/${segment(commit)}/why/`, { query: { application } });

  /** What is live, on its way and in trouble. `application` is a UUID. */
  const overview = (application: string) =>
    send<Overview>('GET', '/apps/v3/overview/', { query: { application } });

  return { applications, environments, deployments, variables, domains, why, overview };
}
