import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type Agent, request as httpsRequest } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { type Caddy, type CaddyOptions, createCaddy } from '@sluice/testing';
import { World } from '../../router/fixtures/world.ts';
import type { Router } from '../../router/index.ts';
import { readSettings } from '../../settings/read.ts';
import { openStore, type Store } from '../../store/index.ts';
import { createEdge, type Edge } from '../index.ts';

export const SECRET = 'known to the edge alone';

/** A real Caddy in front of a real router. */
export interface EdgeKit {
  readonly caddy: Caddy;
  readonly world: World;
  readonly router: Router;
  readonly edge: Edge;
  readonly authority: string;
  readonly store: Store;
  /** Another hold on the same Caddy, as a server that was started again has it. */
  makeEdge(flags?: readonly string[]): Edge;
  targets: { readonly router: string; readonly server: string };
  tls(host: string, alpn?: string): Promise<TLSSocket>;
  ask(host: string, path?: string, options?: AskOptions): Promise<EdgeReply>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  readonly agent?: Agent;
}

export interface EdgeReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface EdgeKitOptions {
  readonly caddy?: CaddyOptions;
  /** Settings of the edge, as command-line flags. */
  readonly flags?: readonly string[];
}

export async function createEdgeKit(
  server = '127.0.0.1:1',
  options: EdgeKitOptions = {},
): Promise<EdgeKit> {
  const caddy = await createCaddy(options.caddy);
  const world = await World.open();
  const router = world.makeRouter({ edge: { secret: SECRET, httpsPort: caddy.httpsPort } });
  world.port = (await router.start()).port;
  const targets = { router: `127.0.0.1:${world.port}`, server };
  const store = await openStore({ dataDir: world.dataDir });
  const edges: Edge[] = [];
  const makeEdge = (flags: readonly string[] = []): Edge => {
    const settings = readSettings({
      flags: [...caddy.flags, '--edge-zone', 'sluice.example', ...flags],
      environment: {},
    });
    const logger = { info: () => undefined, warn: () => undefined };
    const edge = createEdge({ store, settings, secret: SECRET, logger });
    edges.push(edge);
    return edge;
  };
  const edge = makeEdge(options.flags);
  edge.start(targets);
  await inStep(edge);
  const authority = await caddy.authority();

  const kit: EdgeKit = {
    ...{ caddy, world, router, edge, store, authority, makeEdge, targets },
    tls: async (host, alpn) => {
      const socket = connect({
        host: '127.0.0.1',
        port: caddy.httpsPort,
        servername: host,
        ca: authority,
        ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
      });
      await once(socket, 'secureConnect');
      return socket;
    },
    ask: (host, path = '/', { method = 'GET', headers = {}, body, agent } = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = httpsRequest(
          {
            host: '127.0.0.1',
            port: caddy.httpsPort,
            servername: host,
            ca: authority,
            ...{ method, path, agent: agent ?? false },
            headers: { host: `${host}:${caddy.httpsPort}`, ...headers },
          },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (part: string) => {
              text += part;
            });
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: text,
              }),
            );
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: async () => {
      for (const one of edges) one.stop();
      await store.close();
      await caddy.destroy();
      await world.close();
    },
  };
  return kit;
}

export async function inStep(edge: Edge): Promise<void> {
  for (const end = Date.now() + 60_000; !edge.state().inStep; ) {
    if (Date.now() > end) throw new Error(edge.state().problem ?? 'not in step');
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** One request over HTTP/2. */
export async function askHttp2(kit: EdgeKit, host: string): Promise<EdgeReply> {
  const socket = await kit.tls(host, 'h2');
  const session = connectHttp2(`https://${host}:${kit.caddy.httpsPort}`, {
    createConnection: () => socket,
  });
  try {
    const stream = session.request({ ':path': '/over-h2' });
    const [headers] = (await once(stream, 'response')) as [
      IncomingHttpHeaders & { ':status'?: number },
    ];
    let body = '';
    for await (const part of stream.setEncoding('utf8')) body += part;
    return { status: Number(headers[':status']), headers, body };
  } finally {
    session.destroy();
  }
}
