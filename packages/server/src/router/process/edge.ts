import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { normaliseHostName, parseHostHeader } from '../host-name.ts';
import type { HostRoute, RouterEdge } from '../types.ts';
import { answer } from './answers.ts';
import type { Context } from './context.ts';
import type { Target } from './target.ts';

/** Whether a request comes from the edge: it alone knows the secret, wherever it dials from. */
export function isFromEdge(request: IncomingMessage, edge: RouterEdge | null): boolean {
  const shown = request.headers['x-sluice-edge'];
  return edge !== null && typeof shown === 'string' && isSame(shown, edge.secret);
}

/**
 * Answers the edge's question whether it may get a certificate for a name: 200 where the table knows it, else 404. The
 * router answers rather than the server, for its table outlives the server and is exactly what is served.
 *
 * `GET /.sluice/edge/ask?key=<secret>&domain=<name>`; without the right key it is a request like any other.
 * @returns whether the request was such a question, and so is answered
 */
export function answerAsk(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): boolean {
  if (context.edge === null || !target.path.startsWith('/.sluice/edge/ask?')) return false;
  const { searchParams } = new URL(target.path, 'http://router');
  if (!isSame(searchParams.get('key') ?? '', context.edge.secret)) return false;
  const name = normaliseHostName(searchParams.get('domain') ?? '');
  const isKnown = name !== null && context.table.find(name) !== undefined;
  answer(request, response, isKnown ? 200 : 404, isKnown ? 'known' : 'unknown');
  return true;
}

/**
 * Where a request is sent on to, as an absolute URL; null where it is served here. A name that redirects and plain HTTP
 * behind an edge take one step together.
 */
export function redirection(
  context: Context,
  request: IncomingMessage,
  target: Target,
  route: HostRoute,
  isTrusted: boolean,
): string | null {
  const told = isTrusted ? request.headers['x-forwarded-proto'] : undefined;
  const isHttps = told === 'https';
  const upgrades = context.edge !== null && told === 'http' && isFromEdge(request, context.edge);
  if (route.redirectTo === undefined && !upgrades) return null;
  const scheme = isHttps || upgrades ? 'https' : 'http';
  const host = route.redirectTo ?? target.host;
  const port =
    upgrades && context.edge !== null ? context.edge.httpsPort : portOf(target.hostHeader);
  const isUsual = port === null || port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${host}${isUsual ? '' : `:${port}`}${target.path}`;
}

function portOf(hostHeader: string): number | null {
  if (parseHostHeader(hostHeader) === null) return null;
  const port = /:(\d+)$/.exec(hostHeader)?.[1];
  return port === undefined ? null : Number(port);
}

/** Compares digests, so that the time it takes tells nothing. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
