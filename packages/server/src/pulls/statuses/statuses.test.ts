import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecrets, type Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import { createTurns } from '../../turns.ts';
import type { Context } from '../context.ts';
import { judgeAnswer, type Status } from './hosts.ts';
import { createStatusOutbox, type StatusOutbox } from './outbox.ts';
import { createStatusTargets } from './targets.ts';

/** Under load a second, the default, is not long. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 120_000 });

const SHA = 'a'.repeat(40);
const REPOSITORY = 'repository';
const STATUS: Status = {
  ...{ sha: SHA, context: 'sluice/pr', state: 'pending' },
  ...{ description: 'The build is on its way.', targetUrl: 'http://sluice.test/builds/1' },
};

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, string>;
}

let dataDir: string;
let store: Store;
let secrets: Secrets;
let host: Server;
let apiUrl: string;
let seen: Seen[];
let answers: ((response: ServerResponse) => void)[];
let outbox: StatusOutbox;
let targets: ReturnType<typeof createStatusTargets>;
let shift: number;
let allowLocal = true;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-statuses-'));
  store = await openStore({ dataDir });
  secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  [seen, answers, shift] = [[], [], 0];
  allowLocal = expect.getState().currentTestName?.includes('local network') !== true;
  host = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      const answer = answers.shift();
      if (answer !== undefined) answer(response);
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":1}');
    });
  });
  await new Promise<void>((listening) => host.listen(0, '127.0.0.1', listening));
  apiUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const now = () => new Date(Date.now() + shift).toISOString();
  const context: Context = {
    ...{ store, now, turns: createTurns(), publicUrl: () => 'http://sluice.test' },
    // Sending asks nothing of git.
    git: {} as Context['git'],
    onError: (error) => {
      throw error;
    },
  };
  outbox = createStatusOutbox(context, secrets, allowLocal);
  targets = createStatusTargets(store, secrets, outbox, now);
  outbox.start();
});
afterEach(async () => {
  await outbox.stop();
  host.closeAllConnections();
  await new Promise((closed) => host.close(closed));
  await secrets.settled();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const connect = (provider: string, slug = 'acme/site', token = 'secret-token') =>
  targets.set(REPOSITORY, { provider, apiUrl, slug, token }, 'admin@example.com');
const wake = () => store.events.emit('statuses');
const state = async () => targets.of(REPOSITORY);
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end('secret-token is wrong');

describe('each host is told in its own way', () => {
  it('GitHub', async () => {
    await connect('github');
    await outbox.put(REPOSITORY, { ...STATUS, description: `${'long '.repeat(60)}` });
    await eventually(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: `/repos/acme/site/statuses/${SHA}`,
      headers: { authorization: 'Bearer secret-token', accept: 'application/vnd.github+json' },
      body: { state: 'pending', context: 'sluice/pr', target_url: STATUS.targetUrl },
    });
    expect(seen[0]?.body['description']?.length).toBe(140);
  });

  it('GitLab, whose projects may lie deep', async () => {
    await connect('gitlab', 'group/sub/site');
    await outbox.put(REPOSITORY, STATUS);
    await eventually(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: `/projects/group%2Fsub%2Fsite/statuses/${SHA}`,
      headers: { 'private-token': 'secret-token' },
      body: { state: 'running', name: 'sluice/pr' },
    });
    await outbox.put(REPOSITORY, { ...STATUS, state: 'failure' });
    await eventually(() => seen.at(-1)?.body['state']).toBe('failed');
  });

  it('Gitea and Forgejo', async () => {
    await connect('gitea');
    await outbox.put(REPOSITORY, { ...STATUS, state: 'success' });
    await eventually(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: `/repos/acme/site/statuses/${SHA}`,
      headers: { authorization: 'token secret-token' },
      body: { state: 'success' },
    });
  });

  it('Bitbucket', async () => {
    await connect('bitbucket');
    await outbox.put(REPOSITORY, { ...STATUS, state: 'error' });
    await eventually(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      path: `/repositories/acme/site/commit/${SHA}/statuses/build`,
      headers: { authorization: 'Bearer secret-token' },
      body: { key: 'sluice/pr', state: 'FAILED', url: STATUS.targetUrl },
    });
  });
});

describe('the outbox', () => {
  it('sends only the newest state of a context, and nothing twice', async () => {
    await outbox.put(REPOSITORY, STATUS);
    await outbox.put(REPOSITORY, { ...STATUS, state: 'failure' });
    await outbox.put(REPOSITORY, { ...STATUS, state: 'success' });
    await outbox.put(REPOSITORY, { ...STATUS, context: 'sluice/deploy/live' });
    expect(seen).toEqual([]);
    await connect('github');
    await eventually(() => seen).toHaveLength(2);
    await outbox.put(REPOSITORY, { ...STATUS, state: 'success' });
    wake();
    await new Promise((done) => setTimeout(done, 300));
    expect(seen.map(({ body }) => [body['context'], body['state']]).sort()).toEqual([
      ['sluice/deploy/live', 'pending'],
      ['sluice/pr', 'success'],
    ]);
    expect(await state()).toMatchObject({ waiting: 0, lastError: null });
  });

  it('tries again after a fault of the host, later and later, and waits as long as it is told to', async () => {
    await connect('github');
    answers.push(status(500), status(429, { 'retry-after': '90' }));
    await outbox.put(REPOSITORY, STATUS);
    await eventually(async () => (await state())?.lastError).toContain('HTTP 500');
    expect((await state())?.lastError).not.toContain('secret');
    wake();
    expect(seen).toHaveLength(1);
    shift += 6_000;
    wake();
    await eventually(async () => (await state())?.lastError).toContain('HTTP 429');
    shift += 60_000;
    wake();
    await new Promise((done) => setTimeout(done, 200));
    expect(seen).toHaveLength(2);
    shift += 31_000;
    wake();
    await eventually(async () => (await state())?.waiting).toBe(0);
    expect(seen).toHaveLength(3);
  });

  it('gives up with a token that is refused, and goes on with a new one', async () => {
    await connect('gitlab');
    answers.push(status(401));
    await outbox.put(REPOSITORY, STATUS);
    await eventually(async () => (await state())?.lastError).toContain('the token is refused');
    shift += 3_600_000;
    wake();
    await new Promise((done) => setTimeout(done, 200));
    expect(seen).toHaveLength(1);
    await connect('gitlab', 'acme/site', 'new-token');
    await eventually(async () => (await state())?.waiting).toBe(0);
    expect(seen.at(-1)?.headers['private-token']).toBe('new-token');
  });

  it('carries the token nowhere else, and keeps it sealed', async () => {
    await connect('github');
    answers.push(status(302, { location: `${apiUrl}/elsewhere` }));
    await outbox.put(REPOSITORY, STATUS);
    await eventually(async () => (await state())?.lastError).toContain('HTTP 302');
    expect(seen.map(({ path }) => path)).toEqual([`/repos/acme/site/statuses/${SHA}`]);
    const row = await store.db.selectFrom('status_targets').selectAll().executeTakeFirst();
    expect(JSON.stringify(row)).not.toContain('secret-token');
    expect(JSON.stringify(await state())).not.toContain('secret-token');
  });

  it('follows a repository that its host renamed', async () => {
    await connect('gitea', 'Acme/Site');
    const repository = {
      ...{ uuid: REPOSITORY, organisation_uuid: 'o', slug: 'o/site', kind: 'mirror' as const },
      ...{ url: 'https://git.example/acme/store.git', default_branch: 'main', ci_enabled: 1 },
      ...{ is_private: 1, settings: '{}', created_at: new Date().toISOString() },
    };
    await store.db.insertInto('repositories').values(repository).execute();
    await store.db
      .insertInto('mirrors')
      .values({
        ...{ repository_uuid: REPOSITORY, failures: 0, next_fetch_at: 0 },
        moved_from: 'https://git.example/acme/site.git',
      })
      .execute();
    await outbox.put(REPOSITORY, STATUS);
    await eventually(() => seen).toHaveLength(1);
    expect(seen[0]?.path).toBe(`/repos/acme/store/statuses/${SHA}`);
    expect(await state()).toMatchObject({ slug: 'acme/store' });
  });

  it('goes into no local network unless that is allowed', async () => {
    await connect('gitea');
    await outbox.put(REPOSITORY, STATUS);
    await eventually(async () => (await state())?.lastError).toContain('lies in a local network');
    expect(seen).toEqual([]);
  });

  it('survives a host that is down', async () => {
    await connect('github');
    host.closeAllConnections();
    await new Promise((closed) => host.close(closed));
    await outbox.put(REPOSITORY, STATUS);
    await eventually(async () => (await state())?.lastError).toBe('The host did not answer.');
    expect(await state()).toMatchObject({ waiting: 1 });
  });
});

it.each([
  [200, {}, { kind: 'sent' }],
  [503, { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' }, { kind: 'retry', afterMs: 60_000 }],
  [
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '120' },
    { kind: 'retry', afterMs: 120_000 },
  ],
  [429, { 'retry-after': '999999' }, { kind: 'retry', afterMs: 3_600_000 }],
  [429, { 'retry-after': 'soon' }, { kind: 'retry', afterMs: null }],
  [403, {}, { kind: 'give_up' }],
  [422, {}, { kind: 'give_up' }],
])('an answer %i with %j means %j', (code, headers, outcome) => {
  expect(judgeAnswer(code, new Headers(Object.entries(headers)), 0)).toMatchObject(outcome);
});

it.each([
  [{ provider: 'sourceforge', slug: 'a/b', token: 't' }, 'provider'],
  [{ provider: 'gitea', slug: 'a/b', token: 't' }, 'api_url'],
  [{ provider: 'github', apiUrl: 'file:///etc', slug: 'a/b', token: 't' }, 'api_url'],
  [{ provider: 'github', slug: 'a b', token: 't' }, 'slug'],
  [{ provider: 'github', slug: 'a/b', token: '' }, 'token'],
])('refuses %j by its field', async (input, field) => {
  await expect(targets.set(REPOSITORY, input, 'x')).rejects.toMatchObject({
    code: 'invalid',
    fields: { [field]: expect.anything() },
  });
});
