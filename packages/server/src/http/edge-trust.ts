import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Edge } from '../edge/index.ts';

/** What the server must know of the edge in front of it. */
export interface EdgeDoor {
  /** Shown by the edge in `X-Sluice-Edge`. */
  readonly secret: string;
  /** Host names of the installation itself that lead to it through the edge. */
  readonly names: readonly string[];
  readonly checks: Pick<Edge['checks'], 'of' | 'check'>;
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'];

/**
 * Behind an edge the port is open to every program of this machine, so an address proves nothing: who does not know the
 * secret loses its `X-Forwarded-*` fields before anyone reads them. To be added before all other hooks.
 */
export function addEdgeTrust(app: FastifyInstance, { secret }: Pick<EdgeDoor, 'secret'>): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(secret);
  app.addHook('onRequest', async ({ raw: { headers } }) => {
    const shown = headers['x-sluice-edge'];
    delete headers['x-sluice-edge'];
    if (typeof shown === 'string' && timingSafeEqual(digest(shown), expected)) return;
    for (const name of FORWARDED) delete headers[name];
  });
}

/** Only the edge itself, one step away; what it was told by others it does not pass on. */
export const trustsTheEdge = (_address: string, hop: number): boolean => hop === 0;
