import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../test/git-server.ts';

/** Bitbucket Cloud keeps the commits of a fork in the fork alone, and shortens them in its webhooks. */

let dataDir: string;
let server: GitServer;
let host: OutsideHost;
let base: { url: string; work: TestRepository };
let mirror: string;
let hook: { uuid: string; secret: string };
const forks: TestRepository[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-forks-'));
  host = await createOutsideHost();
  server = await startGitServer(dataDir, {
    mirrors: { localNetworks: true, protocols: ['https', 'http'], pollMs: 0 },
  });
  base = await host.create('acme/shop');
  await base.work.commit('base', { 'a.txt': '1\n' });
  await base.work.git('push', '-q', 'origin', 'HEAD');
  ({ uuid: mirror } = await server.store.transaction((trx) =>
    server.git.createMirror(trx, {
      ...{ organisationUuid: 'organisation', slug: 'default/shop', url: base.url },
    }),
  ));
  await server.git.mirrors.setCredentials(mirror, {
    ...{ username: host.user, password: host.password },
  });
  hook = await server.git.webhooks.make(mirror, 'bitbucket');
});
afterAll(async () => {
  await server.stop();
  await host.close();
  await Promise.all([base.work, ...forks].map((work) => work.remove()));
  await rm(dataDir, { recursive: true, force: true });
});

async function forkOf(name: string): Promise<string> {
  const { work } = await host.create(name);
  forks.push(work);
  await work.git('fetch', '-q', await base.work.git('remote', 'get-url', 'origin'), 'main');
  await work.git('checkout', '-q', '-B', 'topic', 'FETCH_HEAD');
  const sha = await work.commit(`of ${name}`, { 'fork.txt': name });
  await work.git('push', '-q', 'origin', 'HEAD');
  return sha;
}

async function tell(number: number, full_name: string, sha: string, at = base.url) {
  const page = (name: string) => ({ html: { href: at.replace('acme/shop.git', name) } });
  const own = { uuid: '{1}', full_name: 'acme/shop', links: page('acme/shop') };
  const body = Buffer.from(
    JSON.stringify({
      repository: own,
      pullrequest: {
        ...{ id: number, title: 'x', updated_on: new Date().toISOString() },
        author: { account_id: 'eve', nickname: 'eve' },
        source: {
          ...{ branch: { name: 'topic' }, commit: { hash: sha.slice(0, 12) } },
          repository: { uuid: `{${full_name}}`, full_name, links: page(full_name) },
        },
        destination: { branch: { name: 'main' }, repository: own },
        links: { html: { href: `https://bitbucket.org/acme/shop/pull-requests/${number}` } },
      },
    }),
  );
  const { delivery } = await server.git.webhooks.receive({
    ...{ provider: 'bitbucket', hookUuid: hook.uuid, body },
    headers: {
      'x-event-key': 'pullrequest:created',
      'x-request-uuid': `delivery-${number}-${full_name}`,
      'x-hub-signature': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`,
    },
  });
  const look = () => server.git.webhooks.delivery(mirror, delivery ?? '');
  return { look };
}

const heads = async (): Promise<string[]> => {
  const rows = await server.store.db
    .selectFrom('messages')
    .select('payload')
    .where('topic', '=', 'pull_request')
    .execute();
  return rows.map(({ payload }) => JSON.parse(payload).head.sha);
};
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 120_000 });

test('a public fork is read from where it is, without the credential of the base', async () => {
  const sha = await forkOf('eve/shop');
  host.publish('eve/shop');
  const { look } = await tell(1, 'eve/shop', sha);
  await eventually(async () => (await look()).state).toBe('done');
  expect(await heads()).toEqual([sha]);
  expect(await server.git.history(mirror).present(sha)).toBe(true);
  expect(host.requests.some((request) => request.includes('/eve/shop.git'))).toBe(true);
  expect(host.authorized.filter((request) => request.includes('/eve/'))).toEqual([]);
  // It is none of the repository's branches, whatever it is called.
  expect(await server.git.history(mirror).head('topic')).toBeNull();
});

test('a fork of the same owner is read with it', async () => {
  const sha = await forkOf('acme/shop-2');
  const { look } = await tell(2, 'acme/shop-2', sha);
  await eventually(async () => (await look()).state).toBe('done');
  expect(await heads()).toContain(sha);
});

test('a private fork says what is missing and what to do', async () => {
  const sha = await forkOf('eve/private');
  const { look } = await tell(3, 'eve/private', sha);
  await eventually(async () => (await look()).result).toMatch(
    /keeps the commits of a fork in the fork alone.*Make the fork public/,
  );
  expect(host.authorized.filter((request) => request.includes('/eve/'))).toEqual([]);
});

test('a fork elsewhere is asked nothing', async () => {
  const elsewhere = await createOutsideHost();
  const { url } = await elsewhere.create('acme/shop');
  const { look } = await tell(4, 'eve/shop', 'd'.repeat(40), url);
  await eventually(async () => (await look()).result).toContain('lies at another host');
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.close();
});
