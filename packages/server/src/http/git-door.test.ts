import type { Application } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';
import type { User } from '../accounts/index.ts';

let server: HttpServer;
let application: Application;
let work: TestRepository;
let users = 0;

beforeAll(async () => {
  server = await startHttpServer();
  application = await server.client(server.admin.token).applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  work = await createRepository({ branch: 'master' });
  await work.commit('First', { page: '1' });
});

afterAll(async () => {
  await work.remove();
  await server.stop();
});

const urlFor = (user: string, password: string): string => {
  const url = new URL(application.git_url);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
};

const person = async (role: string | null): Promise<User> => {
  users += 1;
  return server.accounts.createUser(
    { email: `user${users}@example.com`, password: 'correct horse battery' },
    role === null ? null : { organisationUuid: server.organisationUuid, role },
    'test',
  );
};

const lsRemote = (url: string) => work.tryGit('ls-remote', url);

describe('git over HTTP', () => {
  test('a first push makes the environments follow its branch', async () => {
    await work.push(urlFor('x', server.admin.token));
    const { results } = await server
      .client(server.admin.token)
      .environments.list({ application: application.uuid });
    expect(results.map(({ slug, branch }) => [slug, branch])).toEqual([
      ['test', 'master'],
      ['live', 'master'],
    ]);
  });

  test('opens with a token in either half, or email and password', async () => {
    for (const url of [
      urlFor('x', server.admin.token),
      urlFor(server.admin.token, ''),
      urlFor('admin@example.com', 'correct horse battery'),
    ]) {
      expect(await lsRemote(url)).toMatchObject({ status: 0 });
    }
  });

  test('asks for credentials, and again when they are wrong', async () => {
    const path = '/default/shop.git/info/refs?service=git-upload-pack';
    for (const headers of [{}, { authorization: 'Basic eDp5' }, { authorization: 'Token x' }]) {
      const answer = await rawRequest(server.url, path, { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    }
    // Somebody without an account does not learn which repositories there are.
    const none = await rawRequest(server.url, path.replace('shop', 'nope'));
    expect(none.status).toBe(401);
  });

  test('is not found by whoever may not see it', async () => {
    const stranger = await server.tokenOf(await person(null));
    const outcome = await lsRemote(urlFor('x', stranger));
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toMatch(/not found/i);
  });

  test('lets a deployer read and not push', async () => {
    const deployer = await server.tokenOf(await person('deployer'));
    expect(await lsRemote(urlFor('x', deployer))).toMatchObject({ status: 0 });
    await work.commit('Second', { page: '2' });
    await expect(work.push(urlFor('x', deployer))).rejects.toThrow(/403/);
  });

  test('lets a collaborator push, but not rewrite a deployment branch', async () => {
    const user = await person(null);
    await server.accounts.collaborators.add(
      null,
      {
        applicationUuid: application.uuid,
        organisationUuid: server.organisationUuid,
        userUuid: user.uuid,
      },
      'test',
    );
    const url = urlFor('x', await server.tokenOf(user));
    await work.push(url);
    await work.git('commit', '-q', '--amend', '--allow-empty', '-m', 'Rewritten');
    await expect(work.push(url, '+HEAD:refs/heads/master')).rejects.toThrow(/master/);
    const admin = urlFor('x', server.admin.token);
    await expect(work.push(admin, '+HEAD:refs/heads/master')).rejects.toThrow(/-o force/);
    await work.push(admin, '-o', 'force', '+HEAD:refs/heads/master');
  });

  test("lets a job's token clone its own repository until the job ends", async () => {
    const token = await server.accounts.createJobToken(1, application.repository_uuid);
    const other = await server.accounts.createJobToken(2, 'another-repository');
    expect(await lsRemote(urlFor('x-job', token))).toMatchObject({ status: 0 });
    expect((await lsRemote(urlFor('x-job', other))).status).not.toBe(0);
    await expect(work.push(urlFor('x-job', token))).rejects.toThrow(/403/);
    await server.accounts.endJobToken(1);
    expect((await lsRemote(urlFor('x-job', token))).status).not.toBe(0);
    // And nothing else of the API, at any time.
    const me = await rawRequest(server.url, '/iam/v3/me/', {
      headers: { authorization: `Token ${other}` },
    });
    expect(me.status).toBe(403);
  });

  test.each([
    '/default/shop.git/HEAD',
    '/default/shop.git/objects/info/packs',
    '/../shop.git/info/refs',
  ])('serves no file as it lies: %s', async (path) => {
    const headers = { authorization: `Token ${server.admin.token}` };
    expect((await rawRequest(server.url, path, { headers })).status).toBe(404);
  });
});
