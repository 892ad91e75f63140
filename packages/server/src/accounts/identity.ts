import type { KnownUser } from './password-check.ts';
import type { Identity } from './types.ts';

/** Someone who may do all that their roles allow: no token narrows it. */
export const identityOf = (user: KnownUser): Identity => ({
  userUuid: user.uuid,
  email: user.email,
  isMachine: user.isMachine,
  isAdmin: user.isAdmin,
  tokenUuid: null,
  scopes: null,
  jobId: null,
  repositoryUuid: null,
});
