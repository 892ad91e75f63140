import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Image } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';

/** Images of real deployments; this server keeps 3 releases and as many newest images. */
let server: HttpServer;
let application: Application;
let work: TestRepository;

beforeAll(async () => {
  server = await startHttpServer();
  work = await createRepository();
  application = await client().applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
});

afterAll(async () => {
  await work.remove();
  await server.stop();
});

const client = () => server.client(server.admin.token);
const images = () => client().images.list(application.uuid);
const directory = (uuid: string) => join(server.dataDir, 'builds', uuid);

async function environment(slug: string): Promise<string> {
  const { results } = await client().environments.list({ application: application.uuid, slug });
  return results[0]?.uuid ?? '';
}

async function push(page: string): Promise<string> {
  const sha = await work.commit(page, { 'index.html': page });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href, '+HEAD:refs/heads/main');
  return sha;
}

async function deploy(slug: string, commit: string): Promise<string> {
  const made = await client().deployments.create({
    ...{ environment: await environment(slug), commit, wait: 60 },
  });
  expect(made.success, made.reason ?? '').toBe(true);
  return made.uuid;
}

async function imageOf(sha: string): Promise<Image> {
  const found = (await images()).results.find(({ commit }) => commit === sha);
  if (found === undefined) throw new Error(`no image of ${sha}`);
  return found;
}

test('an image tells its size, who built and who adopted it, and what keeps it', async () => {
  const sha = await push('one');
  const built = await deploy('test', sha);
  const adopting = await deploy('live', sha);
  const { results, policy, problem } = await images();
  expect({ policy, problem }).toEqual({
    policy: { runtime: 'process', registry: null, keep_releases: 3 },
    problem: null,
  });
  const [image] = results;
  expect(results).toHaveLength(1);
  expect(image).toMatchObject({ commit: sha, state: 'ready', built_by: built, kept_for: 'live' });
  expect(image?.digest).toMatch(/\w/);
  // The page alone.
  expect(image?.size_bytes).toBe(3);
  expect(image?.own_bytes).toBe(image?.size_bytes);
  const uses = image?.releases.map(({ environment_slug, deployment, is_live, adopted }) => ({
    ...{ environment_slug, deployment, is_live, adopted },
  }));
  expect(uses).toEqual([
    { environment_slug: 'live', deployment: adopting, is_live: true, adopted: true },
    { environment_slug: 'test', deployment: built, is_live: true, adopted: false },
  ]);
  await expect(client().images.remove(image?.uuid ?? '')).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining('it is live in live, test'),
  });
  expect(existsSync(directory(image?.uuid ?? ''))).toBe(true);
});

test('images of a removed environment are cleaned up, those that others need stay', async () => {
  const preview = await client().environments.create({
    ...{ application: application.uuid, slug: 'preview', branch: 'main' },
  });
  const lonely = await push('two');
  await deploy('preview', lonely);
  const { uuid } = await imageOf(lonely);
  expect(await imageOf(lonely)).toMatchObject({ kept_for: 'live' });
  const newer: string[] = [];
  for (const page of ['three', 'four', 'five']) {
    newer.push(await push(page));
    await deploy('test', newer.at(-1) ?? '');
  }
  await client().environments.remove(preview.uuid);
  await expect.poll(async () => (await imageOf(lonely)).kept_for, { timeout: 60_000 }).toBeNull();

  const plan = await client().images.clean(application.uuid, true);
  expect(plan.removed.map((image) => image.uuid)).toEqual([uuid]);
  expect(existsSync(directory(uuid))).toBe(true);

  const cleaned = await client().images.clean(application.uuid);
  expect(cleaned).toMatchObject({ left: [], busy: [] });
  expect(cleaned.removed.map((image) => image.uuid)).toEqual([uuid]);
  expect(cleaned.freed_bytes).toBe(plan.freed_bytes);
  expect(existsSync(directory(uuid))).toBe(false);
  const kept = new Map((await images()).results.map((image) => [image.commit, image.kept_for]));
  expect(kept.size).toBe(4);
  expect(newer.map((sha) => kept.get(sha))).toEqual(['rollback', 'rollback', 'live']);
  expect((await client().images.clean(application.uuid)).removed).toEqual([]);
});

test('one that is only kept for another try can be removed by hand, once', async () => {
  const preview = await client().environments.create({
    ...{ application: application.uuid, slug: 'brief', branch: 'main' },
  });
  const sha = await push('six');
  await deploy('brief', sha);
  await client().environments.remove(preview.uuid);
  await expect.poll(async () => (await imageOf(sha)).kept_for, { timeout: 60_000 }).toBe('newest');
  const { uuid } = await imageOf(sha);
  await client().images.clean(application.uuid);
  expect(existsSync(directory(uuid))).toBe(true);
  await client().images.remove(uuid);
  expect(existsSync(directory(uuid))).toBe(false);
  await expect(client().images.remove(uuid)).rejects.toMatchObject({ status: 404 });
  const log = await client().send<{ results: { action: string; target: string }[] }>(
    ...(['GET', '/iam/v3/audit-log/'] as const),
  );
  expect(log.results.map(({ action, target }) => `${action} ${target}`)).toContain(
    `image.remove image:${uuid}`,
  );
});

test('for the installation: sums by application, and a cleaning of all', async () => {
  const all = await client().images.all();
  expect(all.policy.keep_releases).toBe(3);
  expect(all.applications).toMatchObject([
    { application: application.uuid, name: 'Shop', key: `${application.id}-shop`, images: 4 },
  ]);
  expect(all.applications[0]?.size_bytes).toBeGreaterThan(10);
  expect(all.unknown).toEqual({ images: 0, size_bytes: null });

  await client().applications.remove(application.uuid);
  // As the purge does after days of grace.
  await server.store.db
    .updateTable('applications')
    .set({ deleted_at: '2020-01-01T00:00:00.000Z' })
    .where('uuid', '=', application.uuid)
    .execute();
  await server.applications.purge();
  const cleaned = await client().images.cleanAll();
  expect(cleaned.removed).toHaveLength(4);
  for (const { uuid } of cleaned.removed) expect(existsSync(directory(uuid))).toBe(false);
  expect((await client().images.all()).applications).toEqual([]);
});
