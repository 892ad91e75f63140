import {
  CiRepositoryKey,
  CiRepositoryPatch,
  CiRepository as CiRepositorySchema,
  CiWebhookKey,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { CiRepository } from '../../ci/index.ts';
import type { App } from '../context.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { type CiRoutes, createCiAccess } from './access.ts';
import { readPatch } from './repository-patch.ts';

const Path = Type.Object({ uuid: Uuid });
const Query = Type.Object({ ...PageQuery, slug: Filter, uuid: Filter });

/** Repositories as the CI service sees them, with the switch that turns CI on: `/ci/v3/repositories/`. */
export function registerRepositories(app: App, routes: CiRoutes): void {
  const { ci, repositories, authorise } = routes;
  const access = createCiAccess(routes);

  const wire = async (repository: CiRepository) => {
    const settings = await ci.settings.of(repository.uuid);
    return {
      id: repository.id,
      uuid: repository.uuid,
      slug: repository.slug,
      active: repository.ciEnabled,
      private: repository.isPrivate,
      default_branch: repository.defaultBranch,
      strict_toolchains: settings.strictToolchains,
      maximum_number_of_builds: settings.maxJobs,
    };
  };

  app.get(
    '/ci/v3/repositories/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The repositories whose builds you may read',
        tags: ['ci'],
        querystring: Query,
        response: { 200: listOf(CiRepositorySchema) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { query } = request;
      const [slugs, uuids] = [filterOf(query.slug), filterOf(query.uuid)];
      const wanted = (await repositories.list()).filter(
        (one) => (slugs?.includes(one.slug) ?? true) && (uuids?.includes(one.uuid) ?? true),
      );
      const seen = await access.visible(request, wanted);
      const page = pageOf(query);
      const shown = seen.slice(page.offset, page.offset + page.limit);
      return pageAnswer(request, page, seen.length, await Promise.all(shown.map(wire)));
    },
  );

  app.get(
    '/ci/v3/repositories/:uuid/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A repository: whether its CI is on, and its settings',
        tags: ['ci'],
        params: Path,
        response: { 200: CiRepositorySchema },
      },
    },
    async (request) =>
      wire((await access.repository(request, request.params.uuid, 'build:read')).repository),
  );

  app.patch(
    '/ci/v3/repositories/:uuid/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Turn CI on or off, change settings',
        tags: ['ci'],
        params: Path,
        body: CiRepositoryPatch,
        response: { 200: CiRepositorySchema },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await access.repository(request, uuid, 'build:write');
      const { active, ...change } = readPatch(request.body);
      await ci.settings.change(uuid, change);
      if (active !== undefined) await repositories.setEnabled(uuid, active);
      return wire((await access.repository(request, uuid, 'build:read')).repository);
    },
  );

  app.get(
    '/ci/v3/webhook-key/',
    {
      config: { public: true },
      schema: {
        summary: 'The public key that checks the signatures of webhooks',
        tags: ['ci'],
        response: { 200: CiWebhookKey },
      },
    },
    async () => ({ pem: await ci.webhookKey() }),
  );

  app.get(
    '/ci/v3/repositories/:uuid/key/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The public key that `sluice encrypt` uses',
        tags: ['ci'],
        params: Path,
        response: { 200: CiRepositoryKey },
      },
    },
    async (request) => {
      const { repository } = await access.repository(request, request.params.uuid, 'build:read');
      return repositories.publicKey(repository.uuid);
    },
  );
}
