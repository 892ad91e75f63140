import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** The address that a browser has in its address bar, as far as the request tells. */
export interface BrowserSite {
  /** `https://ci.example.com`, with a port where there is one. */
  readonly origin: string;
  /** `ci.example.com:8443` */
  readonly host: string;
  /** `ci.example.com` */
  readonly hostName: string;
  readonly isHttps: boolean;
  /** Whether browsers let a page there use passkeys: https and a name, or this very machine. */
  readonly canHavePasskeys: boolean;
}

/**
 * The public URL decides where the request's host is its host: a proxy that ends TLS need not be trusted for it. Any
 * other host (an address of the internal network, a tunnel) is taken as the request has it.
 */
export function siteOf(request: FastifyRequest, publicUrl: string): BrowserSite {
  const own = readUrl(publicUrl);
  const asked = readUrl(`${request.protocol}://${request.host}`) ?? own;
  const url = asked === null ? new URL('http://localhost') : asked;
  const { origin, host, hostname, protocol } = own?.host === url.host ? own : url;
  const isHttps = protocol === 'https:';
  const isThisMachine = hostname === 'localhost' || hostname.endsWith('.localhost');
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
  return {
    ...{ origin, host, isHttps, hostName: hostname },
    canHavePasskeys: isName && (isHttps || isThisMachine),
  };
}

const readUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
