import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../test/git-server.ts';
import type { Repository } from '../index.ts';

let dataDir: string;
let server: GitServer;
let origin: TestRepository;
let mirror: Repository;
let count = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-mirror-'));
  server = await startGitServer(dataDir, {
    mirrors: { allowPaths: true, localNetworks: true, protocols: ['https', 'ssh', 'http'] },
  });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  origin = await createRepository({ branch: 'develop' });
  mirror = await server.store.transaction((trx) =>
    server.git.createMirror(trx, {
      organisationUuid: 'organisation',
      slug: `default/mirror-${count}`,
      url: origin.path,
    }),
  );
  return () => origin.remove();
});

const pushes = async () => {
  const rows = await server.store.db
    .selectFrom('pushes')
    .select(['ref', 'after_sha', 'forced'])
    .where('repository_uuid', '=', mirror.uuid)
    .orderBy('id')
    .execute();
  return rows.map((row) => [row.ref.replace('refs/', ''), row.after_sha, row.forced]);
};

test('follows pushes, rewinds and deletions; the import tells only of the default branch', async () => {
  await origin.commit('first');
  await origin.branch('alpha');
  await origin.tag('v1', 'release');
  await origin.checkout('develop');
  const first = await origin.commit('second');
  await server.git.fetch(mirror.uuid);
  expect((await server.git.get(mirror.uuid))?.defaultBranch).toBe('develop');
  expect(await server.git.history(mirror.uuid).branches()).toEqual(['alpha', 'develop']);
  expect(await pushes()).toEqual([['heads/develop', first, 0]]);

  await origin.git('commit', '-q', '--amend', '--allow-empty', '-m', 'amended');
  const amended = await origin.sha();
  await origin.git('branch', '-D', 'alpha');
  await server.git.fetch(mirror.uuid);
  await server.git.fetch(mirror.uuid);
  expect((await pushes()).slice(1)).toEqual([
    ['heads/alpha', '0'.repeat(40), 0],
    ['heads/develop', amended, 1],
  ]);
});

test('a fetch that was asked for begins after the call, however many ask', async () => {
  await origin.commit('first');
  await server.git.fetch(mirror.uuid);
  const running = server.git.fetch(mirror.uuid);
  const late = await origin.commit('late');
  const asked = [1, 2, 3].map(() => server.git.fetch(mirror.uuid));
  await Promise.all(asked);
  expect(await server.git.history(mirror.uuid).head('develop')).toBe(late);
  await running;
});

test('over http, from another Sluice; a remote that is gone is an error that keeps what is here', async () => {
  const { url: pushUrl } = await server.host(`default/origin-${count}`);
  const sha = await origin.commit('first');
  await origin.push(pushUrl, 'develop');
  const url = pushUrl.replace('pusher:x@', '');
  await server.git.mirrors.setCredentials(mirror.uuid, { username: 'pusher', password: 'x' });
  await server.store.db
    .updateTable('repositories')
    .set({ url })
    .where('uuid', '=', mirror.uuid)
    .execute();
  await server.git.fetch(mirror.uuid);
  expect(await server.git.history(mirror.uuid).head('develop')).toBe(sha);
  await server.store.db
    .updateTable('repositories')
    .set({ url: `${url}-gone` })
    .where('uuid', '=', mirror.uuid)
    .execute();
  await expect(server.git.fetch(mirror.uuid)).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'fetch_gone',
  });
  expect(await server.git.history(mirror.uuid).head('develop')).toBe(sha);
});
