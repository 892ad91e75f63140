import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SluiceError } from '../../errors.ts';
import type { RouterState } from '../types.ts';
import type { Context } from './context.ts';

const statuses: Partial<Record<SluiceError['code'], number>> = {
  invalid: 422,
  conflict: 409,
  not_found: 404,
  too_large: 413,
  unavailable: 503,
};

const mostControlBytes = 4 * 1024 * 1024;
const heartbeatMs = 2_000;

export interface ControlOptions {
  readonly socket: string;
  readonly state: () => RouterState;
  readonly shutDown: () => void;
}

/**
 * HTTP over a Unix socket, for the server alone: who may enter `run/` (0700) may command the router.
 *
 * `GET /v1/state`, `GET|PUT /v1/routes`, `DELETE /v1/routes/<host>`, `POST /v1/drained`, `GET /v1/stats`,
 * `POST /v1/shutdown`, and `GET /v1/watch`: an answer that goes on as long as the router lives.
 */
export async function listenForControl(context: Context, options: ControlOptions): Promise<Server> {
  const server = createServer((request, response) => {
    perform(context, options, request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const known = error instanceof SluiceError ? error : null;
      if (known === null) context.log('error', 'control failed', { error: String(error) });
      send(response, known === null ? 500 : (statuses[known.code] ?? 500), {
        code: known?.code ?? 'internal',
        reason: known?.reason ?? null,
        message: known?.message ?? 'The router met an unexpected error; its log says more.',
        remedy: known?.remedy ?? null,
      });
    });
  });
  // The lock is held, so a socket that is still there is a dead router's.
  rmSync(options.socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: options.socket }, resolve);
  });
  return server;
}

async function perform(
  context: Context,
  options: ControlOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  const removal = /^\/v1\/routes\/([^/?]+)$/.exec(path)?.[1];
  if (request.method === 'DELETE' && removal !== undefined) {
    await context.table.remove(decodeURIComponent(removal));
    return send(response, 200, {});
  }
  switch (`${request.method} ${path}`) {
    case 'GET /v1/state':
      return send(response, 200, options.state());
    case 'GET /v1/routes':
      return send(response, 200, { routes: context.table.routes() });
    case 'PUT /v1/routes': {
      const { routes } = await readJson(request);
      if (!Array.isArray(routes)) throw new SluiceError('invalid', 'A list of routes is needed.');
      await context.table.set(routes);
      return send(response, 200, {});
    }
    case 'POST /v1/drained':
      return drained(context, request, response);
    case 'GET /v1/stats':
      return send(response, 200, context.counters.stats(context.upstreams));
    case 'POST /v1/shutdown':
      send(response, 202, {});
      options.shutDown();
      return;
    case 'GET /v1/watch':
      return watch(response);
    default:
      throw new SluiceError('not_found', 'The router knows no such command.');
  }
}

async function drained(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { backend, timeoutMs } = await readJson(request);
  if (typeof backend !== 'string' || typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new SluiceError('invalid', 'A backend and a time-out are needed.');
  }
  const left = new AbortController();
  response.once('close', () => left.abort());
  const limitMs = Math.min(timeoutMs, 2 ** 31 - 1);
  send(response, 200, { drained: await context.upstreams.drained(backend, limitMs, left.signal) });
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  response.write('\n');
  const timer = setInterval(() => response.write('\n'), heartbeatMs);
  response.once('close', () => clearInterval(timer));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostControlBytes) throw new SluiceError('too_large', 'The command is too long.');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw new SluiceError('invalid', 'A JSON object is needed.');
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}
