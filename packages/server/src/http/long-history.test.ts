import { join } from 'node:path';
import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { recordStatements, wholeReads } from '../../test/statements.ts';

/**
 * What is asked all the time never reads a whole history: with a million builds that would be a second of everybody's one
 * database (docs/explanation/scale.md). Asks SQLite how it would answer every statement that a push, a build, a deployment,
 * the pages about them and the housekeeping need. Would catch: an index that is missing or that a query does not meet.
 * Over PostgreSQL there is nothing to ask: which plan it takes depends on how many rows there are.
 */
const skip = process.env['SLUICE_TEST_DATABASE_URL'] !== undefined;

let server: HttpServer;
let recording: ReturnType<typeof recordStatements>;

beforeAll(async () => {
  recording = recordStatements();
  server = await startHttpServer();
});
afterAll(async () => {
  recording.stop();
  await server.stop();
});

test.skipIf(skip)('no statement reads a whole history', async () => {
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    ...{ name: 'long', slug: 'long', organisation: server.organisationUuid },
  });
  const { results } = await client.environments.list({ application: application.uuid });
  const environment = results.find(({ slug }) => slug === 'test')?.uuid ?? '';
  await client.repositories.update(application.repository_uuid, { active: true });
  await client.environments.update(environment, { require_build: 'off' });
  const work = await createRepository();
  try {
    const sha = await work.commit('page', {
      'index.html': 'page',
      '.travis.yml': 'language: generic\nscript: "true"\n',
    });
    const remote = new URL(application.git_url);
    remote.username = 'sluice';
    remote.password = server.admin.token;
    await work.push(remote.toString());
    const runner = { runner: 'test', isolates: true };
    const leased = await server.ci.runner.lease(runner, 60_000);
    if (leased === null) throw new Error('no job');
    const { payload, leaseToken } = leased;
    await server.ci.runner.verdict(payload.jobId, leaseToken, 'passed');
    const end = { state: 'passed', exitCode: 0, reason: null } as const;
    await server.ci.runner.finish(payload.jobId, leaseToken, end);
    const { uuid } = await client.deployments.create({ environment, commit: sha });
    const within = { timeout: 120_000 };
    await expect
      .poll(async () => (await client.deployments.get(uuid)).status, within)
      .toBe('SUCCEEDED');

    const [build] = (await client.builds.list({ application: application.uuid })).results;
    for (const path of [
      '/ci/v3/builds/',
      `/ci/v3/builds/${build?.id}/`,
      `/ci/v3/jobs/${payload.jobId}/`,
      `/apps/v3/deployments/?environment=${environment}`,
      `/apps/v3/deployments/?application=${application.uuid}`,
      `/apps/v3/deployments/${uuid}/story/`,
      '/apps/v3/overview/',
      `/apps/v3/applications/${application.uuid}/commits/`,
      `/apps/v3/applications/${application.uuid}/insights/`,
      `/apps/v3/commits/${sha}/why/?application=${application.uuid}`,
      `/apps/v3/releases/?environment=${environment}`,
      '/system/v3/health/',
    ]) {
      const answer = await fetch(new URL(path, server.url), {
        headers: { authorization: `Token ${server.admin.token}` },
      });
      expect(`${path}: ${answer.status}`).toBe(`${path}: 200`);
    }
    await server.store.messages.forget(new Date(0).toISOString());
  } finally {
    await work.remove();
  }

  expect(recording.seen.size).toBeGreaterThan(150);
  expect(wholeReads(join(server.dataDir, 'sluice.db'), recording.seen)).toEqual([]);
});
