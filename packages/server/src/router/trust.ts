import { createHash } from 'node:crypto';
import type { RouterEdge } from './types.ts';

/** Tells whether a running router believes whom it should, without telling the secret. */
export function trustDigest(trust: {
  readonly trustedProxies: readonly string[];
  readonly edge: RouterEdge | null;
}): string {
  const { trustedProxies, edge } = trust;
  return createHash('sha256')
    .update(JSON.stringify([trustedProxies, edge?.secret ?? null, edge?.httpsPort ?? null]))
    .digest('hex');
}
