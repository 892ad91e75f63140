import type { FastifyRequest } from 'fastify';
import type { Action, Identity, Target } from '../accounts/types.ts';

/** `self` is open to everyone who is signed in (never to a job's token): one's own data, lists that filter. */
export type RouteAction = Action | 'self';

/**
 * The one way a route learns who asks and whether they may. Throws `SluiceError`: `unauthenticated` without a valid
 * credential, `not_found` when the identity may not even know of the target, `forbidden` when it may see it only.
 */
export type Authorise = (
  request: FastifyRequest,
  action: RouteAction,
  target?: Target,
) => Promise<Identity>;
