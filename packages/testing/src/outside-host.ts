import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRepository, type TestRepository } from './git.ts';

/** A git host somewhere else: `git http-backend` behind a small server, with one user and one password. */
export interface OutsideHost {
  readonly user: string;
  readonly password: string;
  /** Makes `<name>.git` there and answers its address and a work tree whose `origin` it is. */
  create(name: string): Promise<{ url: string; work: TestRepository }>;
  /** Gives it another name; whoever asks for the old one is sent on. */
  rename(from: string, to: string): Promise<string>;
  /** Sends whoever asks for `name` to another address, without its `.git`. */
  redirect(name: string, to: string, status: number): void;
  /** Lets everybody read it. */
  publish(name: string): void;
  /** How it behaves from now on. */
  be(behaviour: Behaviour): void;
  /** Requests since the start, for what was asked. */
  readonly requests: readonly string[];
  /** Those of them that brought a credential. */
  readonly authorized: readonly string[];
  /** Goes away with everything. */
  close(): Promise<void>;
}

/**
 * `up`; `refusing`: 401 for everybody; `broken`: 500; `silent`: takes connections and says nothing; `gone`: 404;
 * `moving`: redirects to itself, in circles; `dripping`: answers a byte a second, without an end.
 */
export type Behaviour = 'up' | 'refusing' | 'broken' | 'silent' | 'gone' | 'moving' | 'dripping';

export async function createOutsideHost(): Promise<OutsideHost> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-outside-'));
  const [user, password] = ['mirror', 'pa$$ word/ä"\'%40'];
  const requests: string[] = [];
  const authorized: string[] = [];
  const published = new Set<string>();
  const redirects = new Map<string, { to: string; status: number }>();
  let behaviour: Behaviour = 'up';

  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    if (req.headers.authorization !== undefined) authorized.push(`${req.method} ${req.url}`);
    const [name = '', rest = ''] = (req.url ?? '').slice(1).split('.git', 2);
    const redirect = redirects.get(name);
    const given = Buffer.from(req.headers.authorization?.slice('Basic '.length) ?? '', 'base64');
    if (behaviour === 'silent') return;
    if (behaviour === 'broken') res.writeHead(500).end('broken');
    else if (behaviour === 'gone') res.writeHead(404).end('gone');
    else if (behaviour === 'moving') res.writeHead(302, { location: req.url }).end();
    else if (behaviour === 'dripping') drip(res);
    else if (published.has(name) && behaviour === 'up') serve(root, req, res);
    else if (behaviour === 'refusing' || given.toString('utf8') !== `${user}:${password}`) {
      res.writeHead(401, { 'www-authenticate': 'Basic realm="outside"' }).end();
    } else if (redirect !== undefined) {
      res.writeHead(redirect.status, { location: `${redirect.to}.git${rest}` }).end();
    } else serve(root, req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    ...{ user, password, requests, authorized },
    publish: (name) => {
      published.add(name);
    },
    rename: async (from, to) => {
      await mkdir(dirname(join(root, to)), { recursive: true });
      await rename(join(root, `${from}.git`), join(root, `${to}.git`));
      redirects.set(from, { to: `/${to}`, status: 301 });
      return join(root, `${to}.git`);
    },
    redirect: (name, to, status) => {
      redirects.set(name, { to, status });
    },
    be: (next) => {
      behaviour = next;
      if (next !== 'silent') server.closeIdleConnections();
    },
    create: async (name) => {
      const bare = join(root, `${name}.git`);
      await (await createRepository({ path: bare, bare: true })).git(
        'config',
        'http.receivepack',
        'true',
      );
      const work = await createRepository();
      await work.git('remote', 'add', 'origin', bare);
      return { url: `http://127.0.0.1:${port}/${name}.git`, work };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** As the beginning of a list of refs that never comes to its end. */
function drip(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
  const dripping = setInterval(() => res.write('0'), 1_000);
  res.on('close', () => clearInterval(dripping));
}

function serve(root: string, req: IncomingMessage, res: ServerResponse): void {
  const [path = '', query = ''] = (req.url ?? '').split('?', 2);
  const header = (name: string) => String(req.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: req.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  req.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let isBody = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (isBody) {
      res.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    isBody = true;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/: */, 2);
      if (name.toLowerCase() === 'status') res.statusCode = Number.parseInt(value, 10);
      else res.setHeader(name, value);
    }
    res.write(head.subarray(end + 4));
  });
  child.on('close', () => res.end());
  res.on('close', () => child.kill());
}
