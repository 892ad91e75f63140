import { request as httpRequest, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answer, redirect, stoppedEnvironment, unknownHost, withoutBackend } from './answers.ts';
import { chooseUpstream, type Upstream } from './backends.ts';
import { clientFacts } from './client-facts.ts';
import type { Context } from './context.ts';
import { redirection } from './edge.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './headers.ts';
import { announcedLength } from './request-body.ts';
import { readTarget } from './target.ts';

/**
 * Whether a request's `Upgrade` is passed on. `h2c` is not: inside that tunnel a client could send requests that no
 * rule of the router sees. It is then served as the plain request that it also is.
 */
export function wantsTunnel(request: IncomingMessage): boolean {
  const protocol = request.headers.upgrade;
  return (
    protocol !== undefined && /^[\w.+-]+(?:\/[\w.+-]+)?$/.test(protocol) && !/^h2c/i.test(protocol)
  );
}

/** A WebSocket or other upgrade: asks the backend, and only after its 101 joins the two connections. */
export function upgrade(
  context: Context,
  request: IncomingMessage,
  client: Socket,
  head: Buffer,
): void {
  client.on('error', () => client.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(client);
  response.on('finish', () => client.end());
  response.on('error', () => client.destroy());
  const say = (status: number, message: string): void => {
    context.counters.countAnswer(status);
    answer(request, response, status, message);
  };
  const target = readTarget(request);
  if ('status' in target) {
    say(target.status, target.message);
    return;
  }
  if (announcedLength(request) !== 0) {
    say(400, 'An upgrade carries no body.');
    return;
  }

  const facts = clientFacts(request, target.hostHeader, context);
  const headers = forwardedRequestHeaders(request.rawHeaders, facts);
  headers.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? '');
  const deadline = Date.now() + context.limits.connectAndSendTimeoutMs;
  const tried = new Set<Upstream>();

  const attempt = (): void => {
    const entry = context.table.find(target.host);
    if (entry === undefined) {
      say(404, unknownHost(target.host));
      return;
    }
    const elsewhere = redirection(context, request, target, entry.route, facts.isTrusted);
    if (elsewhere !== null) {
      context.counters.countAnswer(308);
      redirect(request, response, elsewhere);
      return;
    }
    if (entry.route.status === 'stopped') {
      say(503, stoppedEnvironment);
      return;
    }
    if (entry.members.length === 0) {
      say(503, withoutBackend);
      return;
    }
    context.counters.turn += 1;
    const upstream = chooseUpstream(entry.members, tried, context.counters.turn);
    if (upstream === null || Date.now() > deadline) {
      say(502, 'No instance of this application accepts connections.');
      return;
    }
    ask(
      context,
      upstream,
      { method: request.method ?? 'GET', path: target.path, headers, client },
      {
        refused: () => {
          upstream.mistrust();
          tried.add(upstream);
          context.counters.retries += 1;
          attempt();
        },
        failed: say,
        declined: (reply) => {
          response.writeHead(
            reply.statusCode ?? 502,
            forwardedResponseHeaders(reply.rawHeaders, reply.statusCode ?? 502),
          );
          reply.pipe(response);
          reply.on('error', () => response.destroy());
        },
        accepted: (reply, backend, backendHead) => {
          response.detachSocket(client);
          client.write(switchingProtocols(reply), 'latin1');
          if (backendHead.length > 0) client.write(backendHead);
          if (head.length > 0) backend.write(head);
          join(client, backend);
        },
      },
    );
  };
  attempt();
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly client: Socket;
}

interface Outcome {
  refused(): void;
  failed(status: number, message: string): void;
  declined(reply: IncomingMessage): void;
  accepted(reply: IncomingMessage, backend: Duplex, head: Buffer): void;
}

/** Sends the request to one backend. Exactly one function of `outcome` is called, unless the client leaves first. */
function ask(context: Context, upstream: Upstream, question: Question, outcome: Outcome): void {
  const { connectTimeoutMs, readTimeoutMs } = context.limits;
  let connected = false;
  let settled = false;
  upstream.begin();
  const outgoing = httpRequest({
    host: upstream.backend.host,
    port: upstream.backend.port,
    method: question.method,
    path: question.path,
    headers: question.headers,
    agent: false,
    setHost: false,
  });
  const onClientClose = (): void => void outgoing.destroy();
  question.client.once('close', onClientClose);
  let timer = setTimeout(() => outgoing.destroy(new Error('connect timeout')), connectTimeoutMs);
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    question.client.off('close', onClientClose);
    return true;
  };
  outgoing.on('socket', (socket) => {
    socket.once('connect', () => {
      connected = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!settle()) return;
        outgoing.destroy();
        upstream.end();
        outcome.failed(504, 'The application did not answer in time.');
      }, readTimeoutMs);
    });
  });
  outgoing.on('error', () => {
    if (!settle()) return;
    upstream.end();
    if (question.client.destroyed) return;
    if (connected) outcome.failed(502, 'The application closed the connection without an answer.');
    else outcome.refused();
  });
  outgoing.on('response', (reply) => {
    if (!settle()) return;
    reply.once('close', () => upstream.end());
    question.client.once('close', () => outgoing.destroy());
    reply.setTimeout(readTimeoutMs, () => outgoing.destroy());
    outcome.declined(reply);
  });
  outgoing.on('upgrade', (reply, backend, head) => {
    if (!settle()) {
      backend.destroy();
      return;
    }
    context.counters.upgradedConnections += 1;
    backend.once('close', () => {
      context.counters.upgradedConnections -= 1;
      upstream.end();
    });
    outcome.accepted(reply, backend, head);
  });
  outgoing.end();
}

function switchingProtocols(reply: IncomingMessage): string {
  const headers = forwardedResponseHeaders(reply.rawHeaders, 101);
  headers.push('Connection', 'Upgrade', 'Upgrade', reply.headers.upgrade ?? 'websocket');
  let text = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Joins two connections until both have ended or one broke. `pipe` carries back-pressure and the end of each side. */
function join(client: Socket, backend: Duplex): void {
  client.setTimeout(0);
  client.setKeepAlive(true, 30_000);
  const cut = (): void => {
    client.destroy();
    backend.destroy();
  };
  backend.on('error', cut);
  client.on('close', () => backend.destroy());
  backend.on('close', () => client.destroySoon());
  client.pipe(backend);
  backend.pipe(client);
}
