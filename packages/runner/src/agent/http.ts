import http from 'node:http';
import https from 'node:https';

/** Where the server is: its address, or the Unix socket of the server on the same machine. */
export type ServerAddress =
  | { url: string; socketPath?: never }
  | { socketPath: string; url?: never };

interface HttpRequest {
  method: 'POST' | 'GET';
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
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
  close(): void;
}

/** An answer of the runner protocol is small, but for a job's payload. */
const LARGEST_ANSWER_BYTES = 32 * 1024 ** 2;

export function createHttpClient(address: ServerAddress, token: string | null): HttpClient {
  const base = new URL(address.url ?? 'http://sluice.internal');
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: 32 });
  const prefix = base.pathname.replace(/\/$/, '');
  return {
    close: () => agent.destroy(),
    request: ({ method, path, headers = {}, body, timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const options: https.RequestOptions = {
          method,
          agent,
          path: `${prefix}${path}`,
          headers: {
            ...headers,
            ...(token === null ? {} : { authorization: `Token ${token}` }),
            'content-length': body?.length ?? 0,
          },
          ...(address.socketPath === undefined
            ? { protocol: base.protocol, hostname: base.hostname, port: base.port }
            : { socketPath: address.socketPath }),
          ...(signal ? { signal } : {}),
        };
        const request = transport.request(options, (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > LARGEST_ANSWER_BYTES)
              response.destroy(new Error('The answer is too large.'));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('close', () => {
            clearTimeout(timer);
            if (!response.complete) reject(new Error('The connection was lost.'));
          });
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          );
        });
        const timer = setTimeout(
          () => request.destroy(new Error(`No answer within ${timeoutMs} ms.`)),
          timeoutMs,
        );
        request.on('error', (error) => {
          clearTimeout(timer);
          reject(error);
        });
        request.end(body);
      }),
  };
}
