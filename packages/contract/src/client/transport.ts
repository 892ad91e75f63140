import { REASON_HEADER } from '../reason-header.ts';
import { ProtocolError, readApiError, UnreachableError } from './errors.ts';

export interface ClientOptions {
  /** `http://host:port`, without a path. */
  readonly baseUrl: string;
  /** Null for calls that need none (`login-with-token`, health), and in browsers, whose cookie says who they are. */
  readonly token: string | null;
  /** Such as `sluice/0.1.0`; null in browsers, which name themselves. */
  readonly userAgent: string | null;
  /** Gives up on one request; long polls get their waiting time on top. Default 60 s. */
  readonly timeoutMs?: number;
}

type QueryValue = string | number | boolean | readonly string[] | null | undefined;

export interface RequestOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds that the server may take longer than usual, for long polls. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Sends one request and answers the parsed JSON body (null for 204). Throws `ApiError`, `UnreachableError`, `ProtocolError`. */
export type Send = <T>(method: string, path: string, options?: RequestOptions) => Promise<T>;

/** Sends one GET for something that is no JSON, and answers when it begins to come. The body may take as long as it likes. */
export type Open = (path: string, signal?: AbortSignal) => Promise<Response>;

export function createOpen({ baseUrl, token, userAgent }: ClientOptions): Open {
  const base = baseUrl.replace(/\/+$/, '');
  return async (path, signal) => {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        headers: {
          ...(userAgent === null ? {} : { 'user-agent': userAgent }),
          ...(token === null ? {} : { authorization: `Token ${token}` }),
        },
        redirect: 'error',
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new UnreachableError(base, error);
    }
    if (response.ok) return response;
    const { status, headers } = response;
    throw readApiError(status, await response.text(), headers.get(REASON_HEADER));
  };
}

export function createSend(options: ClientOptions): Send {
  const base = options.baseUrl.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 60_000;

  return async <T>(method: string, path: string, request: RequestOptions = {}): Promise<T> => {
    const url = /^https?:\/\//.test(path) ? path : `${base}${path}${queryText(request.query)}`;
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(options.userAgent === null ? {} : { 'user-agent': options.userAgent }),
      ...request.headers,
    };
    // The token goes to the server it belongs to only, wherever a `next` link may point.
    if (options.token !== null && url.startsWith(`${base}/`)) {
      headers['authorization'] = `Token ${options.token}`;
    }
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    const limit = AbortSignal.timeout(timeoutMs + (request.waitSeconds ?? 0) * 1000);
    const init: RequestInit = {
      method,
      headers,
      redirect: 'error',
      signal: request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]),
    };
    if (request.body !== undefined) init.body = JSON.stringify(request.body);

    let response: Response;
    let text: string;
    try {
      response = await fetch(url, init);
      text = await response.text();
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new UnreachableError(base, error);
    }
    if (!response.ok) {
      throw readApiError(response.status, text, response.headers.get(REASON_HEADER));
    }
    if (response.status === 204 || text === '') return null as T;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new ProtocolError(
        `${base} answered something that is not JSON; is it a Sluice server?`,
        {
          cause: error,
        },
      );
    }
  };
}

function queryText(query: RequestOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) for (const item of value) parameters.append(name, item);
    else parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** A path segment out of outside text. */
export const segment = (text: string | number): string => encodeURIComponent(String(text));
