import type { FastifyRequest } from 'fastify';
import { SluiceError } from '../errors.ts';
import type { BrowserSite } from './site.ts';

/** Methods that change nothing, which any page may make a browser send. */
const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Reason of the refusal below. */
export const CROSS_SITE = 'cross_site';

/**
 * A browser adds its cookie to whatever any page makes it send. So what changes something must come from the panel's
 * own pages: browsers say so in `Sec-Fetch-Site` (over https and on this machine), and else name the page's origin.
 * `SameSite` alone would not do: applications on subdomains of one domain are the same site. Throws `forbidden`.
 */
export function requireSameOrigin(request: FastifyRequest, site: BrowserSite): void {
  if (SAFE.includes(request.method) || comesFrom(request, site)) return;
  throw new SluiceError('forbidden', "This request did not come from the control panel's pages.", {
    reason: CROSS_SITE,
    remedy:
      'A browser session changes things from the panel only. Programs use an access token in the Authorization header.',
  });
}

function comesFrom({ headers }: FastifyRequest, site: BrowserSite): boolean {
  const fetchSite = headers['sec-fetch-site'];
  if (fetchSite !== undefined) return fetchSite === 'same-origin';
  const { origin } = headers;
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  return new URL(origin).host === site.host;
}
