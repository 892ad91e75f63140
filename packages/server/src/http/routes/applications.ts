import {
  Application,
  ApplicationCreate,
  ApplicationDetail,
  ApplicationPatch,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Application as ApplicationRow, NewApplication } from '../../applications/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { whoIs } from '../deploy-door.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { serveAgain, stopServing } from '../removal.ts';
import { createRepositoryAccess } from '../repository-access.ts';
import { applicationJson } from '../views/apps.ts';
import { applicationStatuses } from '../views/statuses.ts';

const Path = Type.Object({ uuid: Uuid });
const ApplicationsQuery = Type.Object({
  ...PageQuery,
  id: Filter,
  uuid: Filter,
  slug: Filter,
  organisation: Filter,
  /** `true` lists what was removed and can be restored. */
  removed: Type.Optional(Type.Boolean()),
});
type ApplicationsQuery = Static<typeof ApplicationsQuery>;

/** Applications: `/apps/v3/applications/`, and the list by website id that the divio client asks first. */
export function registerApplications(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find } = context;
  const repositories = createRepositoryAccess(context);

  const list = async (request: FastifyRequest<{ Querystring: ApplicationsQuery }>) => {
    const identity = await authorise(request, 'self');
    const { query } = request;
    const page = pageOf(query);
    const ids = filterOf(query.id);
    const uuids = filterOf(query.uuid);
    const slugs = filterOf(query.slug);
    const organisations = filterOf(query.organisation);
    const found = await applications.list(
      {
        ...(ids === undefined ? {} : { websiteIds: ids.map(Number).filter(Number.isSafeInteger) }),
        ...(uuids === undefined ? {} : { uuids }),
        ...(slugs === undefined ? {} : { slugs }),
        ...(organisations === undefined ? {} : { organisations }),
        removed: query.removed ?? false,
      },
      page,
      await accounts.reach(identity),
    );
    const results = await Promise.all(
      found.applications.map((application) => applicationJson(context, request, application)),
    );
    return pageAnswer(request, page, found.count, results);
  };

  app.get(
    '/apps/v3/applications/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List the applications that you can see',
        tags: ['apps'],
        querystring: ApplicationsQuery,
        response: { 200: listOf(Application) },
      },
    },
    list,
  );

  app.get(
    '/legacy/v3/applications/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Find an application by website id',
        tags: ['legacy'],
        querystring: ApplicationsQuery,
        response: { 200: listOf(Application) },
      },
    },
    list,
  );

  app.post(
    '/apps/v3/applications/',
    {
      config: { action: 'application:create' },
      schema: {
        summary: 'Create an application; with one field only, validate that field',
        tags: ['apps'],
        body: ApplicationCreate,
        response: { 201: ApplicationDetail },
      },
    },
    async (request, reply) => {
      const { body } = request;
      // Validating a field needs no organisation, so permission is asked for the one that is named.
      const identity = await authorise(request, 'self');
      const organisationUuid = body.organisation || null;
      if (organisationUuid !== null) await refuseHiddenOrganisation(organisationUuid, request);
      const runsTheOrganisation =
        organisationUuid !== null &&
        (await accounts.may(identity, 'organisation:admin', { organisationUuid }));
      if (body.repository) await repositories.find(request, body.repository, 'application:write');
      const input: NewApplication = {
        name: body.name ?? null,
        slug: body.slug || null,
        organisationUuid,
        planGroup: body.plan_group || null,
        region: body.region || null,
        appTemplate: body.app_template || null,
        releaseCommands: body.release_commands ?? null,
        repositoryUuid: body.repository || null,
        branch: body.branch || null,
        createdBy: identity.userUuid,
        alongside: async (trx, made) => {
          const { uuid: applicationUuid } = made;
          const { email, userUuid } = identity;
          // Whoever may create but not run everything here becomes its collaborator (spec/divio.md 1).
          if (!runsTheOrganisation) {
            const of = { applicationUuid, organisationUuid: made.organisationUuid };
            await accounts.collaborators.add(trx, { ...of, userUuid }, email);
          }
          await accounts.audit(trx, {
            actor: email,
            action: 'application.create',
            target: `application:${applicationUuid}`,
            details: { slug: made.slug },
          });
        },
      };
      const made = await applications.create(input);
      reply.code(201);
      return detail(request, made);
    },
  );

  /** An organisation that one cannot see answers like one that does not exist. */
  const refuseHiddenOrganisation = async (organisationUuid: string, request: FastifyRequest) => {
    try {
      await authorise(request, 'application:create', { organisationUuid });
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'not_found') throw error;
      throw new SluiceError('invalid', 'There is no such organisation.', {
        fields: { organisation: ['There is no such organisation.'] },
      });
    }
  };

  const detail = async (request: FastifyRequest, application: ApplicationRow) => ({
    ...(await applicationJson(context, request, application)),
    ...(await applicationStatuses(context, application)),
  });

  app.get(
    '/apps/v3/applications/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One application, with the status of each environment',
        tags: ['apps'],
        params: Path,
        response: { 200: ApplicationDetail },
      },
    },
    async (request) => {
      const { application } = await find.application(
        request,
        request.params.uuid,
        'application:read',
      );
      return detail(request, application);
    },
  );

  app.patch(
    '/apps/v3/applications/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Rename an application or change its release commands',
        tags: ['apps'],
        params: Path,
        body: ApplicationPatch,
        response: { 200: ApplicationDetail },
      },
    },
    async (request) => {
      const { body, params } = request;
      const { application, identity } = await find.application(
        request,
        params.uuid,
        'application:write',
      );
      if (body.slug !== undefined && body.slug !== application.slug) {
        throw new SluiceError('invalid', 'A slug cannot be changed.', {
          fields: { slug: ['It is part of the git URL and cannot be changed.'] },
        });
      }
      const changed = await applications.update(application.uuid, {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.release_commands === undefined
          ? {}
          : { releaseCommands: body.release_commands ?? [] }),
      });
      await accounts.audit(null, {
        actor: identity.email,
        action: 'application.update',
        target: `application:${application.uuid}`,
        details: { name: body.name, release_commands: body.release_commands },
      });
      return detail(request, changed);
    },
  );

  app.delete(
    '/apps/v3/applications/:uuid/',
    {
      config: { action: 'application:delete' },
      schema: {
        summary: 'Remove an application; it can be restored for some days',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { application, identity } = await find.application(
        request,
        request.params.uuid,
        'application:delete',
      );
      const environments = await applications.environments(application.uuid);
      await applications.remove(application.uuid);
      for (const { uuid } of environments) await stopServing(context, uuid, whoIs(identity));
      await accounts.audit(null, {
        actor: identity.email,
        action: 'application.remove',
        target: `application:${application.uuid}`,
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/apps/v3/applications/:uuid/restore/',
    {
      config: { action: 'application:delete' },
      schema: {
        summary: 'Restore a removed application',
        tags: ['apps'],
        params: Path,
        response: { 200: ApplicationDetail },
      },
    },
    async (request) => {
      const { application, identity } = await find.removedApplication(
        request,
        request.params.uuid,
        'application:delete',
      );
      await applications.restore(application.uuid);
      const environments = await applications.environments(application.uuid);
      // New instances take their time, and the restored application can be looked at meanwhile.
      void Promise.all(environments.map(({ uuid }) => serveAgain(context, uuid)));
      await accounts.audit(null, {
        actor: identity.email,
        action: 'application.restore',
        target: `application:${application.uuid}`,
      });
      return detail(request, { ...application, deletedAt: null });
    },
  );
}
