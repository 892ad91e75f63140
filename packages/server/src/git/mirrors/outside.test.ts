import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../test/git-server.ts';

/** A real git server that lies elsewhere, and everything that can happen to it. */

let dataDir: string;
let server: GitServer;
let host: OutsideHost;
let url: string;
let work: TestRepository;
let count = 0;

const local = { localNetworks: true, protocols: ['https', 'ssh', 'http'] };

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-outside-'));
  server = await startGitServer(dataDir, { mirrors: { ...local, pollMs: 0 } });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  count += 1;
  host = await createOutsideHost();
  ({ url, work } = await host.create(`team/app-${count}`));
});
afterEach(async () => {
  await host.close();
  await work.remove();
});

async function mirrorOf(address: string, on = server): Promise<string> {
  const { uuid } = await on.store.transaction((trx) =>
    on.git.createMirror(trx, {
      organisationUuid: 'organisation',
      slug: `default/outside-${count}-${Math.random().toString(36).slice(2)}`,
      url: address,
    }),
  );
  await on.git.mirrors.setCredentials(uuid, { username: host.user, password: host.password });
  return uuid;
}

const push = async (message: string): Promise<string> => {
  const sha = await work.commit(message);
  await work.git('push', '-q', '--force', 'origin', 'HEAD');
  return sha;
};

test('a token opens it, and stands nowhere in the clear', async () => {
  const sha = await push('first');
  const uuid = await mirrorOf(url);
  await server.git.fetch(uuid);
  expect(await server.git.history(uuid).head('main')).toBe(sha);

  const secrets = [host.password, encodeURIComponent(host.password)];
  const config = await readFile(join(server.git.path(uuid), 'config'), 'utf8');
  const row = JSON.stringify(await server.store.db.selectFrom('mirrors').selectAll().execute());
  for (const secret of secrets) expect(config + row).not.toContain(secret);
  // The schedule may be there in this moment, too.
  const left = () => readdir(join(dataDir, 'git', 'remotes'));
  await expect.poll(left, { timeout: 60_000 }).toEqual([]);

  // While git waits for the host: no process of this machine shows it on its command line.
  host.be('silent');
  const waiting = server.git.fetch(uuid).catch(() => undefined);
  await delay(700);
  const lines = await commandLines();
  expect(lines.some((line) => line.includes('ls-remote') && line.includes(url))).toBe(true);
  for (const secret of secrets) expect(lines.join('\n')).not.toContain(secret);
  await host.close();
  await waiting;
});

async function commandLines(): Promise<string[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    numbers.map((number) => readFile(`/proc/${number}/cmdline`, 'utf8').catch(() => '')),
  );
}

describe('what goes wrong', () => {
  test.each([
    ['refusing', 'auth', /refuses the credential/],
    ['gone', 'gone', /no such repository/],
    ['broken', 'host_down', /does not answer as it should/],
    ['moving', 'moved', /another address/],
  ] as const)(
    '%s: says %s, keeps what is here, and is tried again later',
    async (behaviour, reason, words) => {
      const sha = await push('first');
      const uuid = await mirrorOf(url);
      await server.git.fetch(uuid);
      host.be(behaviour);
      for (const failures of [1, 2]) {
        await expect(server.git.fetch(uuid)).rejects.toMatchObject({ reason: `fetch_${reason}` });
        const view = await server.git.mirrors.get(uuid);
        expect(view).toMatchObject({ failures, lastErrorReason: reason });
        expect(view?.lastError).toMatch(words);
        expect(view?.lastError).not.toContain(host.password);
        const wait = Date.parse(view?.nextFetchAt ?? '') - Date.now();
        expect(wait).toBeGreaterThan(2 ** (failures - 1) * 5_000 * 0.7);
        expect(wait).toBeLessThan(2 ** (failures - 1) * 5_000 * 1.3);
      }
      expect(await server.git.history(uuid).head('main')).toBe(sha);
      host.be('up');
      await server.git.fetch(uuid);
      expect(await server.git.mirrors.get(uuid)).toMatchObject({ failures: 0, lastError: null });
    },
  );

  test('emptied by mistake: nothing here is lost', async () => {
    const sha = await push('first');
    const uuid = await mirrorOf(url);
    await server.git.fetch(uuid);
    await work.git('push', '-q', 'origin', 'HEAD:refs/tags/kept');
    const bare = await work.git('remote', 'get-url', 'origin');
    await work.git(`--git-dir=${bare}`, 'update-ref', '-d', 'refs/heads/main');
    await expect(server.git.fetch(uuid)).rejects.toMatchObject({ reason: 'fetch_emptied' });
    expect(await server.git.history(uuid).head('main')).toBe(sha);
  });

  test('a host that says nothing holds up no other one', async () => {
    await push('first');
    const silent = await createOutsideHost();
    const stuck = await silent.create('team/stuck');
    silent.be('silent');
    const waiting = Promise.all(
      Array.from({ length: 6 }, async () =>
        server.git
          .fetch(await mirrorOf(stuck.url.replace('127.0.0.1', 'localhost')))
          .catch(() => undefined),
      ),
    );
    await delay(300);
    const uuid = await mirrorOf(url);
    const began = performance.now();
    await server.git.fetch(uuid);
    expect(performance.now() - began).toBeLessThan(5_000);
    await silent.close();
    await waiting;
    await stuck.work.remove();
  });
});

describe('its host says that it is somewhere else', () => {
  const at = (name: string) => url.replace(/team\/.*$/, `${name}.git`);

  test('renamed, twice: the new name is kept, told of, and asked from then on', async () => {
    await push('first');
    const uuid = await mirrorOf(url);
    await server.git.fetch(uuid);
    await host.rename(`team/app-${count}`, 'team/once');
    await work.git('remote', 'set-url', 'origin', await host.rename('team/once', 'other/twice'));
    const sha = await push('after that');
    await server.git.fetch(uuid);
    expect(await server.git.history(uuid).head('main')).toBe(sha);
    expect((await server.git.get(uuid))?.url).toBe(at('other/twice'));
    expect(await server.git.mirrors.get(uuid)).toMatchObject({
      ...{ lastError: null, movedTo: null, movedFrom: at('team/once') },
      hasPassword: true,
    });
    const asked = host.requests.length;
    await server.git.fetch(uuid);
    expect(host.requests.slice(asked).join()).not.toMatch(/team/);
  });

  test.each([
    ['for now only', 302, (name: string) => `/${name}`, at],
    ['to another host', 301, (name: string) => other(name), (name: string) => `${other(name)}.git`],
  ] as const)('%s: offered, and nothing is sent there', async (_what, status, to, offered) => {
    const elsewhere = await createOutsideHost();
    otherUrl = (await elsewhere.create('team/there')).url;
    await push('first');
    const uuid = await mirrorOf(url);
    await server.git.fetch(uuid);
    host.redirect(`team/app-${count}`, to('team/there'), status);
    await expect(server.git.fetch(uuid)).rejects.toMatchObject({
      reason: 'fetch_moved',
      remedy: expect.stringContaining(`sluice repo connect ${offered('team/there')}`),
    });
    expect(await server.git.mirrors.get(uuid)).toMatchObject({
      ...{ lastErrorReason: 'moved', movedTo: offered('team/there'), movedFrom: null, url },
    });
    expect(elsewhere.requests).toEqual([]);
    // One click later.
    await server.git.mirrors.setUrl(uuid, offered('team/there'));
    expect(await server.git.mirrors.get(uuid)).toMatchObject({ movedTo: null });
    await elsewhere.close();
  });

  test('where mirrors may not go: refused with the reason', async () => {
    await push('first');
    const uuid = await mirrorOf(url);
    host.redirect(`team/app-${count}`, 'ftp://files.example/shop', 301);
    await expect(server.git.fetch(uuid)).rejects.toMatchObject({
      ...{ reason: 'fetch_moved', message: expect.stringContaining('only https, ssh, http') },
    });
    expect(await server.git.mirrors.get(uuid)).toMatchObject({ movedTo: null, url });
  });

  let otherUrl = '';
  const other = (name: string) => otherUrl.replace(/team\/.*$/, name);
});

test('history is rewritten, a branch goes, the default branch is renamed', async () => {
  const first = await push('first');
  const uuid = await mirrorOf(url);
  await server.git.fetch(uuid);
  await work.git('commit', '-q', '--amend', '--allow-empty', '-m', 'rewritten');
  await work.git('push', '-q', '--force', 'origin', 'main');
  await server.git.fetch(uuid);
  const moved = await server.store.db
    .selectFrom('pushes')
    .select(['before_sha', 'after_sha', 'forced'])
    .where('repository_uuid', '=', uuid)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  expect(moved).toEqual({ before_sha: first, after_sha: await work.sha(), forced: 1 });
  // What was live may be the old one: its commit stays.
  expect(await server.git.history(uuid).present(first)).toBe(true);

  const bare = await work.git('remote', 'get-url', 'origin');
  await work.git('push', '-q', 'origin', 'main:trunk');
  await work.git(`--git-dir=${bare}`, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
  await work.git('push', '-q', 'origin', ':main');
  await server.git.fetch(uuid);
  expect((await server.git.get(uuid))?.defaultBranch).toBe('trunk');
  expect(await server.git.history(uuid).branches()).toEqual(['trunk']);
});

test('commits that only a pull request holds are brought when they are asked for', async () => {
  await push('first');
  const uuid = await mirrorOf(url);
  await server.git.fetch(uuid);
  const offered = await work.commit('from a fork');
  await work.git('push', '-q', 'origin', 'HEAD:refs/pull/7/head');
  await server.git.fetch(uuid);
  expect(await server.git.history(uuid).present(offered)).toBe(false);
  const fetched = server.git.mirrors.fetchRef(uuid, 'refs/pull/7/head', 'refs/pulls/7/head');
  expect(await fetched).toBe(offered);
  // The next fetch of the branches prunes only branches and tags.
  await push('on main');
  await server.git.fetch(uuid);
  expect(await server.git.history(uuid).present(offered)).toBe(true);
  await expect(
    server.git.mirrors.fetchRef(uuid, '--upload-pack=id', 'refs/pulls/7/head'),
  ).rejects.toThrow();
});

test('an address in a local network is refused at every fetch, and the host hears nothing', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-outside-strict-'));
  const strict = await startGitServer(dir, {
    mirrors: { protocols: ['https', 'ssh', 'http'], pollMs: 0 },
  });
  try {
    await push('first');
    await expect(strict.git.mirrors.checkAddress(url)).rejects.toMatchObject({
      reason: 'local_network',
    });
    // As when the name has moved into a local network since.
    const uuid = await mirrorOf(url.replace('127.0.0.1', 'localhost'), strict);
    await expect(strict.git.fetch(uuid)).rejects.toMatchObject({ reason: 'fetch_refused' });
    expect(host.requests).toEqual([]);
  } finally {
    await strict.stop();
    await rm(dir, { recursive: true, force: true });
  }
});

test('without any webhook the schedule finds what was pushed, also after the host was down', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-outside-poll-'));
  const polling = await startGitServer(dir, { mirrors: { ...local, pollMs: 300 } });
  try {
    const first = await push('first');
    const uuid = await mirrorOf(url, polling);
    const arrives = async (sha: string) => {
      const end = Date.now() + 15_000;
      while (!(await polling.git.history(uuid).present(sha))) {
        if (Date.now() > end) throw new Error(`${sha} does not arrive`);
        await delay(100);
      }
    };
    await arrives(first);
    host.be('broken');
    const second = await push('second');
    while (((await polling.git.mirrors.get(uuid))?.failures ?? 0) < 2) await delay(50);
    host.be('up');
    await arrives(second);
    expect(polling.errors).toEqual([]);
  } finally {
    await polling.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
