import {
  Filter,
  TravisBuild,
  TravisCommit,
  TravisKey,
  TravisKeyPair,
  TravisRepository,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { Repository } from '../../git/types.ts';
import type { App } from '../context.ts';
import { filterOf } from '../lists.ts';
import type { TravisContext } from './context.ts';
import { idsOf } from './ids.ts';
import { buildShape, commitShape, repositoryShape } from './shapes.ts';

const Path = Type.Object({ id: Type.Integer() });
const Query = Type.Object({
  'ids[]': Filter,
  ids: Filter,
  slug: Filter,
  owner_name: Filter,
  active: Type.Optional(Type.String()),
  search: Type.Optional(Type.String()),
});

/** Repositories by number and by slug, their keys and their branches. */
export function registerTravisRepositories(app: App, context: TravisContext): void {
  const { access, authorise, ci, publicUrl, secrets } = context;

  const shapes = async (
    request: FastifyRequest,
    repositories: readonly Repository[],
  ): Promise<TravisRepository[]> => {
    const newest = await ci.history.newest(repositories.map(({ uuid }) => uuid));
    const shown: TravisRepository[] = [];
    for (const repository of repositories) {
      const last = newest.find((build) => build.repositoryUuid === repository.uuid);
      const isAdmin = await access.may(request, 'build:write', repository);
      shown.push(repositoryShape(repository, last, isAdmin));
    }
    return shown;
  };

  const one = async (request: FastifyRequest, name: number | string) => {
    const { repository } = await access.repository(request, name, 'build:read');
    const [repo] = await shapes(request, [repository]);
    if (repo === undefined) throw new SluiceError('not_found', 'Not found.');
    return { repo };
  };

  app.get(
    '/repos/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The repositories whose builds one may read',
        tags: ['travis'],
        querystring: Query,
        response: { 200: Type.Object({ repos: Type.Array(TravisRepository) }) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { query } = request;
      const ids = idsOf(query);
      const [slugs, owners] = [filterOf(query.slug), filterOf(query.owner_name)];
      const seen = (await access.visible(request)).filter(
        ({ id, slug, ciEnabled }) =>
          (ids?.includes(id) ?? true) &&
          (slugs?.includes(slug) ?? true) &&
          (owners?.includes(slug.split('/')[0] ?? '') ?? true) &&
          (query.active !== 'true' || ciEnabled) &&
          slug.includes(query.search ?? ''),
      );
      return { repos: await shapes(request, seen) };
    },
  );

  const found = { 200: Type.Object({ repo: TravisRepository }) };

  app.get(
    '/repos/:id(^\\d+$)',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A repository by number',
        tags: ['travis'],
        params: Path,
        response: found,
      },
    },
    async (request) => one(request, request.params.id),
  );

  app.get(
    '/repos/:owner/:name',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A repository by slug',
        tags: ['travis'],
        params: Type.Object({ owner: Type.String(), name: Type.String() }),
        response: found,
      },
    },
    async (request) => one(request, `${request.params.owner}/${request.params.name}`),
  );

  app.get(
    '/repos/:id(^\\d+$)/key',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The public key that values are encrypted with',
        tags: ['travis'],
        params: Path,
        response: { 200: TravisKey },
      },
    },
    async (request) => {
      const { repository } = await access.repository(request, request.params.id, 'build:read');
      const { pem, fingerprint } = await secrets.publicKey(repository.uuid);
      return { key: pem, fingerprint };
    },
  );

  app.get(
    '/v3/repo/:slug/key_pair/generated',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The public key, as version 3 of the API has it',
        tags: ['travis'],
        params: Type.Object({ slug: Type.String() }),
        response: { 200: TravisKeyPair },
      },
    },
    async (request) => {
      const { slug } = request.params;
      const name = /^\d+$/.test(slug) ? Number(slug) : slug;
      const { repository } = await access.repository(request, name, 'build:read');
      const { pem, fingerprint } = await secrets.publicKey(repository.uuid);
      return {
        '@type': 'key_pair' as const,
        '@href': `/v3/repo/${repository.id}/key_pair/generated`,
        '@representation': 'standard' as const,
        description: `Key of ${repository.slug}`,
        public_key: pem,
        fingerprint,
      };
    },
  );

  app.get(
    '/repos/:id(^\\d+$)/branches',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The newest build of each branch',
        tags: ['travis'],
        params: Path,
        response: {
          200: Type.Object({
            branches: Type.Array(TravisBuild),
            commits: Type.Array(TravisCommit),
          }),
        },
      },
    },
    async (request) => branches(request, request.params.id),
  );

  app.get(
    '/branches/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The newest build of each branch',
        tags: ['travis'],
        querystring: Type.Object({ repository_id: Type.Optional(Type.Integer()) }),
        response: {
          200: Type.Object({
            branches: Type.Array(TravisBuild),
            commits: Type.Array(TravisCommit),
          }),
        },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { repository_id: id } = request.query;
      return id === undefined ? { branches: [], commits: [] } : branches(request, id);
    },
  );

  async function branches(request: FastifyRequest, id: number) {
    const { repository } = await access.repository(request, id, 'build:read');
    const builds = await ci.history.branches(repository.uuid);
    return {
      branches: builds.map((build) => buildShape(build, repository.id)),
      commits: builds.map((build) => commitShape(build, publicUrl())),
    };
  }

  // A wildcard, for the command puts names with slashes into the path as they are.
  app.get(
    '/repos/:id(^\\d+$)/branches/*',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The newest build of a branch',
        tags: ['travis'],
        params: Path,
        response: { 200: Type.Object({ branch: TravisBuild, commit: TravisCommit }) },
      },
    },
    async (request) => {
      const { repository } = await access.repository(request, request.params.id, 'build:read');
      // Not in the schema: TypeBox reads the names of properties as patterns, and `*` is none.
      const { '*': name = '' } = request.params as { '*'?: string };
      const [build] = await ci.history.branches(repository.uuid, name.replace(/\/$/, ''));
      if (build === undefined) throw new SluiceError('not_found', 'This branch has no build.');
      return {
        branch: buildShape(build, repository.id),
        commit: commitShape(build, publicUrl()),
      };
    },
  );
}
