import { type RawAnswer, rawRequest } from './raw-request.ts';

export interface TestBrowser {
  /** Cookies by name, as they would be sent. */
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RawAnswer>;
}

/** Keeps cookies and says where its page is from, as browsers do; headers given with a request replace its own. */
export function createBrowser(url: string): TestBrowser {
  const cookies = new Map<string, string>();

  const send: TestBrowser['send'] = async (method, path, body, headers = {}) => {
    const pairs = [...cookies].map(([name, value]) => `${name}=${value}`);
    const answer = await rawRequest(url, path, {
      method,
      headers: {
        'sec-fetch-site': 'same-origin',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) test',
        ...(pairs.length === 0 ? {} : { cookie: pairs.join('; ') }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };

  return { cookies, send, get: (path, headers) => send('GET', path, undefined, headers) };
}
