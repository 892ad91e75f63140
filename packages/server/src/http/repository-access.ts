import type { FastifyRequest } from 'fastify';
import type { Action, Identity } from '../accounts/index.ts';
import type { Application } from '../applications/index.ts';
import { SluiceError } from '../errors.ts';
import type { Repository } from '../git/index.ts';
import type { HttpContext } from './context.ts';

export interface OfRepository {
  readonly repository: Repository;
  /** Null: it was not given to one yet. */
  readonly application: Application | null;
  readonly identity: Identity;
}

/** Repositories of URLs, for those who may do `action` with them; for everyone else `not_found` or `forbidden`. */
export function createRepositoryAccess(context: HttpContext) {
  const { accounts, applications, authorise, git } = context;

  /** One that belongs to no application holds credentials of whoever made it: nobody else in the organisation uses it. */
  const ofMaker = async (request: FastifyRequest, repository: Repository): Promise<Identity> => {
    const { organisationUuid } = repository;
    const identity = await authorise(request, 'application:create', { organisationUuid });
    const mirror = await git.mirrors.get(repository.uuid);
    const isMaker = mirror !== null && mirror.createdBy === identity.userUuid;
    if (isMaker || (await accounts.may(identity, 'organisation:admin', { organisationUuid }))) {
      return identity;
    }
    throw new SluiceError('not_found', 'Not found.');
  };

  return {
    find: async (request: FastifyRequest, uuid: string, action: Action): Promise<OfRepository> => {
      const repository = await git.get(uuid);
      // The same words as for what exists and may not be seen.
      if (repository === null) throw new SluiceError('not_found', 'Not found.');
      const application = await applications.byRepository(uuid);
      const isFree = application === null && !(await applications.isRemovedRepository(uuid));
      const { organisationUuid } = repository;
      const identity = isFree
        ? await ofMaker(request, repository)
        : await authorise(request, action, { repositoryUuid: uuid, organisationUuid });
      return { repository, application, identity };
    },
  };
}
