import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Application, Environment } from '../../applications/index.ts';
import { down } from './index.ts';
import { type Kit, openKit, request } from './test/kit.ts';

/** Domains while deployments run, through the real router. */
let dataDir: string;
let kit: Kit;
let application: Application;
let environment: Environment;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-names-'));
  kit = await openKit(dataDir);
  const made = await kit.createApplication();
  application = made.application;
  environment = made.live;
});

afterEach(async () => {
  await kit.close();
  await down(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

async function deploy(page: string): Promise<void> {
  const sha = await kit.commit(application, { 'index.html': page });
  const result = await kit.run(await kit.makeJob(application, environment, sha));
  expect(result).toMatchObject({ ok: true });
}

const addDomain = (name: string) =>
  kit.applications.domains.create({ environmentUuid: environment.uuid, name, ownNames: [] });

const ownRoutes = async () =>
  (await kit.router.routes()).filter((route) => route.environmentUuid === environment.uuid);

const pageOf = async (host: string) => (await request(kit.port, host)).body;

test('names that come and go while a deployment switches all end with the new release', async () => {
  await deploy('old page');
  let isDeployed = false;
  const deployed = deploy('new page').finally(() => {
    isDeployed = true;
  });
  const kept: { uuid: string; name: string }[] = [];
  for (let number = 0; !isDeployed; number += 1) {
    kept.push(await addDomain(`shop-${number}.example.com`));
    await kit.pipeline.domainsChanged(environment.uuid);
    const oldest = kept.length > 3 ? kept.shift() : undefined;
    if (oldest === undefined) continue;
    await kit.applications.domains.remove(oldest.uuid);
    await kit.pipeline.domainsChanged(environment.uuid);
  }
  await deployed;
  const routes = await ownRoutes();
  expect(routes).toHaveLength(1 + kept.length);
  expect(new Set(routes.map(({ releaseUuid }) => releaseUuid)).size).toBe(1);
  expect(new Set(routes.map(({ backends }) => JSON.stringify(backends))).size).toBe(1);
  for (const { name } of kept) expect(await pageOf(name), name).toContain('new page');
});

test('names that the router was never told of are routed, and others taken away, at the next start', async () => {
  await deploy('page');
  const { uuid } = await addDomain('gone.example.com');
  await kit.pipeline.domainsChanged(environment.uuid);
  await kit.close();

  kit = await openKit(dataDir);
  await kit.applications.domains.remove(uuid);
  await addDomain('new.example.com');
  await kit.close();
  kit = await openKit(dataDir);
  for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt; ) {
    if ((await pageOf('new.example.com')).includes('page')) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await ownRoutes()).map(({ host }) => host).sort()).toEqual(
    [kit.applications.host(environment), 'new.example.com'].sort(),
  );
});

test('a stopped environment is stopped under every name, also one that comes later', async () => {
  await deploy('page');
  await addDomain('before.example.com');
  await kit.pipeline.domainsChanged(environment.uuid);
  expect(await kit.pipeline.stopEnvironment(environment.uuid)).toEqual({ ok: true });
  await addDomain('after.example.com');
  await kit.pipeline.domainsChanged(environment.uuid);
  for (const host of ['before.example.com', 'after.example.com']) {
    expect((await request(kit.port, host)).status, host).toBe(503);
  }
  expect(await kit.pipeline.restartEnvironment(environment.uuid)).toEqual({ ok: true });
  for (const host of ['before.example.com', 'after.example.com']) {
    expect(await pageOf(host), host).toContain('page');
  }
});
