import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long the rest of a refused request's body is read and thrown away, so that the client sees the answer. */
const lingerMs = 5_000;

/**
 * An answer of the router itself: plain text, so that nothing that a client sent can become a script.
 * Does nothing but cut the connection where an answer has already begun.
 */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `${message}\n`;
  // Who did not send the rest of a request cannot be trusted to send a next one in the right place.
  if (status === 408) response.shouldKeepAlive = false;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 502 || status === 503 ? { 'Retry-After': '1' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  lingerOverBody(request);
}

/** Sends a client on to `location`, for good; the method and the body stay (308). */
export function redirect(
  request: IncomingMessage,
  response: ServerResponse,
  location: string,
): void {
  response.setHeader('Location', location);
  answer(request, response, 308, `This is at ${location} now.`);
}

/**
 * Reads on for a while when an answer came before the end of the request's body: closing at once would make the
 * kernel send a reset, and the client would lose the answer.
 */
export function lingerOverBody(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  timer.unref();
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop);
  request.once('close', stop);
}

export const unknownHost = (host: string): string =>
  [
    `Nothing is deployed at ${host}.`,
    '',
    'If this should be an application: deploy it once (`sluice app deploy`), and compare this name with the one that',
    '`sluice app list` shows for its environment.',
  ].join('\n');

export const stoppedEnvironment =
  'This environment is stopped. A deployment starts it again (`sluice app deploy`).';

export const withoutBackend =
  'No instance of this application is running. Its deployments and logs say why (`sluice app deploy-log`).';
