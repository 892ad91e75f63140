import { TravisCache } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CacheArchive } from '../../ci/index.ts';
import type { App } from '../context.ts';
import type { TravisContext } from './context.ts';

const schema = {
  tags: ['travis'],
  params: Type.Object({ id: Type.Integer() }),
  querystring: Type.Object({
    branch: Type.Optional(Type.String()),
    /** Part of a name. */
    match: Type.Optional(Type.String()),
  }),
  response: { 200: Type.Object({ caches: Type.Array(TravisCache) }) },
};

/** What the jobs of a repository have cached (spec/travis.md 8). */
export function registerTravisCaches(app: App, context: TravisContext): void {
  const { access, ci } = context;
  const url = '/repos/:id(^\\d+$)/caches';

  const wanted = (
    archives: readonly CacheArchive[],
    { branch, match }: { readonly branch?: string; readonly match?: string },
  ) =>
    archives.filter(
      ({ scope, slug }) =>
        (branch === undefined || branchOf(scope) === branch) && slug.includes(match ?? ''),
    );

  const repositoryOf = async (
    request: FastifyRequest,
    id: number,
    action: 'build:read' | 'build:write',
  ) => (await access.repository(request, id, action)).repository;

  app.get(
    url,
    {
      config: { action: 'build:read' },
      schema: { summary: 'What the jobs have cached', ...schema },
    },
    async (request) => {
      const repository = await repositoryOf(request, request.params.id, 'build:read');
      const archives = wanted(await ci.caches.list(repository.uuid), request.query);
      return { caches: archives.map((archive) => cacheShape(archive, repository.id)) };
    },
  );

  app.delete(
    url,
    {
      config: { action: 'build:write' },
      schema: { summary: 'Delete what the jobs have cached', ...schema },
    },
    async (request) => {
      const repository = await repositoryOf(request, request.params.id, 'build:write');
      const archives = wanted(await ci.caches.list(repository.uuid), request.query);
      const ids = archives.map(({ id }) => id);
      const gone = await ci.caches.remove(repository.uuid, { ids });
      return { caches: gone.map((archive) => cacheShape(archive, repository.id)) };
    },
  );
}

/** `branch:main` is `main` here, `pull:4` is `PR.4`, as Travis has it. */
function branchOf(scope: string): string {
  return scope.startsWith('pull:') ? `PR.${scope.slice(5)}` : scope.slice(scope.indexOf(':') + 1);
}

function cacheShape(archive: CacheArchive, repositoryId: number): TravisCache {
  return {
    repository_id: repositoryId,
    size: archive.sizeBytes,
    slug: archive.slug,
    branch: branchOf(archive.scope),
    last_modified: archive.createdAt,
  };
}
