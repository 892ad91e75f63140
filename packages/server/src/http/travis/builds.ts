import { Filter, TravisBuild, TravisCommit, TravisJob } from '@sluice/contract';
import { Type } from 'typebox';
import type { Repository } from '../../git/types.ts';
import type { App } from '../context.ts';
import type { TravisContext } from './context.ts';
import { idsOf } from './ids.ts';
import { buildShape, commitShape, jobShape } from './shapes.ts';

const Path = Type.Object({ id: Type.Integer() });
const Query = Type.Object({
  repository_id: Type.Optional(Type.Integer()),
  'ids[]': Filter,
  ids: Filter,
  /** Any text: `travis show main` asks for a build of that number before it asks for the branch. */
  number: Type.Optional(Type.String()),
  after_number: Type.Optional(Type.String()),
  event_type: Type.Optional(Type.String()),
});
const Done = { 200: Type.Object({ result: Type.Boolean() }) };
/** What one page of the history holds; the command asks for the next one until it gets an empty list. */
const PAGE = 25;

/** Builds, with their commits and jobs. */
export function registerTravisBuilds(app: App, context: TravisContext): void {
  const { access, authorise, ci, git, publicUrl } = context;

  app.get(
    '/builds/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Builds, newest first',
        tags: ['travis'],
        querystring: Query,
        response: {
          200: Type.Object({
            builds: Type.Array(TravisBuild),
            commits: Type.Array(TravisCommit),
            jobs: Type.Array(TravisJob),
          }),
        },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { repository_id, number, after_number, event_type } = request.query;
      const repositories: Repository[] =
        repository_id === undefined
          ? await access.visible(request)
          : [(await access.repository(request, repository_id, 'build:read')).repository];
      const ids = idsOf(request.query);
      const builds = await ci.history.builds({
        repositoryUuids: repositories.map(({ uuid }) => uuid),
        ...(ids === undefined ? {} : { ids }),
        // 0 is the number of no build.
        ...(number === undefined ? {} : { number: wholeNumber(number) }),
        ...(after_number === undefined ? {} : { below: wholeNumber(after_number) }),
        ...(event_type === undefined ? {} : { event: event_type }),
        limit: PAGE,
      });
      const jobs = await ci.history.jobs({ buildIds: builds.map(({ id }) => id) });
      const idOf = (uuid: string) => repositories.find((one) => one.uuid === uuid)?.id ?? 0;
      return {
        builds: builds.map((build) => buildShape(build, idOf(build.repositoryUuid))),
        commits: builds.map((build) => commitShape(build, publicUrl())),
        jobs: jobs.map((job) => jobShape(job, idOf(job.repository))),
      };
    },
  );

  app.get(
    '/builds/:id(^\\d+$)',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'A build with its commit and jobs',
        tags: ['travis'],
        params: Path,
        response: {
          200: Type.Object({
            build: TravisBuild,
            commit: TravisCommit,
            jobs: Type.Array(TravisJob),
          }),
        },
      },
    },
    async (request) => {
      const { build, repository } = await access.build(request, request.params.id, 'build:read');
      const jobs = await ci.history.jobs({ buildIds: [build.id] });
      return {
        build: buildShape(build, repository.id),
        commit: commitShape(build, publicUrl()),
        jobs: jobs.map((job) => jobShape(job, repository.id)),
      };
    },
  );

  app.get(
    '/jobs/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Jobs by number',
        tags: ['travis'],
        querystring: Type.Object({ 'ids[]': Filter, ids: Filter }),
        response: {
          200: Type.Object({ jobs: Type.Array(TravisJob), commits: Type.Array(TravisCommit) }),
        },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const shown: TravisJob[] = [];
      const wanted = (idsOf(request.query) ?? []).slice(0, 200);
      const jobs = await ci.history.jobs({ ids: wanted });
      const readable = new Map<string, Repository | null>();
      for (const job of jobs) {
        if (!readable.has(job.repository)) {
          const repository = await git.get(job.repository);
          const may = repository !== null && (await access.may(request, 'build:read', repository));
          readable.set(job.repository, may ? repository : null);
        }
        const repository = readable.get(job.repository);
        if (repository) shown.push(jobShape(job, repository.id));
      }
      const builds = await ci.history.builds({
        ...{ repositoryUuids: null, limit: wanted.length },
        ids: [...new Set(shown.map((job) => job.build_id))],
      });
      return { jobs: shown, commits: builds.map((build) => commitShape(build, publicUrl())) };
    },
  );

  for (const [verb, summary, act] of [
    ['restart', 'Run all jobs of a build again', ci.restartBuild],
    ['cancel', 'Cancel a build', ci.cancelBuild],
  ] as const) {
    app.post(
      `/builds/:id(^\\d+$)/${verb}`,
      {
        config: { action: 'build:write' },
        schema: { summary, tags: ['travis'], params: Path, response: Done },
      },
      async (request) => {
        const { build, identity } = await access.build(request, request.params.id, 'build:write');
        await act(build.id, identity.email);
        return { result: true };
      },
    );
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : 0;
}
