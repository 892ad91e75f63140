import {
  Deployment,
  DeploymentCreate,
  DeploymentLogs,
  DeploymentVariables,
  Filter,
  LogChunk,
  LogQuery,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { type DeploymentView, whoIs } from '../deploy-door.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { logEnd, pollLog, wholeLog } from '../logs.ts';
import { sendSignal } from '../signal.ts';
import { deploymentJson } from '../views/apps.ts';
import { isDivioClient } from './environments.ts';

const Path = Type.Object({ uuid: Uuid });
const DeploymentsQuery = Type.Object({
  ...PageQuery,
  application: Filter,
  environment: Filter,
  status: Filter,
});

/** Deployments, releases and what became of a commit: `/apps/v3/...`. */
export function registerDeployments(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, deploy, find, store } = context;

  app.get(
    '/apps/v3/deployments/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List deployments, newest first',
        description:
          'To callers whose User-Agent starts with `divio-cli/`, the unfinished deployments of an environment come ' +
          'after the finished ones, and not at all while there is none: that client would attach to a running ' +
          'deployment instead of asking for its own.',
        tags: ['apps'],
        querystring: DeploymentsQuery,
        response: { 200: listOf(Deployment) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const { query } = request;
      const uuids = filterOf(query.application);
      const named = filterOf(query.environment);
      const statuses = filterOf(query.status)?.map((status) => status.toUpperCase());
      const readable = await applications.list(
        uuids === undefined ? {} : { uuids },
        { offset: 0, limit: 10_000 },
        await accounts.reach(identity),
      );
      const environments = await applications.environments(
        readable.applications.map((application) => application.uuid),
      );
      const wanted = environments.filter(
        (environment) => named === undefined || named.includes(environment.uuid),
      );
      const urls = new Map(wanted.map((row) => [row.uuid, applications.url(row)]));
      const page = pageOf(query);
      if (wanted.length === 0) return pageAnswer(request, page, 0, []);
      const found = await deploy.list({
        environmentUuids: wanted.map((environment) => environment.uuid),
        ...(statuses === undefined ? {} : { statuses }),
        unfinishedLast: named !== undefined && isDivioClient(request),
        offset: page.offset,
        limit: page.limit,
      });
      const results = found.deployments.map((row) =>
        deploymentJson(request, row, urls.get(row.environmentUuid) ?? ''),
      );
      return pageAnswer(request, page, found.count, results);
    },
  );

  app.post(
    '/apps/v3/deployments/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Signal: ask for a deployment of a commit, or of the head of the branch',
        description:
          '201 for a new deployment, 200 when the signal joined one. Header `Idempotency-Key`: a retry is ' +
          'answered with the same deployment.',
        tags: ['apps'],
        body: DeploymentCreate,
        response: { 200: Deployment, 201: Deployment },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { environment, identity } = await find.environment(
        request,
        body.environment,
        'application:deploy',
      );
      const { deployment, joined } = await sendSignal(
        context,
        {
          environmentUuid: environment.uuid,
          commit: body.commit,
          buildMode: body.build_mode,
          waitSeconds: body.wait,
          idempotencyKey: idempotencyKey(request),
          allowOffBranch: body.allow_off_branch,
          overrideHold: body.override_hold,
          via: wayIn(request),
          who: whoIs(identity),
        },
        reply,
      );
      reply.code(joined ? 200 : 201);
      return one(request, deployment);
    },
  );

  /** With the names of its variables, which lists leave out. */
  const one = async (request: FastifyRequest, deployment: DeploymentView) => {
    const environment = await applications.environment(deployment.environmentUuid);
    const variables = await deploy.variablesOf(deployment.uuid);
    const url = environment === null ? '' : applications.url(environment);
    const names = variables.map((variable) => variable.name);
    return deploymentJson(request, deployment, url, names);
  };

  app.get(
    '/apps/v3/deployments/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One deployment',
        tags: ['apps'],
        params: Path,
        response: { 200: Deployment },
      },
    },
    async (request) => {
      const { deployment } = await find.deployment(
        request,
        request.params.uuid,
        'application:read',
      );
      return one(request, deployment);
    },
  );

  app.post(
    '/apps/v3/deployments/:uuid/cancel/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Cancel a deployment before its switch; after it: 409, `already_live`',
        tags: ['apps'],
        params: Path,
        response: { 200: Deployment },
      },
    },
    async (request) => {
      const { deployment, identity } = await find.deployment(
        request,
        request.params.uuid,
        'application:deploy',
      );
      const who = whoIs(identity);
      const cancelled = await deploy.cancel(deployment.uuid, who);
      await accounts.audit(null, {
        actor: identity.email,
        action: 'deployment.cancel',
        target: `deployment:${deployment.uuid}`,
      });
      return one(request, cancelled);
    },
  );

  app.get(
    '/apps/v3/deployments/:uuid/logs/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: "A deployment's log as one text",
        tags: ['apps'],
        params: Path,
        response: { 200: DeploymentLogs },
      },
    },
    async (request) => {
      const { deployment } = await find.deployment(
        request,
        request.params.uuid,
        'application:read',
      );
      if (deployment.endedAt !== null) await logEnd(store, deploy.log(deployment.uuid));
      return {
        uuid: deployment.uuid,
        logs: await wholeLog(store, deploy.log(deployment.uuid)),
      };
    },
  );

  app.get(
    '/apps/v3/deployments/:uuid/log/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: "A deployment's log from an offset on, by long poll",
        tags: ['apps'],
        params: Path,
        querystring: LogQuery,
        response: { 200: LogChunk },
      },
    },
    async (request, reply) => {
      const { deployment } = await find.deployment(
        request,
        request.params.uuid,
        'application:read',
      );
      return pollLog(store, deploy.log(deployment.uuid), request.query, reply);
    },
  );

  app.get(
    '/apps/v3/deployments/:uuid/environment-variables/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'The variables that a deployment was started with; sensitive ones are null',
        tags: ['apps'],
        params: Path,
        response: { 200: DeploymentVariables },
      },
    },
    async (request) => {
      const { deployment } = await find.deployment(
        request,
        request.params.uuid,
        'application:read',
      );
      const variables = await deploy.variablesOf(deployment.uuid);
      return {
        environment: deployment.environmentUuid,
        environment_variables: Object.fromEntries(
          variables.map(({ name, value }) => [name, value] as const),
        ),
      };
    },
  );
}

/** Who sends no credential in a header was let in by a session's cookie. */
function wayIn({ headers }: FastifyRequest): 'panel' | 'cli' | 'v3' {
  if (headers.authorization === undefined) return 'panel';
  return headers['user-agent']?.startsWith('sluice/') ? 'cli' : 'v3';
}

export function idempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  return Array.isArray(header) ? header[0] : header;
}
