import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { SluiceError } from '../errors.ts';

const codes: Readonly<Record<number, SluiceError['code']>> = {
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  503: 'unavailable',
};

/** Thrown where nobody answers on the socket; the router is gone or on its way back. */
export class NoRouter extends Error {
  override readonly name = 'NoRouter';
}

/** Speaks to the router's control socket. */
export class ControlClient {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /**
   * One command. The answer's JSON object.
   * @throws NoRouter where no answer came within `timeoutMs`; SluiceError as the router said it.
   */
  call(
    method: string,
    path: string,
    body: object | null,
    timeoutMs: number,
  ): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const text = body === null ? '' : JSON.stringify(body);
      const outgoing = httpRequest({
        agent: this.#agent,
        socketPath: this.#socketPath,
        method,
        path,
        headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
      });
      const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), timeoutMs);
      const fail = (cause: unknown): void => {
        clearTimeout(timer);
        reject(new NoRouter('The router does not answer.', { cause }));
      };
      outgoing.on('error', fail);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const value = parse(Buffer.concat(chunks).toString('utf8'));
          const status = response.statusCode ?? 500;
          if (status < 300) resolve(value);
          else reject(failure(status, value));
        });
      });
      outgoing.end(text);
    });
  }

  /**
   * Holds a connection to the router. `onLost` is called once: when the process ends, which the kernel tells at once,
   * or when it has not stirred for `silenceMs`. The answer ends the watch.
   */
  watch(silenceMs: number, onLost: (why: 'ended' | 'silent') => void): () => void {
    let over = false;
    const lose = (why: 'ended' | 'silent'): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      outgoing.destroy();
      onLost(why);
    };
    const timer = setTimeout(() => lose('silent'), silenceMs);
    const outgoing: ClientRequest = httpRequest({
      socketPath: this.#socketPath,
      path: '/v1/watch',
      agent: false,
    });
    outgoing.on('error', () => lose('ended'));
    outgoing.on('socket', (socket) => socket.unref());
    timer.unref();
    outgoing.on('response', (response) => {
      response.on('data', () => timer.refresh());
      response.on('error', () => lose('ended'));
      response.on('close', () => lose('ended'));
    });
    outgoing.end();
    return () => {
      over = true;
      clearTimeout(timer);
      outgoing.destroy();
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // An answer that is no JSON says nothing more than its status.
  }
  return {};
}

function failure(status: number, value: Record<string, unknown>): SluiceError {
  const { reason, message, remedy } = value;
  return new SluiceError(
    codes[status] ?? 'internal',
    typeof message === 'string' ? message : `The router answered ${status}.`,
    {
      ...(typeof reason === 'string' ? { reason } : {}),
      ...(typeof remedy === 'string' ? { remedy } : {}),
    },
  );
}
