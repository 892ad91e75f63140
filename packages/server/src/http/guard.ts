import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import { identify, unauthenticated } from './authentication.ts';

/** Requests that came over the Unix socket. A header could be forged; the connection cannot. */
export type InternalRequests = WeakSet<object>;

/**
 * Deny by default, three times: a route that does not say what opens it keeps the server from starting; no
 * handler runs without an identity (unless public); and no answer leaves whose handler never asked `authorise`.
 */
export function addGuard(
  app: FastifyInstance,
  accounts: Pick<Accounts, 'authenticate' | 'sessions'>,
  internalRequests: InternalRequests,
  publicUrl: () => string,
): void {
  const undeclared: string[] = [];
  app.addHook('onRoute', (route) => {
    const { config, schema } = route;
    const name = `${String(route.method)} ${route.url}`;
    if (!config?.action && !config?.public && !config?.internal) undeclared.push(name);
    else if (schema?.summary === undefined) undeclared.push(`${name} (no summary)`);
  });
  app.addHook('onReady', async () => {
    if (undeclared.length === 0) return;
    throw new SluiceError('internal', `Routes without an access rule: ${undeclared.join(', ')}.`);
  });

  app.decorateRequest('identity', null);
  app.decorateRequest('session', null);
  app.decorateRequest('isInternal', false);
  app.decorateRequest('authorised', false);

  app.addHook('onRequest', async (request) => {
    request.isInternal = internalRequests.has(request.raw);
    const { config } = request.routeOptions;
    if (config.internal && !request.isInternal) throw new SluiceError('not_found', 'Not found.');
    if (config.internal || config.public || config.ownAuthentication || isUnrouted(request)) return;
    request.identity = await identify(accounts, request, publicUrl());
    if (request.identity === null) throw unauthenticated(request.headers.authorization);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { config } = request.routeOptions;
    const open = config.public || config.internal || config.ownAuthentication;
    if (open || request.authorised || isUnrouted(request) || reply.statusCode >= 400) {
      return payload;
    }
    throw new SluiceError('internal', `${request.routeOptions.url} answered without authorising.`);
  });
}

const isUnrouted = (request: FastifyRequest): boolean => request.is404;
