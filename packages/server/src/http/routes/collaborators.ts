import { Collaborator, listOf, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';

const Path = Type.Object({ uuid: Uuid });

/** Who works on an application without running its organisation. */
export function registerCollaborators(app: App, { accounts, find }: HttpContext): void {
  app.get(
    '/apps/v3/applications/:uuid/collaborators/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'List the collaborators of an application',
        tags: ['apps'],
        params: Path,
        response: { 200: listOf(Collaborator) },
      },
    },
    async (request) => {
      const { application } = await find.application(
        request,
        request.params.uuid,
        'organisation:admin',
      );
      const rows = await accounts.collaborators.list(application.uuid);
      const results = rows.map(({ applicationUuid, userUuid, email }) => ({
        application: applicationUuid,
        user: userUuid,
        email,
      }));
      return wholeList(request, results);
    },
  );

  app.post(
    '/apps/v3/applications/:uuid/collaborators/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'Let a user work on an application',
        tags: ['apps'],
        params: Path,
        body: Type.Object({ user: Uuid }),
        response: { 201: Collaborator },
      },
    },
    async (request, reply) => {
      const { application, identity } = await find.application(
        request,
        request.params.uuid,
        'organisation:admin',
      );
      const { uuid: applicationUuid, organisationUuid } = application;
      const { user: userUuid } = request.body;
      await accounts.collaborators.add(
        null,
        { applicationUuid, organisationUuid, userUuid },
        identity.email,
      );
      const user = await accounts.users.get(userUuid);
      reply.code(201);
      return { application: applicationUuid, user: userUuid, email: user?.email ?? '' };
    },
  );

  app.delete(
    '/apps/v3/applications/:uuid/collaborators/:user/',
    {
      config: { action: 'organisation:admin' },
      schema: {
        summary: 'End a collaboration',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid, user: Uuid }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { uuid, user } = request.params;
      const { application, identity } = await find.application(request, uuid, 'organisation:admin');
      await accounts.collaborators.remove(application.uuid, user, identity.email);
      return reply.code(204).send(null);
    },
  );
}
