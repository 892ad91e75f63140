import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BrowserSite } from './site.ts';

const NINETY_DAYS_SECONDS = 90 * 24 * 60 * 60;
const TEN_MINUTES_SECONDS = 10 * 60;

/**
 * `session`: who is signed in. `round_trip`: the sign-in at an OIDC provider that this browser is in the middle of;
 * `second_factor`: the code that it still owes after it.
 */
type CookieKind = 'session' | 'round_trip' | 'second_factor';

/**
 * Over https the prefix makes browsers refuse a cookie of this name from any other host: an application on a subdomain
 * cannot plant one.
 */
const nameOf = (kind: CookieKind, site: BrowserSite): string =>
  `${site.isHttps ? '__Host-' : ''}sluice_${kind}`;

const options = (kind: CookieKind, site: BrowserSite): CookieSerializeOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  path: '/',
  secure: site.isHttps,
  // The server decides when it ends; this only keeps it beyond the browser's own session.
  maxAge: kind === 'session' ? NINETY_DAYS_SECONDS : TEN_MINUTES_SECONDS,
});

export function readCookie(
  request: FastifyRequest,
  kind: CookieKind,
  site: BrowserSite,
): string | null {
  return request.cookies[nameOf(kind, site)] || null;
}

export function setCookie(
  reply: FastifyReply,
  kind: CookieKind,
  value: string,
  site: BrowserSite,
): void {
  void reply.setCookie(nameOf(kind, site), value, options(kind, site));
}

export function clearCookie(reply: FastifyReply, kind: CookieKind, site: BrowserSite): void {
  const { maxAge: _maxAge, ...rest } = options(kind, site);
  void reply.clearCookie(nameOf(kind, site), rest);
}
