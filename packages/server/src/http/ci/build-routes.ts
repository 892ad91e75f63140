import { Build, BuildDetail, BuildSource, Filter, listOf, PageQuery } from '@sluice/contract';
import { Type } from 'typebox';
import type { App } from '../context.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { type CiRoutes, createCiAccess } from './access.ts';

const Path = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const Query = Type.Object({
  ...PageQuery,
  /** Website id, uuid or slug. */
  application: Filter,
  /** Uuid or slug. */
  repository: Filter,
  /** Full or the first digits. */
  sha: Type.Optional(Type.String()),
  number: Type.Optional(Type.Union([Type.Integer(), Type.Literal('')])),
  branch: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
});

/** Builds: `/ci/v3/builds/`. */
export function registerBuilds(app: App, routes: CiRoutes): void {
  const { ci, repositories, authorise } = routes;
  const access = createCiAccess(routes);

  app.get(
    '/ci/v3/builds/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Builds that you may read, newest first',
        tags: ['ci'],
        querystring: Query,
        response: { 200: listOf(Build) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { query } = request;
      const named = filterOf(query.repository);
      const applications = filterOf(query.application);
      const owned = await Promise.all((applications ?? []).map(routes.repositoryOfApplication));
      const wanted = (await repositories.list()).filter(
        (one) =>
          (named === undefined || named.includes(one.uuid) || named.includes(one.slug)) &&
          (applications === undefined || owned.includes(one.uuid)),
      );
      const seen = await access.visible(request, wanted);
      const page = pageOf(query);
      const { count, builds } = await ci.builds.list(
        {
          repositoryUuids: seen.map((repository) => repository.uuid),
          ...(query.sha ? { sha: query.sha.toLowerCase() } : {}),
          ...(query.number ? { number: query.number } : {}),
          ...(query.branch ? { branch: query.branch } : {}),
          ...(query.state ? { state: query.state } : {}),
        },
        page,
      );
      return pageAnswer(request, page, count, builds);
    },
  );

  app.get(
    '/ci/v3/builds/:id/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A build with its stages, jobs, messages and deployments',
        tags: ['ci'],
        params: Path,
        response: { 200: BuildDetail },
      },
    },
    async (request) => (await access.build(request, request.params.id, 'build:read')).build,
  );

  app.get(
    '/ci/v3/builds/:id/source/',
    {
      config: { action: 'build:read' },
      schema: {
        summary:
          'The configuration of a build as it was written; encrypted values stay cipher text',
        tags: ['ci'],
        params: Path,
        response: { 200: BuildSource },
      },
    },
    async (request) => {
      const { id } = request.params;
      await access.build(request, id, 'build:read');
      return { files: [...((await ci.builds.source(id)) ?? [])] };
    },
  );

  app.post(
    '/ci/v3/builds/:id/cancel/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Cancel a build',
        tags: ['ci'],
        params: Path,
        response: { 200: BuildDetail },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { who } = await access.build(request, id, 'build:write');
      await ci.cancelBuild(id, who);
      return (await access.build(request, id, 'build:write')).build;
    },
  );

  app.post(
    '/ci/v3/builds/:id/restart/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Run all jobs of a build again',
        tags: ['ci'],
        params: Path,
        response: { 200: BuildDetail },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { who } = await access.build(request, id, 'build:write');
      await ci.restartBuild(id, who);
      return (await access.build(request, id, 'build:write')).build;
    },
  );
}
