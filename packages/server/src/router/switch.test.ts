import { Agent, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { route, World } from './fixtures/world.ts';
import type { Router } from './index.ts';

let world: World;
let router: Router;

beforeEach(async () => {
  world = await World.open();
  router = await world.startRouter({ connectTimeoutMs: 300, connectAndSendTimeoutMs: 900 });
});

afterEach(() => world.close());

interface Load {
  readonly failures: string[];
  readonly answered: Map<string, number>;
  stop(): Promise<void>;
}

/** Clients that ask all the time, each over a connection that it keeps; some with a body, some slowly. */
function load(port: number, clients: number): Load {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const answered = new Map<string, number>();
  let running = true;
  const one = (index: number, turn: number): Promise<void> =>
    new Promise((resolve) => {
      const post = index % 3 === 0;
      const path = index % 4 === 0 ? '/slow?ms=15' : '/';
      const outgoing = httpRequest(
        {
          port,
          host: '127.0.0.1',
          agent,
          path,
          method: post ? 'POST' : 'GET',
          headers: { host: 'app.localhost' },
        },
        (response) => {
          const name = String(response.headers['x-backend'] ?? 'slow');
          answered.set(name, (answered.get(name) ?? 0) + 1);
          if (response.statusCode !== 200) failures.push(`${response.statusCode} in turn ${turn}`);
          response.resume();
          response.on('error', (error) => failures.push(error.message));
          response.on('close', resolve);
        },
      );
      outgoing.on('error', (error) => {
        failures.push(error.message);
        resolve();
      });
      outgoing.end(post ? 'x'.repeat(2_000) : undefined);
    });
  const all = Array.from({ length: clients }, async (_, index) => {
    for (let turn = 0; running; turn += 1) await one(index, turn);
  });
  return {
    failures,
    answered,
    stop: async () => {
      running = false;
      await Promise.all(all);
      agent.destroy();
    },
  };
}

it('loses no request over 20 deployments under constant load', async () => {
  let old = await world.backend('release-0');
  await router.setRoute('app.localhost', route(0, old));
  const traffic = load(world.port, 16);
  for (let version = 1; version <= 20; version += 1) {
    const next = await world.backend(`release-${version}`);
    await router.setRoute('app.localhost', route(version, next));
    expect(await router.drained(`127.0.0.1:${old.port}`, 5_000)).toBe(true);
    expect(await old.terminate()).toBe(0);
    old = next;
  }
  await traffic.stop();
  expect(traffic.failures).toEqual([]);
  expect(traffic.answered.size).toBeGreaterThanOrEqual(20);
  expect((await router.stats()).ownAnswers).toEqual({});
});

it('answers everything that comes after a switch from the new release', async () => {
  const [old, next] = await Promise.all([world.backend('old'), world.backend('new')]);
  await router.setRoute('app.localhost', route(1, old));
  expect((await world.ask()).headers['x-backend']).toBe('old');
  await router.setRoute('app.localhost', route(2, next));
  const replies = await Promise.all(Array.from({ length: 20 }, () => world.ask()));
  expect(new Set(replies.map((reply) => reply.headers['x-backend']))).toEqual(new Set(['new']));
});

it('counts a backend as drained only when nothing is routed to it and nothing in its hands', async () => {
  const [old, next] = await Promise.all([world.backend('old'), world.backend('new')]);
  const name = `127.0.0.1:${old.port}`;
  await router.setRoute('app.localhost', route(1, old));
  expect(await router.drained(name, 50)).toBe(false);
  const slow = world.ask({ path: '/slow?ms=600' });
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(1);
  await router.setRoute('app.localhost', route(2, next));
  expect(await router.drained(name, 50)).toBe(false);
  expect(await router.drained(name, 5_000)).toBe(true);
  expect((await slow).body).toBe('old');
  expect(await router.drained('127.0.0.1:1', 0)).toBe(true);
  expect((await router.stats()).backends.map((one) => one.backend)).toEqual([
    `127.0.0.1:${next.port}`,
  ]);
});

it('goes to another instance where one refuses, and to none twice', async () => {
  const [dead, alive] = await Promise.all([world.backend('dead'), world.backend('alive')]);
  await dead.terminate();
  await router.setRoute('app.localhost', route(1, dead, alive));
  for (let i = 0; i < 6; i += 1) {
    const reply = await world.ask({ method: 'POST', body: 'x'.repeat(100_000) });
    expect(reply.headers['x-backend']).toBe('alive');
  }
  await router.setRoute('app.localhost', route(2, dead));
  const reply = await world.ask();
  expect(reply.status).toBe(502);
  expect(reply.headers['retry-after']).toBe('1');
});

it('goes to another instance where one does not take the connection in time', async () => {
  const alive = await world.backend('alive');
  // An address that is set aside for documentation: nobody answers there.
  const unreachable = { host: '192.0.2.1', port: 9 };
  await router.setRoute('app.localhost', {
    ...route(1, alive),
    backends: [unreachable, { host: '127.0.0.1', port: alive.port }],
  });
  for (let i = 0; i < 2; i += 1) expect((await world.ask()).headers['x-backend']).toBe('alive');
});

it('repeats what may be repeated when a connection is closed before any answer, and nothing else', async () => {
  const backend = await world.backend('one');
  await router.setRoute('app.localhost', route(1, backend));
  expect((await world.ask({ path: '/hang-up-once' })).body).toBe('one');
  expect((await world.ask({ path: '/hang-up' })).status).toBe(502);
  const { requests } = (await router.stats()).backends[0] ?? { requests: 0 };
  expect((await world.ask({ path: '/hang-up', method: 'POST', body: 'order' })).status).toBe(502);
  expect((await router.stats()).backends[0]?.requests).toBe(requests + 1);
});

it('takes a request from an instance that went away to the release that took its place', async () => {
  const [old, next] = await Promise.all([world.backend('old'), world.backend('new')]);
  await router.setRoute('app.localhost', route(1, old));
  const pending = world.ask({ path: '/hang' }).catch((error: unknown) => error);
  const second = world.ask({ path: '/slow?ms=20000' });
  await expect.poll(async () => (await router.stats()).backends[0]?.inFlight).toBe(2);
  await router.setRoute('app.localhost', route(2, next));
  old.process.kill('SIGKILL');
  // The one answers after 20 s on the new release too, so only the retry is looked at.
  await expect
    .poll(
      async () =>
        (await router.stats()).backends.find((one) => one.backend.endsWith(`:${next.port}`))
          ?.inFlight,
    )
    .toBe(2);
  next.process.kill('SIGKILL');
  expect((await second).status).toBe(502);
  expect(await pending).toMatchObject({ status: 502 });
});
