import type { Session } from '@sluice/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenedSession } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import type { HttpContext } from './context.ts';
import { setCookie } from './session-cookie.ts';
import { siteOf } from './site.ts';
import { sessionJson } from './views/session.ts';

/** Gives the browser its cookie and answers who is signed in now. */
export function createAnswerSignedIn({ accounts, publicUrl }: HttpContext) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    { token, session }: OpenedSession,
  ): Promise<Session> => {
    const found = await accounts.sessions.find(token);
    if (found === null) throw new SluiceError('unavailable', 'The session ended at once.');
    setCookie(reply, 'session', token, siteOf(request, publicUrl()));
    const about = { expiresAt: session.expiresAt, url: publicUrl() };
    return sessionJson(accounts, found.identity, about);
  };
}
