import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BackendProcess, readUntil, route, World } from './fixtures/world.ts';
import { isRunning, type ProcessIdentity, readIdentity } from './identity.ts';
import type { Router } from './index.ts';

let world: World;
let backend: BackendProcess;

beforeEach(async () => {
  world = await World.open();
  backend = await world.backend('one');
});

afterEach(() => world.close());

function identity(): ProcessIdentity {
  const found = readIdentity(join(world.dataDir, 'run', 'router.json'));
  if (found === null) throw new Error('no router runs');
  return found;
}

/** Processes that write this world's router log: routers, also those that have told nobody of themselves yet. */
function routersOf({ dataDir }: World): number[] {
  const log = join(dataDir, 'logs', 'router.log');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/1`) === log;
      } catch {
        return false;
      }
    })
    .map(Number);
}

const served = (): Promise<boolean> =>
  world.ask().then(
    (reply) => reply.status === 200,
    () => false,
  );

it('comes back soon after SIGKILL, on its port and with its table', async () => {
  const router = await world.startRouter();
  await router.setRoute('app.localhost', route(3, backend));
  const first = identity();
  process.kill(first.pid, 'SIGKILL');
  // Well below a second on a quiet machine; 1.6 s were seen with a load of 18 on two cores, so no tighter bound here.
  await expect.poll(served, { interval: 10, timeout: 60_000 }).toBe(true);
  await expect.poll(() => identity().pid !== first.pid).toBe(true);
  await expect(router.setRoute('app.localhost', route(2, backend))).rejects.toMatchObject({
    code: 'conflict',
  });
});

it('keeps each acknowledged switch when it is killed while switching', async () => {
  const router = await world.startRouter();
  let acknowledged = 0;
  let killing = true;
  const killer = (async () => {
    for (let kills = 0; kills < 4; kills += 1) {
      const target = identity();
      const from = acknowledged;
      await expect.poll(() => acknowledged > from + 2, { timeout: 120_000 }).toBe(true);
      process.kill(target.pid, 'SIGKILL');
      await expect
        .poll(() => readIdentity(join(world.dataDir, 'run', 'router.json'))?.pid !== target.pid, {
          timeout: 120_000,
        })
        .toBe(true);
      const [present] = await router.routes();
      expect(present?.version).toBeGreaterThanOrEqual(acknowledged - 1);
    }
    killing = false;
  })();
  while (killing) {
    await router.setRoute('app.localhost', route(acknowledged + 1, backend));
    acknowledged += 1;
  }
  await killer;
  expect((await router.routes())[0]?.version).toBe(acknowledged);
  expect(await served()).toBe(true);
});

it('goes on serving when its server is killed, and is adopted by the next one', async () => {
  const { child, line } = await world.run('owner.ts', [world.dataDir]);
  world.port = Number(line);
  const first = identity();
  // The whole group, as a terminal or a service manager may do it.
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'exit');
  const router = world.makeRouter();
  expect(await router.start()).toEqual({ port: world.port });
  await router.setRoute('app.localhost', route(1, backend));
  expect(identity()).toEqual(first);
  expect(await served()).toBe(true);
  // The new owner watches what it did not start.
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(served, { timeout: 60_000 }).toBe(true);
});

it('is left running by stop and ended by shutdown, which another handle may call', async () => {
  const router = await world.startRouter();
  await router.setRoute('app.localhost', route(1, backend));
  const running = identity();
  router.stop();
  expect(await served()).toBe(true);
  await world.makeRouter().shutdown();
  expect(isRunning(running)).toBe(false);
  expect(existsSync(join(world.dataDir, 'run', 'router.json'))).toBe(false);
  await world.makeRouter().shutdown();
});

it('leaves nothing behind where shutdown meets a router that is just coming back', async () => {
  const router = await world.startRouter();
  const killed = identity().pid;
  process.kill(killed, 'SIGKILL');
  // The new process is there, its identity is not.
  await expect
    .poll(() => routersOf(world).some((pid) => pid !== killed), { interval: 1 })
    .toBe(true);
  await router.shutdown();
  expect(routersOf(world)).toEqual([]);
});

it('never mistakes a stranger with an old process id for its router', async () => {
  const router = await world.startRouter();
  await router.shutdown();
  writeFileSync(
    join(world.dataDir, 'run', 'router.json'),
    JSON.stringify({ pid: backend.process.pid, startTicks: '1' }),
  );
  const next = world.makeRouter();
  await next.start();
  await next.shutdown();
  expect(backend.process.signalCode).toBeNull();
  expect(backend.process.exitCode).toBeNull();
});

it('replaces a router that hangs', async () => {
  const router = await world.startRouter();
  await router.setRoute('app.localhost', route(1, backend));
  router.stop();
  const hung = identity();
  process.kill(hung.pid, 'SIGSTOP');
  await world.makeRouter().start();
  expect(isRunning(hung)).toBe(false);
  expect(await served()).toBe(true);
});

it('starts one router where two servers start at once', async () => {
  const ports = await Promise.all(
    [world.makeRouter(), world.makeRouter(), world.makeRouter()].map((one) => one.start()),
  );
  expect(new Set(ports.map((one) => one.port)).size).toBe(1);
});

it('finishes requests on SIGTERM, takes no new ones, and ends with 0', async () => {
  const router = await world.startRouter();
  await router.setRoute('app.localhost', route(1, backend));
  router.stop();
  const slow = world.ask({ path: '/slow?ms=700' });
  const tunnel = await world.connect();
  tunnel.on('error', () => undefined);
  tunnel.write(
    'GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  await readUntil(tunnel, 'hello');
  const running = identity();
  const ended = once(tunnel, 'close');
  process.kill(running.pid, 'SIGTERM');
  await expect.poll(served).toBe(false);
  expect(await slow).toMatchObject({ status: 200, body: 'one', headers: { connection: 'close' } });
  await ended;
  await expect.poll(() => isRunning(running)).toBe(false);
  expect(readFileSync(join(world.dataDir, 'logs', 'router.log'), 'utf8')).toContain('"stopped"');
});

it('does not wait for ever for a request when it ends', async () => {
  const router = await world.startRouter({ shutdownTimeoutMs: 300 });
  await router.setRoute('app.localhost', route(1, backend));
  const endless = world.ask({ path: '/hang' }).catch(() => 'cut');
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(1);
  await router.shutdown();
  expect(await endless).toBe('cut');
});

it('keeps its port, and names the program that took it', async () => {
  const router = await world.startRouter();
  const { port } = world;
  await router.shutdown();
  const thief = createServer().listen(port, '127.0.0.1');
  await once(thief, 'listening');
  await expect(world.makeRouter().start()).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'port_taken',
    message: expect.stringMatching(
      new RegExp(`Port ${port} is taken by .+ \\(process ${process.pid}\\)`),
    ),
    remedy: expect.stringContaining('before'),
  });
  await expect(world.makeRouter({ port }).start()).rejects.toMatchObject({ reason: 'port_taken' });
  thief.close();
  await once(thief, 'close');
  expect(await world.makeRouter().start()).toEqual({ port });
});

it('passes over ports in use when it chooses', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const router: Router = world.makeRouter({ preferredPort: taken });
  expect((await router.start()).port).toBeGreaterThan(taken);
  blocker.close();
});

it('moves to another port when its settings say so, with its table', async () => {
  const router = await world.startRouter();
  await router.setRoute('app.localhost', route(1, backend));
  router.stop();
  const old = world.port;
  const moved = world.makeRouter({ port: old + 1 });
  world.port = (await moved.start()).port;
  expect(world.port).toBe(old + 1);
  expect(await served()).toBe(true);
});

it('refuses to serve from a damaged table rather than nothing', async () => {
  const router = await world.startRouter();
  await router.shutdown();
  writeFileSync(join(world.dataDir, 'router', 'table.json'), '{"format":1,"rou');
  await expect(world.makeRouter().start()).rejects.toMatchObject({ reason: 'table_damaged' });
});
