/**
 * The embedded router with 10, 100 and 1,000 applications in its table: requests and latency, spread over all of them, and how
 * long it takes to set one more route, beside the backend without a router.
 *
 *   node bench/routes.ts [--routes 10,100,1000] [--json FILE]
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createRouter } from '../packages/server/src/router/index.ts';
import { freePorts } from '../packages/testing/src/free-ports.ts';
import {
  Bench,
  findProgram,
  listening,
  median,
  medians,
  outputOf,
  publish,
  type Row,
} from './lib.ts';

const { values } = parseArgs({
  options: { routes: { type: 'string', default: '10,100,1000' }, json: { type: 'string' } },
});
const SIZES = values.routes.split(',').map(Number);
const [CONNECTIONS, SECONDS, ROUNDS, UPDATES] = [32, 3, 3, 30];
const REFERENCE = 'direct';
let version = 0;

/** Asks one host after the other, and prints JSON at the end. wrk's latencies are microseconds. */
const script = (hosts: number) => `local n = 0
request = function()
  n = n + 1
  return wrk.format('GET', '/', { Host = 'app-' .. (n % ${hosts}) .. '.localhost' })
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%f,"p50":%f,"p99":%f,"errors":%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
`;

const wrk = findProgram('wrk', process.env['PATH'] ?? '');
if (wrk === null) {
  console.log('routes: skipped, wrk is not installed (Debian: apt-get install wrk)');
  process.exit(0);
}
const bench = await Bench.open('routes');
const [routerPort = 0, backendPort = 0] = await freePorts(2);
const router = createRouter({
  ...{ dataDir: bench.directory, port: routerPort, host: '127.0.0.1' },
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
try {
  const program = await bench.file(
    'backend.mjs',
    `import { createServer } from 'node:http';
createServer((_, response) => response.end('${'x'.repeat(1_000)}')).listen(${backendPort}, '127.0.0.1');\n`,
  );
  bench.start(process.execPath, [program]);
  await listening(backendPort, 30_000);
  const { port } = await router.start();
  const rows: Row[] = [];
  let there = 0;
  for (const size of SIZES) {
    while (there < size) await set(there++);
    const updates: number[] = [];
    for (let update = 0; update < UPDATES; update += 1) {
      const begun = performance.now();
      await set(update % size);
      updates.push(performance.now() - begun);
    }
    const rounds = [];
    const direct = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      direct.push(await load(backendPort, size));
      rounds.push(await load(port, size));
    }
    if (rows.length === 0) rows.push({ name: REFERENCE, figures: medians(direct) });
    const ofDirect = medians(direct)['requests'] ?? Number.NaN;
    const figures = medians(rounds);
    rows.push({
      name: `${size} routes`,
      figures: {
        ...figures,
        share: (figures['requests'] ?? Number.NaN) / ofDirect,
        update: median(updates),
      },
    });
  }
  await publish(
    {
      title: 'Applications in the embedded router: GET of 1,000 bytes, each request another host',
      reference: REFERENCE,
      columns: [
        { key: 'requests', title: 'requests', unit: '1/s', better: 'higher' },
        { key: 'share', title: 'of direct in the same rounds', unit: 'x', better: 'higher' },
        { key: 'p50', title: 'median', unit: 'ms', better: 'lower' },
        { key: 'p99', title: 'p99', unit: 'ms', better: 'lower' },
        { key: 'update', title: 'a route is set', unit: 'ms', better: 'lower' },
        { key: 'errors', title: 'errors', unit: '', better: 'lower' },
      ],
      rows,
      skipped: [],
      conditions: {
        ...{ connections: CONNECTIONS, rounds: ROUNDS, 'seconds each': SECONDS },
        load: (loadavg()[0] ?? 0).toFixed(1),
      },
    },
    process.argv.slice(2),
  );
} finally {
  await router.shutdown();
  await bench.close();
}

/** A later version always: the router takes no older one. */
function set(index: number): Promise<unknown> {
  version += 1;
  return router.setRoute(`app-${index}.localhost`, {
    ...{ environmentUuid: `environment-${index}`, releaseUuid: `release-${version}`, version },
    backends: [{ host: '127.0.0.1', port: backendPort }],
  });
}

async function load(port: number, hosts: number): Promise<Record<string, number>> {
  const file = await bench.file(`load-${hosts}.lua`, script(hosts));
  const words = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${SECONDS}s`,
    '-s',
    file,
    `http://127.0.0.1:${port}/`,
  ];
  const output = await outputOf(wrk ?? '', words, (SECONDS + 60) * 1_000);
  const line = output.split('\n').find((one) => one.startsWith('{'));
  return JSON.parse(line ?? '{}') as Record<string, number>;
}
