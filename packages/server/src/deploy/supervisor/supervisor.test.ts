import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, readIdentity } from '../../router/identity.ts';
import { callSocket } from './client.ts';
import {
  createSupervisor,
  endTask,
  type InstanceSpec,
  readApplicationLog,
  readTaskOutput,
  type Supervisor,
  taskState,
} from './index.ts';

const SERVER = `
const http = require('node:http');
let n = 0;
http.createServer((q, s) => {
  if (q.url === '/crash') process.exit(7);
  console.log('request ' + q.url);
  s.end(String(process.pid));
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
`;

let dataDir: string;
let supervisor: Supervisor;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-sup-'));
  supervisor = createSupervisor({ dataDir, watchEveryMs: 50, backOffMs: 100 });
});

afterEach(async () => {
  await supervisor.unwatch();
  await callSocket(join(dataDir, 'run/supervisor.sock'), 'POST', '/shutdown?grace=100').catch(
    () => undefined,
  );
  rmSync(dataDir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function spec(id: string, argv: string[], port: number | null): Promise<InstanceSpec> {
  return {
    id,
    environmentUuid: 'e1',
    service: 'web',
    program: {
      argv,
      env: { PATH: process.env['PATH'] ?? '', PORT: String(port), SECRET: 's3cret-value' },
      cwd: tmpdir(),
      sandbox: null,
    },
    port,
    graceMs: 2_000,
  };
}

function fetchText(port: number, path = '/'): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(null));
    });
    request.on('error', () => resolve(null));
  });
}

async function until<T>(what: () => Promise<T | null | false>): Promise<T> {
  const giveUpAt = Date.now() + 15_000;
  for (;;) {
    const value = await what();
    if (value !== null && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error('it did not happen within 15 s');
    await pause(20);
  }
}

const messages = async () =>
  (await readApplicationLog(join(dataDir, 'logs'), 'e1', null, 1_000)).entries.map(
    (entry) => `${entry.service}: ${entry.message}`,
  );

function supervisorPid(): number {
  const identity = readIdentity(join(dataDir, 'run/supervisor.json'));
  if (identity === null) throw new Error('no supervisor');
  return identity.pid;
}

test('a program outlives the SIGKILL of its supervisor, is adopted, and its log goes on', async () => {
  const port = await freePort();
  await supervisor.watch();
  await supervisor.startInstance(await spec('i1', [process.execPath, '-e', SERVER], port));
  const pid = await until(() => fetchText(port));

  const first = supervisorPid();
  process.kill(first, 'SIGKILL');
  expect(await fetchText(port, '/while-nobody-supervises')).toBe(pid);

  await until(async () => readIdentity(join(dataDir, 'run/supervisor.json'))?.pid !== first);
  expect(await fetchText(port, '/after')).toBe(pid);
  await until(async () => (await messages()).includes('web: request /after'));
  expect(await messages()).toContain('web: request /while-nobody-supervises');
  const [status] = await supervisor.instances();
  expect(status).toMatchObject({ id: 'i1', state: 'running', exits: 0 });

  await supervisor.stopInstance('i1', 2_000);
  expect(await fetchText(port)).toBeNull();
  expect(await supervisor.instances()).toEqual([]);
});

test('a crashed program is started again with a growing pause, and its log says so', async () => {
  const port = await freePort();
  await supervisor.startInstance(await spec('i1', [process.execPath, '-e', SERVER], port));
  const before = await until(() => fetchText(port));
  await fetchText(port, '/crash');
  const after = await until(() => fetchText(port));
  expect(after).not.toBe(before);
  await fetchText(port, '/crash');
  await until(() => fetchText(port));
  expect(await messages()).toEqual(
    expect.arrayContaining([
      'sluice: web exited with status 7; it is started again in 0.1 s',
      'sluice: web exited with status 7; it is started again in 0.2 s',
    ]),
  );
});

test('a program that crashes while no supervisor lives is started by the next one', async () => {
  const port = await freePort();
  await supervisor.startInstance(await spec('i1', [process.execPath, '-e', SERVER], port));
  const before = await until(() => fetchText(port));
  process.kill(supervisorPid(), 'SIGKILL');
  await fetchText(port, '/crash');
  await supervisor.watch();
  expect(await until(() => fetchText(port))).not.toBe(before);
});

test('what ignores SIGTERM is killed after its grace, with all its children', async () => {
  const marker = join(dataDir, 'child-pid');
  const program = `trap '' TERM; sh -c 'trap "" TERM; echo $$ >${marker}; while :; do sleep 1; done' & wait; wait`;
  await supervisor.startInstance(await spec('i1', ['/bin/sh', '-c', program], null));
  const child = await until(async () => {
    try {
      return Number(readFileSync(marker, 'utf8')) || null;
    } catch {
      return null;
    }
  });
  await supervisor.stopInstance('i1', 200);
  expect(identify(child)).toBeNull();
});

test('a line without an end, a flood and bytes that are no text reach the log in pieces', async () => {
  const program = `process.stdout.write('x'.repeat(40000)); process.stdout.write(Buffer.from([0xff, 0x0a]));
    for (let i = 0; i < 2000; i++) console.log('line ' + i); setInterval(() => {}, 1000)`;
  await supervisor.startInstance(await spec('i1', [process.execPath, '-e', program], null));
  await until(async () => (await messages()).includes('web: line 1999'));
  const { entries } = await readApplicationLog(join(dataDir, 'logs'), 'e1', '1-0', 3);
  expect(entries.map((entry) => entry.message.length)).toEqual([16_384, 16_384, 7_233]);
});

test('a supervisor of an older server goes on; what is used is not known then', async () => {
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  const asked: string[] = [];
  const old = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    asked.push(route);
    // Such as it answered before there was a call for it.
    const answer = { 'GET /state': { protocol: 1, pid: 1 }, 'GET /instances': [] }[route];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'no such call' }));
  });
  old.listen(join(dataDir, 'run/supervisor.sock'));
  await new Promise((resolve) => old.once('listening', resolve));
  try {
    expect(await supervisor.usage()).toBeNull();
    expect(await supervisor.instances()).toEqual([]);
    expect(asked).toEqual(['GET /usage', 'GET /instances']);
  } finally {
    await new Promise((resolve) => old.close(resolve));
  }
});

test('the secrets of an instance are not readable in the state on disk', async () => {
  await supervisor.startInstance(await spec('i1', ['sleep', '100'], null));
  const text = readFileSync(join(dataDir, 'supervisor/instances.json'), 'latin1');
  expect(text).not.toContain('s3cret-value');
});

test('a task runs once, keeps its output and status, and survives its supervisor', async () => {
  mkdirSync(join(dataDir, 'tasks'));
  const directory = join(dataDir, 'tasks/t1');
  const count = join(dataDir, 'count');
  const task = {
    id: 't1',
    directory,
    program: {
      argv: ['/bin/sh', '-c', `echo run >>${count}; echo before; sleep 1; echo after; exit 3`],
      env: { PATH: process.env['PATH'] ?? '' },
      cwd: dataDir,
      sandbox: null,
    },
    timeoutMs: 10_000,
    nice: true,
  };
  expect(await taskState('t1', directory)).toEqual({ kind: 'absent' });
  expect(await supervisor.startTask(task)).toBe(true);
  process.kill(supervisorPid(), 'SIGKILL');
  expect(await taskState('t1', directory)).toEqual({ kind: 'running' });
  expect(await supervisor.startTask(task)).toBe(false);
  await until(async () => (await taskState('t1', directory)).kind === 'exited');
  expect(await taskState('t1', directory)).toEqual({ kind: 'exited', code: 3 });
  expect((await readTaskOutput(directory, 0)).toString()).toBe('before\nafter\n');
  expect(readFileSync(count, 'utf8')).toBe('run\n');
});

test('a task that was killed with its wrapper is lost, not run again; one over its time is ended', async () => {
  mkdirSync(join(dataDir, 'tasks'));
  const make = (id: string, timeoutMs: number) => ({
    id,
    directory: join(dataDir, 'tasks', id),
    program: { argv: ['sleep', '60'], env: {}, cwd: dataDir, sandbox: null },
    timeoutMs,
    nice: false,
  });
  await supervisor.startTask(make('t1', 60_000));
  await endTask('t1', 0);
  expect(await taskState('t1', join(dataDir, 'tasks/t1'))).toEqual({ kind: 'lost' });
  await supervisor.startTask(make('t2', 200));
  const state = await until(async () => {
    const now = await taskState('t2', join(dataDir, 'tasks/t2'));
    return now.kind === 'exited' ? now : null;
  });
  expect(state).toEqual({ kind: 'exited', code: 124 });
});

test('two servers that start at once share one supervisor', async () => {
  const other = createSupervisor({ dataDir });
  const lists = await Promise.all([
    supervisor.startInstance(await spec('i1', ['sleep', '100'], null)),
    other.startInstance(await spec('i2', ['sleep', '100'], null)),
  ]);
  expect(lists.map((one) => one.state)).toEqual(['running', 'running']);
  expect((await supervisor.instances()).map((one) => one.id).sort()).toEqual(['i1', 'i2']);
  expect(await other.instances()).toHaveLength(2);
});

test('a damaged record is put aside and does not keep the supervisor from starting', async () => {
  mkdirSync(join(dataDir, 'supervisor'), { recursive: true });
  writeFileSync(join(dataDir, 'supervisor/instances.json'), '{"sealed": "bm9wZQ=="}');
  expect(await supervisor.instances()).toEqual([]);
});
