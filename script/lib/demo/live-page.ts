import { get } from 'node:http';

export interface LivePage {
  readonly status: number;
  readonly commit: string | null;
  readonly body: string;
}

/**
 * Fetches an application's URL as a browser would. Browsers know that `*.localhost` is this machine; the
 * resolvers of many systems do not, so the connection goes to the loopback address and the name into `Host`.
 */
export function fetchLivePage(url: string): Promise<LivePage> {
  const { hostname, port, pathname, host } = new URL(url);
  const address = hostname.endsWith('.localhost') ? '127.0.0.1' : hostname;
  return new Promise((found, failed) => {
    const request = get({ host: address, port, path: pathname, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const commit = response.headers['x-commit'];
        found({
          status: response.statusCode ?? 0,
          commit: typeof commit === 'string' ? commit : null,
          body,
        });
      });
    });
    request.on('error', failed);
    request.setTimeout(10_000, () => request.destroy(new Error(`${url} did not answer`)));
  });
}
