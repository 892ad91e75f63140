import {
  AppLogs,
  Environment,
  EnvironmentCreate,
  EnvironmentPatch,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Environment as EnvironmentRow } from '../../applications/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { whoIs } from '../deploy-door.ts';
import { readLimits } from '../environment-limits.ts';
import { absoluteUrl, filterOf, pageAnswer, pageOf } from '../lists.ts';
import { stopServing } from '../removal.ts';
import { environmentJson } from '../views/apps.ts';

const Path = Type.Object({ uuid: Uuid });
const EnvironmentsQuery = Type.Object({
  ...PageQuery,
  application: Filter,
  slug: Filter,
  uuid: Filter,
});
const LOG_LINES = 500;

/** Only the divio client is answered 404 for an unknown slug: an empty list makes it crash (spec/divio.md 4.3). */
export const isDivioClient = (request: FastifyRequest): boolean =>
  request.headers['user-agent']?.startsWith('divio-cli/') ?? false;

/** Environments: `/apps/v3/environments/`. */
export function registerEnvironments(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find } = context;

  /** Every environment that the asker may read, of the applications that were named or of all. */
  const readable = async (
    request: FastifyRequest,
    applicationUuids: readonly string[] | undefined,
  ): Promise<EnvironmentRow[]> => {
    const identity = await authorise(request, 'self');
    const found = await applications.list(
      applicationUuids === undefined ? {} : { uuids: applicationUuids },
      { offset: 0, limit: 10_000 },
      await accounts.reach(identity),
    );
    return applications.environments(found.applications.map((application) => application.uuid));
  };

  app.get(
    '/apps/v3/environments/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List environments, those of one application in their order',
        tags: ['apps'],
        querystring: EnvironmentsQuery,
        response: { 200: listOf(Environment) },
      },
    },
    async (request) => {
      const { query } = request;
      const slugs = filterOf(query.slug);
      const uuids = filterOf(query.uuid);
      const all = await readable(request, filterOf(query.application));
      const wanted = all.filter(
        (environment) =>
          (slugs === undefined || slugs.includes(environment.slug)) &&
          (uuids === undefined || uuids.includes(environment.uuid)),
      );
      if (wanted.length === 0 && slugs !== undefined && isDivioClient(request)) {
        const known = all.map((environment) => environment.slug).join(', ');
        const text = `There is no environment "${slugs.join('", "')}"${known === '' ? '.' : `; there are: ${known}.`}`;
        throw new SluiceError('not_found', text, { fields: { non_field_errors: [text] } });
      }
      const page = pageOf(query);
      const shown = wanted.slice(page.offset, page.offset + page.limit);
      const results = await Promise.all(shown.map((row) => environmentJson(context, row)));
      return pageAnswer(request, page, wanted.length, results);
    },
  );

  app.post(
    '/apps/v3/environments/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Add an empty environment',
        tags: ['apps'],
        body: EnvironmentCreate,
        response: { 201: Environment },
      },
    },
    async (request, reply) => {
      const { application: uuid, slug, branch } = request.body;
      const { application, identity } = await find.application(request, uuid, 'application:write');
      const made = await applications.createEnvironment(application, {
        slug,
        branch: branch || null,
      });
      await audit(identity.email, 'environment.create', made.uuid, { slug });
      reply.code(201);
      return environmentJson(context, made);
    },
  );

  const audit = (actor: string, action: string, uuid: string, details: Record<string, unknown>) =>
    accounts.audit(null, { actor, action, target: `environment:${uuid}`, details });

  app.get(
    '/apps/v3/environments/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One environment, with what is live in it',
        tags: ['apps'],
        params: Path,
        response: { 200: Environment },
      },
    },
    async (request) => {
      const { environment } = await find.environment(
        request,
        request.params.uuid,
        'application:read',
      );
      return environmentJson(context, environment);
    },
  );

  app.patch(
    '/apps/v3/environments/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Change an environment's branch, auto_deploy, require_build, instances or limits",
        tags: ['apps'],
        params: Path,
        body: EnvironmentPatch,
        response: { 200: Environment },
      },
    },
    async (request) => {
      const { branch, auto_deploy, require_build, instances, limits } = request.body;
      const { environment, identity } = await find.environment(
        request,
        request.params.uuid,
        'application:write',
      );
      const changed = await applications.updateEnvironment(environment.uuid, {
        ...(branch === undefined ? {} : { branch }),
        ...(auto_deploy === undefined ? {} : { autoDeploy: auto_deploy }),
        ...(require_build === undefined ? {} : { requireBuild: require_build }),
        ...(instances === undefined ? {} : { instances }),
        ...(limits === undefined ? {} : { limits: readLimits(context.limits, limits) }),
      });
      await context.deploy.environmentChanged(changed.uuid);
      await audit(identity.email, 'environment.update', changed.uuid, { ...request.body });
      return environmentJson(context, changed);
    },
  );

  app.delete(
    '/apps/v3/environments/:uuid/',
    {
      config: { action: 'application:delete' },
      schema: {
        summary:
          'Remove an environment, its variables and what runs in it; its services can be restored for some days',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { environment, identity } = await find.environment(
        request,
        request.params.uuid,
        'application:delete',
      );
      await applications.removeEnvironment(environment.uuid);
      await stopServing(context, environment.uuid, whoIs(identity));
      await context.services.environmentRemoved(environment.uuid, identity.email);
      await audit(identity.email, 'environment.remove', environment.uuid, {
        slug: environment.slug,
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/apps/v3/environments/:uuid/copy/',
    {
      config: { action: 'application:write' },
      schema: {
        summary:
          'Copy an environment: branch, settings, variables, and its services without their data',
        tags: ['apps'],
        params: Path,
        body: Type.Object({ new_slug: Type.String() }),
        response: { 201: Environment },
      },
    },
    async (request, reply) => {
      const { environment, application, identity } = await find.environment(
        request,
        request.params.uuid,
        'application:write',
      );
      const made = await applications
        .createEnvironment(application, {
          slug: request.body.new_slug,
          copyOf: environment.uuid,
        })
        .catch((error: unknown) => {
          throw aboutNewSlug(error);
        });
      await context.services.environmentCopied(environment.uuid, made.uuid, identity.email);
      await audit(identity.email, 'environment.copy', made.uuid, { from: environment.uuid });
      reply.code(201);
      return environmentJson(context, made);
    },
  );

  app.get(
    '/apps/v3/environments/:uuid/logs/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: "The application's own output: the latest lines, or those after a cursor",
        tags: ['apps'],
        params: Path,
        querystring: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 100 })) }),
        response: { 200: AppLogs },
      },
    },
    async (request) => {
      const { environment } = await find.environment(
        request,
        request.params.uuid,
        'application:read',
      );
      const { entries, cursor } = await context.deploy.applicationLog(
        environment.uuid,
        request.query.cursor ?? null,
        LOG_LINES,
      );
      const next = absoluteUrl(request, `/apps/v3/environments/${environment.uuid}/logs/`);
      next.searchParams.set('cursor', cursor);
      return { results: entries.map((entry) => ({ ...entry })), next: next.href };
    },
  );
}

/** The complaint about the slug, by the name that the field has in this request. */
function aboutNewSlug(error: unknown): unknown {
  const complaint = error instanceof SluiceError ? error.fields?.['slug'] : undefined;
  if (!(error instanceof SluiceError) || complaint === undefined) return error;
  return new SluiceError(error.code, error.message, { fields: { new_slug: complaint } });
}
