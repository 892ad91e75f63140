import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './answers.ts';
import type { Context } from './context.ts';
import { answerAsk } from './edge.ts';
import { Exchange } from './exchange.ts';
import { readTarget } from './target.ts';
import { upgrade, wantsTunnel } from './upgrade.ts';

const ignore = (): void => undefined;

export interface Front {
  readonly server: Server;
  /** Takes no more connections and answers when every request has ended, or `timeoutMs` have passed and they were cut. */
  finish(timeoutMs: number): Promise<void>;
}

/** The side that browsers see. Malformed requests never come this far: Node's parser answers 400, 408 and 431 itself. */
export function createFront(context: Context): Front {
  const { limits } = context;
  const requests = new Set<ServerResponse>();
  const tunnels = new Set<Socket>();
  let finishing = false;

  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // A body of 500 MB may rightly take long; what limits it is silence, see request-body.ts.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    requireHostHeader: false,
    noDelay: true,
    shouldUpgradeCallback: wantsTunnel,
  });
  // Node would silently drop the header lines beyond 2,000; their size is limited already.
  server.maxHeadersCount = 0;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    context.counters.requests += 1;
    requests.add(response);
    if (finishing) response.shouldKeepAlive = false;
    response.on('close', () => requests.delete(response));
    // A write that crosses with a client's leaving is no news; `close` follows.
    response.on('error', ignore);
    const target = readTarget(request);
    if ('status' in target) {
      context.counters.countAnswer(target.status);
      answer(request, response, target.status, target.message);
      return;
    }
    if (answerAsk(context, request, response, target)) return;
    new Exchange(context, request, response, target).start();
  };
  server.on('request', onRequest);
  server.on('checkContinue', onRequest);
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    context.counters.requests += 1;
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    upgrade(context, request, socket, head);
  });
  server.on('connect', (_request, stream) => {
    context.counters.countAnswer(501);
    stream.on('error', () => stream.destroy());
    stream.end('HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });

  const finish = async (timeoutMs: number): Promise<void> => {
    finishing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const response of requests) {
      if (!response.headersSent) response.shouldKeepAlive = false;
    }
    const deadline = Date.now() + timeoutMs;
    while (requests.size > 0 && Date.now() < deadline) {
      server.closeIdleConnections();
      await delay(25);
    }
    // A WebSocket has no end to wait for: its client connects again, to the next router.
    for (const socket of tunnels) socket.destroy();
    server.closeAllConnections();
    await closed;
  };
  return { server, finish };
}
