import type { FastifyRequest } from 'fastify';
import type { Accounts, Identity } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import { requireSameOrigin } from './same-origin.ts';
import { readCookie } from './session-cookie.ts';
import { siteOf } from './site.ts';

const HEADER = /^(token|bearer|basic)\s+(\S.*?)\s*$/i;

/**
 * The texts of an `Authorization` header that may be the token, in the order to try them (spec/divio.md 4.1):
 * raw first, then for `Basic` what base64 hides: `anything:X`, `X:` or `X`.
 */
export function tokenCandidates(header: string | undefined): string[] {
  const match = HEADER.exec(header ?? '');
  const raw = match?.[2];
  if (raw === undefined) return [];
  const candidates = [raw];
  if (match?.[1]?.toLowerCase() === 'basic') {
    const pair = decodeBasic(raw);
    if (pair !== null) candidates.push(pair.password, pair.user);
  }
  return candidates.filter(
    (candidate, index) => candidate !== '' && candidates.indexOf(candidate) === index,
  );
}

/** User and password of a `Basic` header as the standard has it; without a colon all of it is the user. */
export function basicPair(header: string | undefined): { user: string; password: string } | null {
  const match = /^basic\s+(\S+)\s*$/i.exec(header ?? '');
  return match?.[1] === undefined ? null : decodeBasic(match[1]);
}

function decodeBasic(text: string): { user: string; password: string } | null {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0
    ? { user: decoded, password: '' }
    : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Who sent this request, by token; null without one that is valid. The only way in for git and runners. */
export async function identifyByToken(
  accounts: Pick<Accounts, 'authenticate'>,
  request: FastifyRequest,
): Promise<Identity | null> {
  const candidates = tokenCandidates(request.headers.authorization);
  if (candidates.length === 0) return null;
  return accounts.authenticate({ kind: 'token', candidates }, request.ip);
}

/**
 * Who sent this request: by the `Authorization` header if there is one, whatever it is worth, else by the browser's
 * session, which is noted in `request.session`. Throws `forbidden` for a session that another site's page makes use of.
 */
export async function identify(
  accounts: Pick<Accounts, 'authenticate' | 'sessions'>,
  request: FastifyRequest,
  publicUrl: string,
): Promise<Identity | null> {
  if (request.headers.authorization !== undefined) return identifyByToken(accounts, request);
  const site = siteOf(request, publicUrl);
  const token = readCookie(request, 'session', site);
  if (token === null) return null;
  requireSameOrigin(request, site);
  const found = await accounts.sessions.find(token);
  if (found === null) return null;
  request.session = found.session;
  return found.identity;
}

/** For git: a token in either half of the pair, else email and password. Never a cookie. */
export async function identifyGit(
  accounts: Pick<Accounts, 'authenticate'>,
  request: FastifyRequest,
): Promise<Identity | null> {
  const identity = await identifyByToken(accounts, request);
  if (identity !== null) return identity;
  const pair = basicPair(request.headers.authorization);
  if (pair === null || pair.password === '' || !pair.user.includes('@')) return null;
  const { user: email, password } = pair;
  return accounts.authenticate({ kind: 'password', email, password }, request.ip);
}

const SEND = 'Send the header "Authorization: Token <token>".';

export const unauthenticated = (header: string | undefined): SluiceError =>
  header === undefined
    ? new SluiceError('unauthenticated', 'Authentication credentials were not provided.', {
        remedy: SEND,
      })
    : HEADER.test(header)
      ? new SluiceError('unauthenticated', 'Invalid token.', {
          remedy: 'It may have expired or been revoked; make a new one.',
        })
      : new SluiceError('unauthenticated', 'This Authorization header holds no token.', {
          remedy: SEND,
        });
