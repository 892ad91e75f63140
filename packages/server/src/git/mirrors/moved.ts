import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parseAddress, type RemoteAddress } from './address.ts';
import { type Credentials, usernameFor } from './connection.ts';
import { pinnedLookup } from './networks.ts';

/** What a host answers whose repository was renamed, transferred or taken elsewhere. */
export interface Redirect {
  readonly status: number;
  readonly location: string;
}

/**
 * `follow`: the same door of the same host, for good; whoever is trusted with the repository may say what it is called.
 * `offer`: another host or for now only; somebody has to accept that, and it gets no credential before. `refuse`: `why`.
 */
export type Move =
  | { readonly kind: 'follow'; readonly url: string }
  | { readonly kind: 'offer'; readonly url: string }
  | { readonly kind: 'refuse'; readonly url: string; readonly why: string };

const DISCOVERY = '/info/refs';
const QUERY = '?service=git-upload-pack';
const FOR_GOOD: ReadonlySet<number> = new Set([301, 308]);
const ASK_MS = 15_000;

/** Pure: what a redirect of git's first question means; null: nothing, such as a way to a page for signing in. */
export function readRedirect(
  from: RemoteAddress,
  { status, location }: Redirect,
  protocols: readonly string[],
): Move | null {
  const asked = discoveryOf(from);
  if (!URL.canParse(location, asked.href)) return null;
  const target = new URL(location, asked.href);
  if (!target.pathname.endsWith(DISCOVERY)) return null;
  const path = target.pathname.slice(0, -DISCOVERY.length);
  const isSameDoor = target.origin === asked.origin;
  const url = isSameDoor
    ? Object.assign(new URL(from.text), { pathname: path }).href
    : `${target.protocol}//${target.host}${path}`;
  const isItself = isSameDoor && target.pathname === asked.pathname;
  if (path === '' || isItself) return null;
  try {
    parseAddress(url, protocols);
  } catch (error) {
    return { kind: 'refuse', url, why: error instanceof Error ? error.message : String(error) };
  }
  return { kind: isSameDoor && FOR_GOOD.has(status) ? 'follow' : 'offer', url };
}

function discoveryOf(address: RemoteAddress): URL {
  const url = new URL(`${address.text.replace(/\/+$/, '')}${DISCOVERY}${QUERY}`);
  url.username = '';
  return url;
}

/**
 * Asks the host itself, as git does but following nothing: git tells that it was redirected, not where to. The connection
 * goes to `ips` and nowhere else. Null: no redirect this time.
 */
export async function askRedirect(
  address: RemoteAddress,
  ips: readonly string[],
  credentials: Credentials,
): Promise<Redirect | null> {
  if (address.protocol !== 'http' && address.protocol !== 'https') return null;
  const send = address.protocol === 'https' ? httpsRequest : httpRequest;
  const { password } = credentials;
  const user = usernameFor(address, credentials);
  const basic = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
  return new Promise((answered) => {
    const request = send(
      discoveryOf(address),
      {
        headers: {
          'user-agent': 'git/2.0 (Sluice)',
          ...(password === null ? {} : { authorization: basic }),
        },
        ...{ lookup: pinnedLookup(ips), signal: AbortSignal.timeout(ASK_MS), agent: false },
      },
      (response) => {
        response.destroy();
        const { statusCode: status = 0, headers } = response;
        const isRedirect = status >= 300 && status <= 399 && headers.location !== undefined;
        answered(isRedirect ? { status, location: headers.location ?? '' } : null);
      },
    );
    request.on('error', () => answered(null));
    request.end();
  });
}
