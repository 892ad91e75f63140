import type { Job } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import type { Action, Identity } from '../../accounts/index.ts';
import type { BuildRecord } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { Repository } from '../../git/types.ts';
import type { HttpContext } from '../context.ts';

export interface OfRepository {
  readonly repository: Repository;
  readonly identity: Identity;
}

/** What a URL of the Travis API names, for those who may do `action` with it; for everyone else an error. */
export interface TravisAccess {
  /** By the number that Travis clients know it by, or by slug. */
  repository(request: FastifyRequest, name: number | string, action: Action): Promise<OfRepository>;
  build(
    request: FastifyRequest,
    id: number,
    action: Action,
  ): Promise<OfRepository & { readonly build: BuildRecord }>;
  job(
    request: FastifyRequest,
    id: number,
    action: Action,
  ): Promise<OfRepository & { readonly job: Job }>;
  /** Every repository whose builds the identity may read. */
  visible(request: FastifyRequest): Promise<Repository[]>;
  may(request: FastifyRequest, action: Action, repository: Repository): Promise<boolean>;
}

export function createTravisAccess({ authorise, ci, git }: HttpContext): TravisAccess {
  // The same words as for what exists and may not be seen.
  const notFound = () => new SluiceError('not_found', 'Not found.');

  const targetOf = ({ uuid: repositoryUuid, organisationUuid }: Repository) => ({
    ...{ repositoryUuid, organisationUuid },
  });

  const allow = async (
    request: FastifyRequest,
    repository: Repository | null,
    action: Action,
  ): Promise<OfRepository> => {
    if (repository === null) throw notFound();
    return { repository, identity: await authorise(request, action, targetOf(repository)) };
  };

  const may: TravisAccess['may'] = async (request, action, repository) => {
    try {
      await authorise(request, action, targetOf(repository));
      return true;
    } catch (error) {
      if (error instanceof SluiceError && ['forbidden', 'not_found'].includes(error.code)) {
        return false;
      }
      throw error;
    }
  };

  return {
    repository: async (request, name, action) =>
      allow(request, await (typeof name === 'number' ? git.byId(name) : git.bySlug(name)), action),
    build: async (request, id, action) => {
      const [build] = await ci.history.builds({ repositoryUuids: null, ids: [id], limit: 1 });
      if (build === undefined) throw notFound();
      return { build, ...(await allow(request, await git.get(build.repositoryUuid), action)) };
    },
    job: async (request, id, action) => {
      const [job] = await ci.history.jobs({ ids: [id] });
      if (job === undefined) throw notFound();
      return { job, ...(await allow(request, await git.get(job.repository), action)) };
    },
    visible: async (request) => {
      const seen: Repository[] = [];
      for (const repository of await git.list()) {
        if (await may(request, 'build:read', repository)) seen.push(repository);
      }
      return seen;
    },
    may,
  };
}
