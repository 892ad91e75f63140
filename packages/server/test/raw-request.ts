import { request } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The text read as JSON; null when it is none. */
  readonly json: unknown;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with every method, also GET, as the divio client does. */
  readonly body?: string;
  readonly socketPath?: string;
}

/** As long as changes are gathered, and a little more. */
const FIRST_EVENTS_MS = 300;

/** One request exactly as given: `fetch` refuses bodies on GET and cleans paths. */
export function rawRequest(
  base: string,
  path: string,
  options: RawRequest = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const { method = 'GET', headers = {}, body, socketPath } = options;
  const place = socketPath === undefined ? { host: hostname, port } : { socketPath };
  return new Promise((resolve, reject) => {
    const sent = request({ ...place, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      // A stream of events has no end; what it says first is enough here.
      if (response.headers['content-type']?.startsWith('text/event-stream')) {
        setTimeout(() => response.destroy(), FIRST_EVENTS_MS);
      }
      response.on('close', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: parse(text),
        });
      });
    });
    sent.on('error', reject);
    if (body !== undefined) sent.setHeader('content-length', Buffer.byteLength(body));
    sent.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
