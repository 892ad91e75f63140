import type { FastifyInstance } from 'fastify';
import type { InternalRequests } from './guard.ts';

/**
 * The port is taken before the rooms have started, so that a second server finds out first of all. Whoever calls in
 * that moment waits instead of being refused: a client that follows a deployment would take a refusal for its end.
 */
export function holdUntil(
  app: FastifyInstance,
  started: Promise<void>,
  internalRequests: InternalRequests,
): void {
  app.addHook('onRequest', async (request) => {
    if (internalRequests.has(request.raw) || request.routeOptions.url === '/healthz') return;
    await started;
  });
}
