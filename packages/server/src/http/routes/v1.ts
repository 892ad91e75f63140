import {
  Uuid,
  V1DeployAnswer,
  V1DeployRequest,
  V1DeployStatus,
  V1Login,
  V1LoginRequest,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { type DeploymentView, whoIs } from '../deploy-door.ts';
import { readStage } from '../read-stage.ts';
import { sendSignal } from '../signal.ts';
import { applicationStatuses, lastOutcome } from '../views/statuses.ts';
import { idempotencyKey } from './deployments.ts';

const Website = Type.Object({ id: Type.String() });
const FETCH_LIMIT_MS = 5_000;

/** The v1 API: the one curl line, and divio-cli 2.x and 3.x (spec/divio.md 5). */
export function registerV1(app: App, context: HttpContext): void {
  registerV1Login(app, context);
  registerV1Deploy(app, context);
  const { find } = context;

  app.get(
    '/api/v1/slug-to-id/:slug/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Website id of a slug or uuid',
        tags: ['v1'],
        params: Type.Object({ slug: Uuid }),
        response: { 200: Type.Object({ id: Type.Integer() }) },
      },
    },
    async (request) => {
      const { application } = await find.anyApplication(
        request,
        request.params.slug,
        'application:read',
      );
      return { id: application.websiteId };
    },
  );

  app.get(
    '/api/v1/website/:id/detail/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'An application with the status of each environment',
        tags: ['v1'],
        params: Website,
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    async (request) => {
      const { application } = await find.website(request, request.params.id, 'application:read');
      return {
        id: application.websiteId,
        slug: application.slug,
        ...(await applicationStatuses(context, application)),
      };
    },
  );
}

function registerV1Login(app: App, { accounts, authorise }: HttpContext): void {
  app.post(
    '/api/v1/login-with-token/',
    {
      config: { public: true },
      schema: {
        summary: 'Who a token belongs to, by form field',
        tags: ['v1'],
        body: V1LoginRequest,
        response: { 200: V1Login },
      },
    },
    async (request) => {
      const candidates = [(request.body.token ?? '').trim()];
      const identity = await accounts.authenticate({ kind: 'token', candidates }, request.ip);
      const user = identity === null ? null : await accounts.users.get(identity.userUuid);
      if (user === null) throw new SluiceError('unauthenticated', 'Invalid token.');
      return { first_name: user.firstName, last_name: user.lastName, email: user.email };
    },
  );

  app.get(
    '/track/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Whether the token is valid',
        tags: ['v1'],
        response: { 200: Type.Object({ user_id: Type.String() }) },
      },
    },
    async (request) => ({ user_id: (await authorise(request, 'self')).userUuid }),
  );
}

function registerV1Deploy(app: App, context: HttpContext): void {
  const { applications, find } = context;

  app.post(
    '/api/v1/website/:id/deploy/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Signal: ask for a deployment',
        description:
          '201 for a new deployment, 200 when the signal joined one. Header `Idempotency-Key`: a retry is ' +
          'answered with the same deployment. Without `commit`: the head of the branch.',
        tags: ['v1'],
        params: Website,
        body: V1DeployRequest,
        response: { 200: V1DeployAnswer, 201: V1DeployAnswer },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { application, identity } = await find.website(
        request,
        request.params.id,
        'application:deploy',
      );
      const environments = await applications.environments(application.uuid);
      const environment = readStage(body.stage ?? '', environments);
      const { deployment, joined } = await sendSignal(
        context,
        {
          environmentUuid: environment.uuid,
          commit: body.commit,
          buildMode: body.build_mode,
          waitSeconds: body.wait,
          idempotencyKey: idempotencyKey(request),
          via: 'v1',
          who: whoIs(identity),
        },
        reply,
      );
      reply.code(joined ? 200 : 201);
      return {
        deployment: deployment.uuid,
        stage: environment.slug,
        status: deployment.status,
        success: deployment.success,
        commit: deployment.sha,
        url: applications.url(environment),
        superseded_by: deployment.supersededBy,
        reason: deployment.reason,
      };
    },
  );

  app.get(
    '/api/v1/website/:id/deploy/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Progress of each environment, by slug',
        tags: ['v1'],
        params: Website,
        response: { 200: V1DeployStatus },
      },
    },
    async (request) => {
      const { application } = await find.website(request, request.params.id, 'application:read');
      await fetchBriefly(context, application.repositoryUuid);
      const history = context.git.history(application.repositoryUuid);
      const status: Record<string, V1DeployStatus[string]> = {};
      for (const environment of await applications.environments(application.uuid)) {
        const head = await history.head(environment.branch).catch(() => null);
        const running = await deploymentOfHead(context, environment.uuid, head);
        status[environment.slug] = {
          is_deploying: running !== undefined,
          deploy_progress: running === undefined ? {} : progress(running),
          last_deployment: { status: await lastOutcome(context, environment.uuid) },
        };
      }
      return status;
    },
  );
}

/**
 * Rule R6 (spec/divio.md 6.1): a client that sees `is_deploying` attaches instead of asking, so it is true only
 * while the head of the branch, as fetched for this very call, is being deployed.
 */
async function deploymentOfHead(
  { deploy }: HttpContext,
  environmentUuid: string,
  head: string | null,
): Promise<DeploymentView | undefined> {
  const { deployments } = await deploy.list({
    environmentUuids: [environmentUuid],
    only: 'unfinished',
    offset: 0,
    limit: 1_000,
  });
  return deployments.find(({ sha, target }) => (sha === null ? target === null : sha === head));
}

async function fetchBriefly({ git }: HttpContext, repositoryUuid: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FETCH_LIMIT_MS);
  });
  // A host that does not answer must not hang the client; the head is then as stale as it is.
  await Promise.race([git.fetch(repositoryUuid).catch(() => undefined), limit]);
  clearTimeout(timer);
}

function progress(deployment: DeploymentView) {
  const since = Date.parse(deployment.runningAt ?? deployment.startedAt);
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  return {
    main_percent: Math.trunc(deployment.percent),
    extra_percent: 0,
    verbose_state: deployment.status,
    heartbeat_ago_formatted: `${seconds} s`,
  };
}
