import { CommitFates, Filter, Overview, SearchAnswer, Uuid } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { filterOf } from '../lists.ts';
import { overviewApplication } from '../views/overview-application.ts';

/** As many as one look can take in; whoever has more, filters. */
const MOST_APPLICATIONS = 1_000;

/** One look at everything: `/apps/v3/overview/`, an application's commits, the search. */
export function registerOverview(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find, overview } = context;

  const visible = async (request: FastifyRequest, wanted?: readonly string[]) => {
    const identity = await authorise(request, 'self');
    const found = await applications.list(
      wanted === undefined ? {} : { uuids: wanted },
      { offset: 0, limit: MOST_APPLICATIONS },
      await accounts.reach(identity),
    );
    return found.applications.map(overviewApplication);
  };

  app.get(
    '/apps/v3/overview/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'What is live, on its way and in trouble, of all applications that you can see',
        tags: ['apps'],
        querystring: Type.Object({ application: Filter }),
        response: { 200: Overview },
      },
    },
    async (request) => ({
      applications: await overview.lines(
        await visible(request, filterOf(request.query.application)),
      ),
    }),
  );

  app.get(
    '/apps/v3/applications/:uuid/commits/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Commits of a branch, newest first, with what became of each',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        querystring: Type.Object({
          /** Default: the branch of the first environment. */
          branch: Type.Optional(Type.String({ maxLength: 255 })),
          /** The commit after which to go on: `next` of the answer before. */
          after: Type.Optional(Type.String({ pattern: '^[0-9a-f]{40}$' })),
        }),
        response: { 200: CommitFates },
      },
    },
    async (request) => {
      const { application } = await find.application(
        request,
        request.params.uuid,
        'application:read',
      );
      const { branch, after } = request.query;
      return overview.commits(overviewApplication(application), { branch, after });
    },
  );

  app.get(
    '/apps/v3/search/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Find applications, environments, builds, commits and deployments',
        tags: ['apps'],
        querystring: Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: { 200: SearchAnswer },
      },
    },
    async (request) => ({
      hits: await overview.search(await visible(request), request.query.q ?? ''),
    }),
  );
}
