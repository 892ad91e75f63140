import type { BuildDetail, Job } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import type { Ci, CiRepository } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { Authorise } from '../authorise-types.ts';
import type { CiRepositories } from './repositories.ts';

export interface CiRoutes {
  readonly ci: Ci;
  readonly repositories: CiRepositories;
  readonly authorise: Authorise;
  /** The repository of an application (uuid, website id or slug); null: unknown. */
  readonly repositoryOfApplication: (application: string) => Promise<string | null>;
}

type CiAction = 'build:read' | 'build:write';

/** What a URL of the CI names, for those who may do `action` with it; for everyone else `not_found` or `forbidden`. */
export interface CiAccess {
  repository(
    request: FastifyRequest,
    uuid: string,
    action: CiAction,
  ): Promise<{ repository: CiRepository; who: string }>;
  build(
    request: FastifyRequest,
    id: number,
    action: CiAction,
  ): Promise<{ build: BuildDetail; who: string }>;
  job(request: FastifyRequest, id: number, action: CiAction): Promise<{ job: Job; who: string }>;
  /** Those of the candidates whose builds the identity may read. */
  visible(
    request: FastifyRequest,
    candidates: readonly CiRepository[],
  ): Promise<readonly CiRepository[]>;
}

export function createCiAccess({ ci, repositories, authorise }: CiRoutes): CiAccess {
  // The same words as for what exists and may not be seen.
  const notFound = () => new SluiceError('not_found', 'Not found.');

  const allow = async (
    request: FastifyRequest,
    repository: CiRepository,
    action: CiAction,
  ): Promise<string> => {
    const { organisationUuid, uuid: repositoryUuid } = repository;
    return (await authorise(request, action, { organisationUuid, repositoryUuid })).email;
  };

  const repository: CiAccess['repository'] = async (request, uuid, action) => {
    const found = await repositories.get(uuid);
    if (found === null) throw notFound();
    return { repository: found, who: await allow(request, found, action) };
  };

  return {
    repository,
    build: async (request, id, action) => {
      const build = await ci.builds.get(id);
      if (build === null) throw notFound();
      const { who } = await repository(request, build.repository, action);
      return { build, who };
    },
    job: async (request, id, action) => {
      const job = await ci.jobs.get(id);
      if (job === null) throw notFound();
      const { who } = await repository(request, job.repository, action);
      return { job, who };
    },
    visible: async (request, candidates) => {
      const seen: CiRepository[] = [];
      for (const candidate of candidates) {
        try {
          await allow(request, candidate, 'build:read');
          seen.push(candidate);
        } catch (error) {
          const refused =
            error instanceof SluiceError && ['forbidden', 'not_found'].includes(error.code);
          if (!refused) throw error;
        }
      }
      return seen;
    },
  };
}
