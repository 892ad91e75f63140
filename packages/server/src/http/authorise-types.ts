import type { FastifyRequest } from 'fastify';
import type { Action, Identity, Target } from '../accounts/types.ts';

/**
 * The one way a route learns who asks and whether they may. Throws `SluiceError`: `unauthenticated` without a valid
 * credential, `not_found` (or `forbidden`, see docs) when the identity may not do it.
 */
export type Authorise = (
  request: FastifyRequest,
  action: Action,
  target?: Target,
) => Promise<Identity>;
