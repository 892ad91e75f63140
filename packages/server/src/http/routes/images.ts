import { Images, ImagesClean, ImagesCleaned, PageQuery, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { cleaningJson, imageJson, policyJson } from '../views/images.ts';

const tags = ['apps'];

/** The images that the runtime keeps of an application: `/apps/v3/images/`. */
export function registerImages(app: App, { accounts, find, pipeline }: HttpContext): void {
  const { images } = pipeline;

  app.get(
    '/apps/v3/images/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'The images of an application, newest first: their size and what keeps them',
        tags,
        querystring: Type.Object({ ...PageQuery, application: Uuid }),
        response: { 200: Images },
      },
    },
    async (request) => {
      const { application } = await find.anyApplication(
        request,
        request.query.application,
        'application:read',
      );
      const stock = await images.list(application.uuid);
      return {
        ...wholeList(request, stock.images.map(imageJson)),
        policy: policyJson(images.policy),
        problem: stock.problem,
      };
    },
  );

  app.delete(
    '/apps/v3/images/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove an image that nothing needs',
        tags,
        params: Type.Object({ uuid: Uuid }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const of = (await images.applicationOf(uuid)) ?? '';
      const { application, identity } = await find.application(request, of, 'application:write');
      await images.remove(application.uuid, uuid);
      await accounts.audit(null, {
        actor: identity.email,
        action: 'image.remove',
        target: `image:${uuid}`,
        details: { application: application.uuid },
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/apps/v3/images/clean/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove the images of an application that nothing needs; each deployment does so',
        tags,
        body: ImagesClean,
        response: { 200: ImagesCleaned },
      },
    },
    async (request) => {
      const { application: wanted, dry_run: dryRun = false } = request.body;
      const { application, identity } = await find.application(
        request,
        wanted,
        'application:write',
      );
      const cleaning = await images.clean(application.uuid, dryRun);
      if (!dryRun) {
        await accounts.audit(null, {
          actor: identity.email,
          action: 'image.clean',
          target: `application:${application.uuid}`,
          details: { removed: cleaning.removed.length },
        });
      }
      return cleaningJson(cleaning);
    },
  );
}
