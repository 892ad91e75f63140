import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DEFAULT_ENVIRONMENT, machineVariables } from '@sluice/runner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callSocket } from '../../supervisor/client.ts';
import { createSupervisor, type Supervisor } from '../../supervisor/index.ts';
import { type BuiltImage, defaultProbeTiming, type Runtime, RuntimeFailure } from '../runtime.ts';
import { createProcessRuntime } from './index.ts';

let dataDir: string;
let supervisor: Supervisor;
let runtime: Runtime;
let output: string;

const log = async (text: string) => {
  output += text;
};
const never = new AbortController().signal;

function makeRuntime(sandbox: 'auto' | 'off'): Runtime {
  return createProcessRuntime({
    dataDir,
    supervisor,
    sandbox,
    home: homedir(),
    path: process.env['PATH'] ?? '',
    buildVariables: machineVariables(process.env, DEFAULT_ENVIRONMENT, true),
  });
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-rt-'));
  supervisor = createSupervisor({ dataDir, backOffMs: 100 });
  runtime = makeRuntime('auto');
  output = '';
});

afterEach(async () => {
  await callSocket(join(dataDir, 'run/supervisor.sock'), 'POST', '/shutdown?grace=100').catch(
    () => undefined,
  );
  rmSync(dataDir, { recursive: true, force: true });
});

async function build(files: Record<string, string>): Promise<{ uuid: string; image: BuiltImage }> {
  const uuid = randomUUID();
  const directory = await runtime.prepareSource(uuid);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const image = await runtime.build({ imageUuid: uuid, log, timeoutMs: 120_000, signal: never });
  return { uuid, image };
}

async function serve(
  { uuid, image }: { uuid: string; image: BuiltImage },
  variables: Record<string, string> = {},
  timing: Partial<typeof defaultProbeTiming> = {},
  port: number | null = null,
): Promise<(path?: string, init?: RequestInit) => Promise<Response>> {
  const instanceUuid = randomUUID();
  const service = runtime.services(image).find((one) => one.takesRequests);
  if (service === undefined) throw new Error('no web');
  const started = await runtime.start({
    instanceUuid,
    environmentUuid: 'e1',
    imageUuid: uuid,
    image,
    service,
    variables,
    port,
    graceMs: 1_000,
  });
  const healthy = await runtime.probe({
    instanceUuid,
    environmentUuid: 'e1',
    started,
    hostName: 'live-app.localhost',
    timing: { ...defaultProbeTiming, connectWithinMs: 15_000, settleMs: 200, ...timing },
    signal: never,
  });
  output += `${healthy.summary}\n`;
  return (path = '/', init = {}) =>
    fetch(`http://${healthy.host.includes(':') ? '[::1]' : healthy.host}:${started.port}${path}`, {
      redirect: 'manual',
      ...init,
    });
}

interface Seen {
  env: Record<string, string>;
  python: string;
  uid: number;
  root: string[];
  pids: string[];
}

const PYTHON_APP = `
import http.server, json, os, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({
            "env": dict(os.environ), "python": sys.prefix, "uid": os.getuid(),
            "root": sorted(os.listdir("/")), "cwd": os.getcwd(), "pids": [p for p in os.listdir("/proc") if p.isdigit()],
        }).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), H).serve_forever()
`;

test('a Python application gets its own python, exact variables, and sees nothing else of the machine', async () => {
  const built = await build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });
  const get = await serve(built, { SPACES: '  kept  ', LD_LIBRARY_PATH: '/nowhere' });
  const seen = (await (await get()).json()) as Seen;
  expect(seen.env).toMatchObject({
    SPACES: '  kept  ',
    HOME: '/home/app',
    LD_LIBRARY_PATH: '/nowhere',
  });
  expect(seen.python).toContain(`${built.uuid}/venv`);
  expect(seen.pids.length).toBeLessThan(8);
  expect(seen.root).not.toContain('srv');
  expect(JSON.stringify(seen.env)).not.toContain('PIP_');
  if (process.getuid?.() === 0) expect(seen.uid).not.toBe(0);
  expect(await runtime.verify(built.uuid, built.image)).toBeNull();
});

test('requirements are installed from the package index into the image', async () => {
  const built = await build({
    Procfile: 'web: python app.py\n',
    'requirements.txt': 'iniconfig==2.0.0\n',
    'app.py': `import iniconfig\n${PYTHON_APP}`,
  });
  expect(output).toContain('install -r requirements.txt');
  expect((await (await serve(built))()).status).toBe(200);
}, 60_000);

test('a Node application is installed, built and started by its start script', async () => {
  const app = `const http = require('node:http');
    http.createServer((q, s) => s.end(require('node:fs').readFileSync('made.txt'))).listen(process.env.PORT, 'localhost');`;
  const built = await build({
    'package.json': JSON.stringify({
      name: 'x',
      version: '1.0.0',
      scripts: { start: 'node app.js', build: "node -e \"fs.writeFileSync('made.txt', 'built')\"" },
      dependencies: { 'is-number': '7.0.0' },
    }),
    'app.js': `require('is-number');${app}`,
  });
  expect(await (await (await serve(built))()).text()).toBe('built');
}, 60_000);

test('static pages are served with types, tags and no way out', async () => {
  const get = await serve(
    await build({
      'index.html': '<p>hello',
      'sub/index.html': '<p>sub',
      'style.css': 'p {}',
      '.env': 'SECRET=1',
    }),
  );
  const index = await get();
  expect([index.status, index.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  expect(await index.text()).toBe('<p>hello');
  const tag = index.headers.get('etag') ?? '';
  expect((await get('/', { headers: { 'if-none-match': tag } })).status).toBe(304);
  expect((await get('/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  const moved = await get('/sub?x=1');
  expect([moved.status, moved.headers.get('location')]).toEqual([301, '/sub/?x=1']);
  expect(await (await get('/sub/')).text()).toBe('<p>sub');
  for (const path of [
    '/.env',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%00',
    '/nope',
    '/%zz',
  ]) {
    expect((await get(path)).status, path).toBe(404);
  }
  expect((await get('/', { method: 'POST' })).status).toBe(405);
});

describe('what stands in the way is said in one line', () => {
  const failure = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(RuntimeFailure);
    return error instanceof RuntimeFailure ? `${error.reasonCode}: ${error.message}` : '';
  };

  test('nothing says how to run it', async () => {
    expect(await failure(build({ 'readme.txt': 'x' }))).toMatch(
      /^no_start_command: Nothing .*Procfile/,
    );
  });
  test('a Procfile without web', async () => {
    expect(await failure(build({ Procfile: 'worker: sleep 1' }))).toMatch(/no "web" process/);
  });
  test('a requirement that does not exist', async () => {
    const files = {
      Procfile: 'web: true',
      'requirements.txt': './no-such-directory\n',
    };
    expect(await failure(build(files))).toMatch(/^build_failed: .*exited with status 1/);
    expect(output).toContain('no-such-directory');
  });
  test('a process that exits says its last words', async () => {
    const built = await build({ Procfile: `web: echo cannot find the database; exit 3` });
    expect(await failure(serve(built))).toBe(
      'exited: web exited with status 3 during the health check; it wrote last: cannot find the database',
    );
  });
  test('a program that ignores its port', async () => {
    const built = await build({ Procfile: 'web: exec sleep 100' });
    expect(await failure(serve(built, {}, { connectWithinMs: 1_000, attempts: 10 }))).toMatch(
      /^unhealthy: http:\/\/127.0.0.1:\d+\/ is not healthy after \d+\.\d s and ([1-9]|10) attempts: connection refused$/,
    );
  });
  test('a stranger on the port that the program was to listen on', async () => {
    const stranger = createServer((_, response) => response.end('not the application'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const built = await build({ Procfile: 'web: exec sleep 100' });
    try {
      expect(await failure(serve(built, {}, {}, port))).toMatch(/^port_taken: /);
    } finally {
      stranger.close();
    }
  });
  test('files that were changed after the build', async () => {
    const built = await build({ 'index.html': 'a' });
    writeFileSync(join(dataDir, 'builds', built.uuid, 'app/index.html'), 'b');
    expect(await runtime.verify(built.uuid, built.image)).toMatch(/are not those that were built/);
  });
});

test('without a sandbox the same things work', async () => {
  runtime = makeRuntime('off');
  const built = await build({ Procfile: 'web: python app.py\n', 'app.py': PYTHON_APP });
  expect((await (await serve(built))()).status).toBe(200);
  expect(await runtime.verify(built.uuid, built.image)).toBeNull();
});

test('a release command runs in the release with its variables, and its failure is told', async () => {
  const { uuid: imageUuid, image } = await build({
    'index.html': 'a',
    'data.txt': 'from the commit',
  });
  const run = (taskId: string, command: string, timeoutMs = 10_000) =>
    runtime.release({
      taskId,
      imageUuid,
      image,
      command,
      variables: { GREETING: 'hi' },
      log,
      timeoutMs,
      signal: never,
    });
  await run('d1-1', 'cat data.txt; echo " $GREETING"; echo scratch >"$HOME/x"');
  expect(output).toContain('from the commit hi\n');
  await expect(run('d1-2', 'echo oh no; exit 4')).rejects.toThrow('It exited with status 4.');
  await expect(run('d1-3', 'sleep 30', 300)).rejects.toThrow(/took longer than/);
  // The same command again is the same run: it is adopted, not repeated.
  await expect(run('d1-2', 'exit 0')).rejects.toThrow('It exited with status 4.');
});
