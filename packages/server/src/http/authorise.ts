import type { Accounts, Action, Identity, Target } from '../accounts/index.ts';
import type { Applications } from '../applications/index.ts';
import { SluiceError } from '../errors.ts';
import type { Git } from '../git/index.ts';
import { unauthenticated } from './authentication.ts';
import type { Authorise } from './authorise-types.ts';

interface Rooms {
  readonly accounts: Pick<Accounts, 'may'>;
  readonly applications: Pick<Applications, 'byRepository' | 'isRemovedRepository'>;
  readonly git: Pick<Git, 'get'>;
}

/** Any of these shows that a target exists, so that a refusal may admit it. */
function sights(target: Target): Action[] {
  if (target.applicationUuid !== undefined) return ['application:read', 'repository:read'];
  return target.repositoryUuid === undefined ? ['organisation:read'] : ['repository:read'];
}

export function createAuthorise({ accounts, applications, git }: Rooms): Authorise {
  /** Roles and scopes speak of applications, so a repository's own is looked up. */
  const complete = async (target: Target): Promise<Target> => {
    const { repositoryUuid } = target;
    if (repositoryUuid === undefined || target.applicationUuid !== undefined) return target;
    const application = await applications.byRepository(repositoryUuid);
    if (application !== null) {
      const { uuid: applicationUuid, organisationUuid } = application;
      return { repositoryUuid, applicationUuid, organisationUuid };
    }
    if (await applications.isRemovedRepository(repositoryUuid)) {
      throw new SluiceError('not_found', 'Not found.');
    }
    const repository = await git.get(repositoryUuid);
    return repository === null
      ? target
      : { repositoryUuid, organisationUuid: repository.organisationUuid };
  };

  const sees = async (identity: Identity, target: Target): Promise<boolean> => {
    if (Object.keys(target).length === 0) return true;
    for (const sight of sights(target)) {
      if (await accounts.may(identity, sight, target)) return true;
    }
    return false;
  };

  const refuse = async (identity: Identity, target: Target): Promise<SluiceError> =>
    (await sees(identity, target))
      ? new SluiceError('forbidden', 'You do not have permission to perform this action.')
      : new SluiceError('not_found', 'Not found.');

  return async (request, action, target = {}) => {
    const { identity } = request;
    if (identity === null) throw unauthenticated(request.headers.authorization);
    if (action === 'self') {
      if (identity.jobId !== null) throw await refuse(identity, {});
    } else {
      const whole = await complete(target);
      if (!(await accounts.may(identity, action, whole))) throw await refuse(identity, whole);
    }
    request.authorised = true;
    return identity;
  };
}
