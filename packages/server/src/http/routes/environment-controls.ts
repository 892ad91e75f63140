import { Deployment, ResumeAnswer, RollbackRequest, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { whoIs } from '../deploy-door.ts';
import { deploymentJson } from '../views/apps.ts';

const Path = Type.Object({ uuid: Uuid });

/** Rollback, resume, stop and restart. */
export function registerEnvironmentControls(app: App, context: HttpContext): void {
  registerReleaseControls(app, context);
  registerRunControls(app, context);
}

/** Rollback puts the environment on hold, resume lifts it (spec/ordering.md 4). */
function registerReleaseControls(app: App, { accounts, applications, deploy, find }: HttpContext) {
  app.post(
    '/apps/v3/environments/:uuid/rollback/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Make a kept release live again, without a rebuild, and hold the environment',
        tags: ['apps'],
        params: Path,
        body: RollbackRequest,
        response: { 201: Deployment },
      },
    },
    async (request, reply) => {
      const { environment, identity } = await find.environment(
        request,
        request.params.uuid,
        'application:deploy',
      );
      const { release, deployment, reason } = request.body;
      const made = await deploy.rollback(
        environment.uuid,
        {
          ...(release ? { releaseUuid: release } : {}),
          ...(deployment ? { deploymentUuid: deployment } : {}),
          ...(reason ? { reason } : {}),
        },
        whoIs(identity),
      );
      await accounts.audit(null, {
        actor: identity.email,
        action: 'environment.rollback',
        target: `environment:${environment.uuid}`,
        details: { deployment: made.uuid, reason: reason ?? null },
      });
      reply.code(201);
      return deploymentJson(request, made, applications.url(environment));
    },
  );

  app.post(
    '/apps/v3/environments/:uuid/resume/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Lift the hold and deploy the commit that waits behind it',
        tags: ['apps'],
        params: Path,
        response: { 200: ResumeAnswer },
      },
    },
    async (request) => {
      const { environment, identity } = await find.environment(
        request,
        request.params.uuid,
        'application:deploy',
      );
      const made = await deploy.resume(environment.uuid, whoIs(identity));
      await accounts.audit(null, {
        actor: identity.email,
        action: 'environment.resume',
        target: `environment:${environment.uuid}`,
        details: { deployment: made?.uuid ?? null },
      });
      const url = applications.url(environment);
      return { deployment: made === null ? null : deploymentJson(request, made, url) };
    },
  );
}

/** Stop and restart what is live, without a deployment (spec/divio.md 3.7). */
function registerRunControls(app: App, { accounts, find, pipeline }: HttpContext) {
  for (const [verb, summary, run] of [
    [
      'restart',
      'New instances of the live release, by the zero-downtime switch',
      'restartEnvironment',
    ],
    [
      'stop',
      'End the instances; the address answers 503 until a restart or deployment',
      'stopEnvironment',
    ],
  ] as const) {
    app.post(
      `/apps/v3/environments/:uuid/${verb}/`,
      {
        config: { action: 'application:deploy' },
        schema: { summary, tags: ['apps'], params: Path, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const { uuid } = request.params;
        const { environment, identity } = await find.environment(
          request,
          uuid,
          'application:deploy',
        );
        const outcome = await pipeline[run](environment.uuid);
        if (!outcome.ok) throw new SluiceError('conflict', outcome.reason);
        await accounts.audit(null, {
          actor: identity.email,
          action: `environment.${verb}`,
          target: `environment:${environment.uuid}`,
        });
        return reply.code(204).send(null);
      },
    );
  }
}
