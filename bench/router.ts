/**
 * Sluice's router beside nginx and Caddy: the same backend, the same client, the same run, one after the other in
 * several rounds, so that what else the machine does falls on all of them. Loopback only.
 *
 *   node bench/router.ts [--json FILE]
 *
 * Needs wrk; nginx and Caddy are skipped with a reason where they are missing.
 */
import { createServer } from 'node:net';
import { createRouter } from '../packages/server/src/router/index.ts';
import {
  Bench,
  findProgram,
  listening,
  medians,
  outputOf,
  publish,
  type Row,
  type Skipped,
} from './lib.ts';

const rounds = 3;
const secondsEachRound = 3;
const connections = 32;
const host = 'bench.localhost';
const answer = 'x'.repeat(1_000);

/** wrk prints for people; this makes it print for us. Its latencies are microseconds. */
const report = `done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requestsPerSecond":%f,"p50Ms":%f,"p99Ms":%f,"errors":%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
`;

const searchPath = process.env['PATH'] ?? '';
const wrk = findProgram('wrk', searchPath);
if (wrk === null) {
  process.stdout.write('router: skipped, wrk is not installed (Debian: apt-get install wrk)\n');
  process.exit(0);
}

const bench = await Bench.open('router');
const router = createRouter({
  dataDir: bench.directory,
  port: await freePort(),
  host: '127.0.0.1',
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
try {
  const backendPort = await startBackend();
  const targets = new Map<string, number>([['direct', backendPort]]);
  const skipped: Skipped[] = [];

  targets.set('sluice', (await router.start()).port);
  await router.setRoute(host, {
    environmentUuid: 'bench',
    releaseUuid: 'bench',
    version: 1,
    backends: [{ host: '127.0.0.1', port: backendPort }],
  });
  for (const [name, start] of [
    ['nginx', startNginx],
    ['caddy', startCaddy],
  ] as const) {
    const program = findProgram(name, searchPath);
    if (program === null) skipped.push({ name, reason: `${name} is not installed` });
    else targets.set(name, await start(program, backendPort));
  }

  const script = await bench.file('report.lua', report);
  const measured = new Map<string, Record<string, number>[]>();
  for (const port of targets.values()) await measure(wrk, script, port, 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, port] of targets) {
      const figures = await measure(wrk, script, port, secondsEachRound);
      measured.set(name, [...(measured.get(name) ?? []), figures]);
    }
  }
  const rows: Row[] = [...measured].map(([name, all]) => ({ name, figures: medians(all) }));
  await publish(
    {
      title: 'Router: GET of 1,000 bytes over kept connections',
      reference: 'nginx',
      columns: [
        { key: 'requestsPerSecond', title: 'requests', unit: '1/s', better: 'higher' },
        { key: 'p50Ms', title: 'median', unit: 'ms', better: 'lower' },
        { key: 'p99Ms', title: 'p99', unit: 'ms', better: 'lower' },
        { key: 'errors', title: 'errors', unit: '', better: 'lower' },
      ],
      rows,
      skipped,
      conditions: {
        connections,
        rounds,
        'seconds each round': secondsEachRound,
        figure: 'median of rounds',
      },
    },
    process.argv.slice(2),
  );
} finally {
  await router.shutdown();
  await bench.close();
}

async function measure(
  program: string,
  script: string,
  port: number,
  seconds: number,
): Promise<Record<string, number>> {
  const output = await outputOf(
    program,
    [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-s',
      script,
      '-H',
      `Host: ${host}`,
      `http://127.0.0.1:${port}/`,
    ],
    (seconds + 10) * 1_000,
  );
  const line = output.split('\n').find((one) => one.startsWith('{'));
  return JSON.parse(line ?? '{}') as Record<string, number>;
}

/** The backend is nginx where there is one, since it must not be what is measured; else Node. */
async function startBackend(): Promise<number> {
  const port = await freePort();
  const nginx = findProgram('nginx', searchPath);
  if (nginx === null) {
    const program = await bench.file(
      'backend.mjs',
      `import { createServer } from 'node:http';
createServer((_, response) => response.end('${answer}')).listen(${port}, '127.0.0.1');\n`,
    );
    bench.start(process.execPath, [program]);
  } else {
    const server = `server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "${answer}"; } }`;
    bench.start(nginx, [
      '-c',
      await bench.file('backend.conf', nginxConfig('backend', server)),
      '-p',
      bench.directory,
    ]);
  }
  await listening(port, 5_000);
  return port;
}

async function startNginx(program: string, backendPort: number): Promise<number> {
  const port = await freePort();
  const server = `upstream backend { server 127.0.0.1:${backendPort}; keepalive 64; keepalive_requests 1000000; }
    server { listen 127.0.0.1:${port}; server_name ${host}; location / {
      proxy_pass http://backend; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Port $server_port; } }`;
  bench.start(program, [
    '-c',
    await bench.file('proxy.conf', nginxConfig('proxy', server)),
    '-p',
    bench.directory,
  ]);
  await listening(port, 5_000);
  return port;
}

/** One worker each: Sluice's router is one process too, and backend and client need the other core. */
function nginxConfig(name: string, servers: string): string {
  return `daemon off; worker_processes 1; pid ${bench.directory}/${name}.pid; error_log ${bench.directory}/${name}.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${bench.directory}/${name}-body;
  proxy_temp_path ${bench.directory}/${name}-proxy; fastcgi_temp_path ${bench.directory}/${name}-fastcgi;
  uwsgi_temp_path ${bench.directory}/${name}-uwsgi; scgi_temp_path ${bench.directory}/${name}-scgi;
  ${servers} }\n`;
}

async function startCaddy(program: string, backendPort: number): Promise<number> {
  const port = await freePort();
  const config = await bench.file(
    'Caddyfile',
    `{\n admin off\n auto_https off\n}\nhttp://${host}:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${backendPort}\n}\n`,
  );
  bench.start(program, ['run', '--config', config, '--adapter', 'caddyfile']);
  await listening(port, 10_000);
  return port;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
}
