import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where the server is: its address, or the Unix socket of the server on the same machine. */
export type ServerAddress =
  | { url: string; socketPath?: never }
  | { socketPath: string; url?: never };

interface HttpRequest {
  method: 'POST' | 'GET' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  body?: Buffer | Readable;
  /** Length of a body that is a stream. */
  bodyBytes?: number;
  /** Without an answer for so long, the request counts as failed. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

export interface HttpClient {
  /** Rejects when no answer could be had; a status is never an error here. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The same with the answer's body as a stream, which the caller reads or destroys. */
  stream(request: HttpRequest): Promise<http.IncomingMessage>;
  close(): void;
}

/** An answer of the runner protocol is small, but for a job's payload. */
const LARGEST_ANSWER_BYTES = 32 * 1024 ** 2;

export function createHttpClient(address: ServerAddress, token: string | null): HttpClient {
  const base = new URL(address.url ?? 'http://sluice.internal');
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: 32 });
  const prefix = base.pathname.replace(/\/$/, '');
  /** Resolves with the answer's head; its body is still on the way. */
  const open = (wanted: HttpRequest): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { method, path, headers = {}, body, signal } = wanted;
      const options: https.RequestOptions = {
        method,
        agent,
        path: `${prefix}${path}`,
        headers: {
          ...headers,
          ...(token === null ? {} : { authorization: `Token ${token}` }),
          'content-length': Buffer.isBuffer(body) ? body.length : (wanted.bodyBytes ?? 0),
        },
        ...(address.socketPath === undefined
          ? { protocol: base.protocol, hostname: base.hostname, port: base.port }
          : { socketPath: address.socketPath }),
        ...(signal ? { signal } : {}),
      };
      const request = transport.request(options);
      const timer = setTimeout(
        () => request.destroy(new Error(`No answer within ${wanted.timeoutMs} ms.`)),
        wanted.timeoutMs,
      );
      request.on('response', (response) => {
        response.once('close', () => clearTimeout(timer));
        resolve(response);
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      if (body === undefined || Buffer.isBuffer(body)) request.end(body);
      else pipeline(body, request).catch(() => undefined);
    });

  return {
    close: () => agent.destroy(),
    stream: open,
    request: async (wanted) => {
      const response = await open(wanted);
      return { ...headOf(response), body: await collect(response) };
    },
  };
}

function headOf(response: http.IncomingMessage) {
  return { status: response.statusCode ?? 0, headers: response.headers };
}

function collect(response: http.IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_ANSWER_BYTES) response.destroy(new Error('The answer is too large.'));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('close', () => {
      if (!response.complete) reject(new Error('The connection was lost.'));
    });
    response.on('end', () => resolve(Buffer.concat(chunks)));
  });
}
