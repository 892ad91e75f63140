import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pinnedLookup, resolveHost } from '../../git/mirrors/networks.ts';
import type { StatusRequest } from './hosts.ts';

export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/**
 * Posts JSON and answers the status, following no redirect: that would carry the token to where nobody has asked for it.
 * Without `allowLocal` a host in a local network is refused (`invalid`), and the connection goes to exactly the addresses
 * that were checked, whatever its name says a moment later.
 */
export async function postStatus(
  { url, headers, body }: StatusRequest,
  { allowLocal, signal }: { readonly allowLocal: boolean; readonly signal: AbortSignal },
): Promise<Answer> {
  const { hostname, protocol } = new URL(url);
  const addresses = await resolveHost(hostname.replace(/^\[|\]$/g, ''), allowLocal);
  const lookup = pinnedLookup(addresses);
  const text = JSON.stringify(body);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((answered, failed) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          'user-agent': 'Sluice',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          ...headers,
        },
        ...{ lookup, signal, agent: false },
      },
      (response) => {
        // Its text is nobody's business.
        response.destroy();
        answered({
          status: response.statusCode ?? 0,
          headers: {
            get: (name) => {
              const value = response.headers[name.toLowerCase()];
              return Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
            },
          },
        });
      },
    );
    request.on('error', failed);
    request.end(text);
  });
}
