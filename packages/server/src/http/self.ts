import type { FastifyRequest } from 'fastify';
import type { Accounts, Browser, Identity, Self, Session } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import type { Authorise } from './authorise-types.ts';
import { readCookie } from './session-cookie.ts';
import type { BrowserSite } from './site.ts';

/** The browser that asks, for a session that may begin. */
export const browserOf = (request: FastifyRequest, site: BrowserSite): Browser => ({
  userAgent: request.headers['user-agent'] ?? '',
  address: request.ip,
  token: readCookie(request, 'session', site),
});

/** A person who may look at their own account: in a browser, or by a token without limits. */
export async function authoriseReader(
  authorise: Authorise,
  request: FastifyRequest,
): Promise<Identity> {
  const identity = await authorise(request, 'self');
  if (identity.scopes === null) return identity;
  throw new SluiceError('forbidden', 'A token with scopes may not read this.');
}

/** A person who changes what opens their account: never a token, which would outlive itself that way. */
export async function authoriseOwner(
  authorise: Authorise,
  request: FastifyRequest,
): Promise<{ readonly self: Self; readonly session: Session }> {
  const { userUuid, email } = await authorise(request, 'self');
  const { session } = request;
  if (session === null) {
    throw new SluiceError('forbidden', 'An access token may not change how one signs in.', {
      reason: 'session_required',
      remedy: 'Sign in to the control panel with a browser.',
    });
  }
  return { self: { userUuid, email, sessionUuid: session.uuid }, session };
}

/**
 * The same, and they signed in a short while ago: who finds an unlocked screen cannot add a passkey of their own.
 * Throws `forbidden` with the reason `sign_in_again`.
 */
export async function authoriseFreshOwner(
  accounts: Pick<Accounts, 'sessions'>,
  authorise: Authorise,
  request: FastifyRequest,
): Promise<Self> {
  const { self, session } = await authoriseOwner(authorise, request);
  if (accounts.sessions.isFresh(session)) return self;
  throw new SluiceError('forbidden', 'You signed in a while ago.', {
    reason: 'sign_in_again',
    remedy: 'Sign in once more to change how you sign in.',
  });
}
