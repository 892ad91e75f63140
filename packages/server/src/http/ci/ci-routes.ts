import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  Build,
  BuildDetail,
  CiRepository,
  CiRepositoryKey,
  CiRepositoryPatch,
  Filter,
  Job,
  JobLogQuery,
  listOf,
  PageQuery,
} from '@sluice/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Ci, CiRepository as Repository } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { Authorise } from '../authorise-types.ts';
import { answerLog } from './log-answer.ts';
import { pageAnswer, pageOf } from './paging.ts';
import { readPatch } from './repository-patch.ts';

/** What the routes need of the git and secrets rooms. */
export interface CiRepositories {
  get(repositoryUuid: string): Promise<Repository | null>;
  bySlug(slug: string): Promise<Repository | null>;
  list(): Promise<readonly Repository[]>;
  setEnabled(repositoryUuid: string, enabled: boolean): Promise<void>;
  publicKey(repositoryUuid: string): Promise<{ pem: string; fingerprint: string }>;
}

export interface CiRoutes {
  readonly ci: Ci;
  readonly repositories: CiRepositories;
  readonly authorise: Authorise;
  /** The repository of an application (uuid, website id or slug); null: unknown. */
  readonly repositoryOfApplication: (application: string) => Promise<string | null>;
}

const Id = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const RepositoryPath = Type.Object({ uuid: Type.String({ maxLength: 64 }) });
const BuildsQuery = Type.Object({
  ...PageQuery,
  application: Filter,
  repository: Filter,
  sha: Type.Optional(Type.String()),
  number: Type.Optional(Type.Union([Type.Integer(), Type.Literal('')])),
  branch: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
});

/** Builds, jobs, their logs, and the CI switch of repositories: `/ci/v3/...`. */
export async function registerCiRoutes(instance: FastifyInstance, routes: CiRoutes): Promise<void> {
  const { ci, repositories, authorise } = routes;
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  /** The repository, or `not_found` for whoever may not know of it. */
  const readable = async (
    request: FastifyRequest,
    uuid: string,
    action: 'build:read' | 'build:write' | 'repository:read' | 'application:write',
  ) => {
    const repository = await repositories.get(uuid);
    if (repository === null) {
      // Without a credential the answer must not tell whether the id exists.
      await authorise(request, 'token:manage');
      throw new SluiceError('not_found', 'Not found.');
    }
    const identity = await authorise(request, action, {
      organisationUuid: repository.organisationUuid,
      repositoryUuid: repository.uuid,
    });
    return { repository, identity };
  };

  const buildFor = async (
    request: FastifyRequest,
    id: number,
    action: 'build:read' | 'build:write',
  ) => {
    const build = await ci.builds.get(id);
    const { identity } = await readable(request, build?.repository ?? '', action);
    return { build: build as BuildDetail, who: identity.email };
  };

  const jobFor = async (
    request: FastifyRequest,
    id: number,
    action: 'build:read' | 'build:write',
  ) => {
    const job = await ci.jobs.get(id);
    const { identity } = await readable(request, job?.repository ?? '', action);
    return { job: job as Job, who: identity.email };
  };

  /** Those of the candidates that the identity may read builds of. */
  const visible = async (request: FastifyRequest, candidates: readonly Repository[]) => {
    const seen: Repository[] = [];
    for (const repository of candidates) {
      const { organisationUuid, uuid } = repository;
      const allowed = await authorise(request, 'build:read', {
        organisationUuid,
        repositoryUuid: uuid,
      }).then(
        () => true,
        (error: unknown) => {
          const refused =
            error instanceof SluiceError &&
            (error.code === 'forbidden' || error.code === 'not_found');
          if (refused) return false;
          throw error;
        },
      );
      if (allowed) seen.push(repository);
    }
    return seen;
  };

  const wireRepository = async (repository: Repository): Promise<CiRepository> => {
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
      schema: {
        querystring: Type.Object({ ...PageQuery, slug: Filter }),
        response: { 200: listOf(CiRepository) },
      },
    },
    async (request) => {
      await authorise(request, 'token:manage');
      const slugs = texts(request.query.slug);
      const all = await repositories.list();
      const wanted = slugs.length === 0 ? all : all.filter((one) => slugs.includes(one.slug));
      const seen = await visible(request, wanted);
      const page = pageOf(request.query);
      const shown = seen.slice(page.offset, page.offset + page.limit);
      return pageAnswer(request, page, seen.length, await Promise.all(shown.map(wireRepository)));
    },
  );

  app.get(
    '/ci/v3/repositories/:uuid/',
    { schema: { params: RepositoryPath, response: { 200: CiRepository } } },
    async (request) => {
      const { repository } = await readable(request, request.params.uuid, 'build:read');
      return wireRepository(repository);
    },
  );

  app.patch(
    '/ci/v3/repositories/:uuid/',
    {
      schema: {
        params: RepositoryPath,
        body: CiRepositoryPatch,
        response: { 200: CiRepository },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await readable(request, uuid, 'build:write');
      const { active, ...change } = readPatch(request.body);
      await ci.settings.change(uuid, change);
      if (active !== undefined) await repositories.setEnabled(uuid, active);
      const { repository } = await readable(request, uuid, 'build:read');
      return wireRepository(repository);
    },
  );

  app.get(
    '/ci/v3/repositories/:uuid/key/',
    { schema: { params: RepositoryPath, response: { 200: CiRepositoryKey } } },
    async (request) => {
      const { repository } = await readable(request, request.params.uuid, 'build:read');
      return repositories.publicKey(repository.uuid);
    },
  );

  app.get(
    '/ci/v3/builds/',
    { schema: { querystring: BuildsQuery, response: { 200: listOf(Build) } } },
    async (request) => {
      const { query } = request;
      await authorise(request, 'token:manage');
      const named = [...texts(query.repository)];
      for (const application of texts(query.application)) {
        const uuid = await routes.repositoryOfApplication(application);
        if (uuid !== null) named.push(uuid);
      }
      const restricted = texts(query.repository).length + texts(query.application).length > 0;
      const all = await repositories.list();
      const wanted = restricted
        ? all.filter((one) => named.includes(one.uuid) || named.includes(one.slug))
        : all;
      const seen = await visible(request, wanted);
      const page = pageOf(query);
      const { count, builds } = await ci.builds.list(
        {
          repositoryUuids: seen.map((repository) => repository.uuid),
          ...(query.sha === undefined || query.sha === '' ? {} : { sha: query.sha.toLowerCase() }),
          ...(typeof query.number === 'number' ? { number: query.number } : {}),
          ...(query.branch === undefined || query.branch === '' ? {} : { branch: query.branch }),
          ...(query.state === undefined || query.state === '' ? {} : { state: query.state }),
        },
        page,
      );
      return pageAnswer(request, page, count, builds);
    },
  );

  app.get(
    '/ci/v3/builds/:id/',
    { schema: { params: Id, response: { 200: BuildDetail } } },
    async (request) => (await buildFor(request, request.params.id, 'build:read')).build,
  );

  app.post(
    '/ci/v3/builds/:id/cancel/',
    { schema: { params: Id, response: { 200: BuildDetail } } },
    async (request) => {
      const { who } = await buildFor(request, request.params.id, 'build:write');
      await ci.cancelBuild(request.params.id, who);
      return (await buildFor(request, request.params.id, 'build:read')).build;
    },
  );

  app.post(
    '/ci/v3/builds/:id/restart/',
    { schema: { params: Id, response: { 200: BuildDetail } } },
    async (request) => {
      const { who } = await buildFor(request, request.params.id, 'build:write');
      await ci.restartBuild(request.params.id, who);
      return (await buildFor(request, request.params.id, 'build:read')).build;
    },
  );

  app.get(
    '/ci/v3/jobs/:id/',
    { schema: { params: Id, response: { 200: Job } } },
    async (request) => (await jobFor(request, request.params.id, 'build:read')).job,
  );

  app.post(
    '/ci/v3/jobs/:id/cancel/',
    { schema: { params: Id, response: { 200: Job } } },
    async (request) => {
      const { who } = await jobFor(request, request.params.id, 'build:write');
      await ci.cancelJob(request.params.id, who);
      return (await jobFor(request, request.params.id, 'build:read')).job;
    },
  );

  app.post(
    '/ci/v3/jobs/:id/restart/',
    { schema: { params: Id, response: { 200: Job } } },
    async (request) => {
      const { who } = await jobFor(request, request.params.id, 'build:write');
      await ci.restartJob(request.params.id, who);
      return (await jobFor(request, request.params.id, 'build:read')).job;
    },
  );

  app.get(
    '/ci/v3/jobs/:id/log/',
    { schema: { params: Id, querystring: JobLogQuery } },
    async (request, reply) => {
      const { id } = request.params;
      await jobFor(request, id, 'build:read');
      return answerLog(ci, request, reply, id, request.query);
    },
  );
}

/** The texts of a query parameter that may be absent, empty or repeated. */
function texts(value: string | readonly string[] | undefined): string[] {
  const all = value === undefined ? [] : typeof value === 'string' ? [value] : [...value];
  return all.filter((text) => text !== '');
}
