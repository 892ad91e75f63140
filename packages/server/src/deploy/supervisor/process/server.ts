import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { startTask } from '../task.ts';
import { type InstanceSpec, supervisorProtocol, type TaskSpec } from '../types.ts';
import type { Instances } from './instances.ts';
import { readUsage } from './usage.ts';

export interface ControlDeps {
  readonly instances: Instances;
  /** Called after the answer that everything is stopped was sent. */
  readonly onShutdown: () => void;
}

/**
 * The control socket's HTTP. Who can open the socket may do everything; the directory's mode decides who that is,
 * so bodies are trusted to have their types.
 */
export function createControlServer({ instances, onShutdown }: ControlDeps): Server {
  const handle = async (request: IncomingMessage): Promise<unknown> => {
    const url = new URL(request.url ?? '/', 'http://supervisor');
    const [, kind, id = ''] = url.pathname.split('/');
    const route = `${request.method} ${kind}`;
    const graceMs = Number(url.searchParams.get('grace') ?? 10_000);
    switch (route) {
      case 'GET state':
        return { protocol: supervisorProtocol, pid: process.pid };
      case 'GET instances':
        return instances.list();
      case 'GET usage':
        return readUsage(instances.list().map((one) => one.id));
      case 'PUT instances':
        return instances.start((await readJson(request)) as InstanceSpec);
      case 'DELETE instances':
        await instances.stop(id, graceMs);
        return {};
      case 'PUT tasks':
        return { started: await startTask((await readJson(request)) as TaskSpec) };
      case 'POST shutdown':
        await instances.stopAll(graceMs);
        return {};
      default:
        return undefined;
    }
  };

  const server = createServer((request, response) => {
    handle(request).then(
      (answer) => {
        send(response, answer === undefined ? 404 : 200, answer ?? { error: 'no such call' });
        if (answer !== undefined && request.url?.startsWith('/shutdown') === true) {
          response.once('close', onShutdown);
        }
      },
      (error: unknown) => {
        send(response, 500, { error: error instanceof Error ? error.message : String(error) });
      },
    );
  });
  // Stopping an instance may take its whole grace.
  server.requestTimeout = 0;
  return server;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
