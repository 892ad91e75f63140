import type { IncomingMessage } from 'node:http';
import { parseHostHeader } from '../host-name.ts';
import { countHeader } from './headers.ts';

/** Where a request wants to go. */
export interface Target {
  /** Normalised host name, the key of the table. */
  readonly host: string;
  /** The `Host` field as it came, for the backend. */
  readonly hostHeader: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
}

export interface Refusal {
  readonly status: 400 | 501;
  readonly message: string;
}

const refuse = (message: string): Refusal => ({ status: 400, message });

/**
 * Reads host and path strictly: what two programs could read in two ways is refused, for that is what request
 * smuggling and cache poisoning live on. The parser in front (llhttp, strict) has already refused what is malformed.
 */
export function readTarget(request: IncomingMessage): Target | Refusal {
  const url = request.url ?? '';
  if (request.method === 'TRACE') return { status: 501, message: 'The router does not do TRACE.' };
  if (countHeader(request.rawHeaders, 'host') !== 1) {
    return refuse('Exactly one Host header is needed.');
  }
  const hostHeader = request.headers.host ?? '';
  const host = parseHostHeader(hostHeader);
  if (host === null) return refuse('The Host header is not a host name.');
  if (request.headers['transfer-encoding'] !== undefined) {
    // llhttp refuses it beside Content-Length already; a list of codings is refused here.
    if (request.headers['transfer-encoding'].toLowerCase() !== 'chunked') {
      return { status: 501, message: 'The only transfer coding the router knows is chunked.' };
    }
    if (request.httpVersion !== '1.1') return refuse('Transfer-Encoding needs HTTP/1.1.');
  }
  if (url.startsWith('/')) {
    return url.includes('#')
      ? refuse('A path holds no fragment.')
      : { host, hostHeader, path: url };
  }
  if (url === '*') return refuse('The router has no resource of its own to ask about.');
  return absoluteForm(url, host, hostHeader);
}

function absoluteForm(url: string, host: string, hostHeader: string): Target | Refusal {
  const match = /^http:\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(url);
  const authority = match?.[1];
  if (authority === undefined) return refuse('The request target is not understood.');
  if (parseHostHeader(authority) !== host)
    return refuse('Request target and Host header disagree.');
  const path = match?.[2] ?? '/';
  return { host, hostHeader, path: path.startsWith('/') ? path : `/${path}` };
}
