import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Client, type Repository, type WebhookMade } from '@sluice/contract';
import { createOutsideHost, type OutsideHost, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';
import { signTimed } from '../git/webhooks/signature.ts';

/** Outside repositories and their webhooks through the server's own door (spec/faults.md 11, 12, 31). */

let server: HttpServer;
let host: OutsideHost;
let client: Client;
let url: string;
let work: TestRepository;
let repository: Repository;
let hook: WebhookMade;
let count = 0;

beforeAll(async () => {
  server = await startHttpServer();
  host = await createOutsideHost();
  client = server.client(server.admin.token);
});
afterAll(async () => {
  await server.stop();
  await host.close();
});
beforeEach(async () => {
  host.be('up');
  count += 1;
  ({ url, work } = await host.create(`team/app-${count}`));
  await push('first');
  repository = await client.sources.create({
    ...{ organisation: server.organisationUuid, url },
    ...{ username: host.user, password: host.password },
  });
  hook = await client.sources.makeWebhook(repository.uuid, 'github');
  await client.sources.fetch(repository.uuid);
  return () => work.remove();
});

const push = async (message: string): Promise<string> => {
  const sha = await work.commit(message);
  await work.git('push', '-q', '--force', 'origin', 'HEAD');
  return sha;
};

interface Sent {
  readonly event?: string;
  readonly secret?: string;
  readonly name?: string;
  readonly headers?: Record<string, string>;
  readonly to?: string;
}

/** As GitHub sends it. */
async function send(body: unknown, sent: Sent = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signature = createHmac('sha256', sent.secret ?? hook.secret)
    .update(text)
    .digest('hex');
  const { status, json } = await rawRequest(server.url, sent.to ?? new URL(hook.url).pathname, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': sent.event ?? 'push',
      'x-github-delivery': sent.name ?? randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
      ...sent.headers,
    },
    body: text,
  });
  return { status, ...(json as { result?: string; detail?: string; delivery?: string }) };
}

const pushBody = (after: string, more: object = {}) => ({
  ...{ ref: 'refs/heads/main', before: '1'.repeat(40), after },
  repository: { full_name: `team/app-${count}`, pushed_at: Date.now() },
  ...more,
});

async function settled(uuid: string | undefined) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { results } = await client.sources.deliveries(repository.uuid, {
      ...(uuid === undefined ? {} : { delivery: uuid }),
    });
    const [delivery] = results;
    if (delivery !== undefined && delivery.state !== 'waiting') return delivery;
    await delay(50);
  }
  throw new Error(`the delivery ${uuid} is never done`);
}

const isHere = (sha: string) => server.git.history(repository.uuid).present(sha);

test('a push is accepted in milliseconds, fetched from the queue, listed, and sent again', async () => {
  const sha = await push('second');
  const accepted = await send(pushBody(sha));
  expect(accepted).toMatchObject({ status: 202, result: 'accepted' });
  const delivery = await settled(accepted.delivery);
  expect(delivery).toMatchObject({ state: 'done', result: 'Fetched.', event: 'push' });
  expect(JSON.parse(delivery.body ?? '')).toMatchObject({ after: sha });
  expect(JSON.stringify(delivery.headers)).not.toContain('sha256=');
  expect(await isHere(sha)).toBe(true);
  expect((await client.sources.get(repository.uuid)).webhook?.last_delivery_at).not.toBeNull();

  const third = await push('third');
  await client.sources.redeliver(repository.uuid, delivery.uuid);
  await expect.poll(() => isHere(third), { timeout: 120_000 }).toBe(true);
});

test('a host that is slow or down does not keep the answer, and the push is not lost', async () => {
  host.be('broken');
  const sha = await push('while it is down');
  const began = performance.now();
  const { status, delivery } = await send(pushBody(sha));
  expect(status).toBe(202);
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect
    .poll(async () => (await client.sources.deliveries(repository.uuid)).results[0]?.attempts, {
      timeout: 120_000,
    })
    .toBeGreaterThan(0);
  host.be('up');
  expect(await settled(delivery)).toMatchObject({ state: 'done' });
  expect(await isHere(sha)).toBe(true);
});

describe('refused, with the reason', () => {
  test.each<[string, number, RegExp, () => Promise<{ status: number; detail?: string }>]>([
    ['an unknown address', 404, /no such webhook/, () => send({}, { to: '/webhooks/github/x/' })],
    [
      'a kind of host that there is none of',
      404,
      /kind/,
      () => send({}, { to: new URL(hook.url).pathname.replace('github', 'sourceforge') }),
    ],
    [
      'no signature',
      401,
      /X-Hub-Signature-256/,
      () => send(pushBody('a'.repeat(40)), { headers: { 'x-hub-signature-256': '' } }),
    ],
    [
      'a wrong secret',
      403,
      /does not fit/,
      () => send(pushBody('a'.repeat(40)), { secret: 'guessed' }),
    ],
    [
      'a body changed after signing',
      403,
      /does not fit/,
      () =>
        send(`${JSON.stringify(pushBody('a'.repeat(40)))} `, {
          headers: {
            'x-hub-signature-256': `sha256=${createHmac('sha256', hook.secret)
              .update(JSON.stringify(pushBody('a'.repeat(40))))
              .digest('hex')}`,
          },
        }),
    ],
    ['no JSON', 400, /not JSON/, () => send('{"ref": ')],
    [
      'a body without what it must have',
      400,
      /ref/,
      () => send({ repository: { full_name: `team/app-${count}` } }),
    ],
    [
      'another repository',
      422,
      /other\/thing/,
      () => send(pushBody('a'.repeat(40), { repository: { full_name: 'other/thing' } })),
    ],
    [
      'a path that only ends alike',
      422,
      /p-/,
      () => send(pushBody('a'.repeat(40), { repository: { full_name: `pp-${count}` } })),
    ],
    ['25 MB', 413, /too large/, () => send('x'.repeat(25_000_000))],
  ])('%s: %i', async (_what, status, words, attempt) => {
    const answer = await attempt();
    expect(answer).toMatchObject({ status, detail: expect.stringMatching(words) });
    const { results } = await client.sources.deliveries(repository.uuid);
    expect(results.filter((one) => one.state !== 'refused')).toEqual([]);
    for (const one of results) expect(one.body).toBeNull();
  });

  test('what it does not need is taken and ignored, as hosts want it', async () => {
    const body = { action: 'created', repository: { full_name: `team/app-${count}` } };
    expect(await send(body, { event: 'star' })).toMatchObject({
      ...{ status: 202, result: 'ignored', detail: expect.stringContaining('star') },
    });
    const ping = { zen: 'Keep it logically awesome.', repository: body.repository };
    expect(await send(ping, { event: 'ping' })).toMatchObject({ status: 200, result: 'pong' });
  });

  test('a flood of forgeries fills no disk', async () => {
    for (let index = 0; index < 30; index += 1) {
      await send(pushBody('a'.repeat(40)), { secret: 'guessed' });
    }
    const { results } = await client.sources.deliveries(repository.uuid);
    expect(results.length).toBeLessThanOrEqual(20);
  });
});

test('the same delivery twice is one; the same body under another name is a replay', async () => {
  const sha = await push('second');
  const body = JSON.stringify(pushBody(sha));
  const name = randomUUID();
  const first = await send(body, { name });
  await settled(first.delivery);
  expect(await send(body, { name })).toMatchObject({
    ...{ status: 200, result: 'duplicate', delivery: first.delivery },
  });
  expect(await send(body, { name: randomUUID() })).toMatchObject({ status: 409 });
  expect(await send(pushBody('b'.repeat(40)), { name })).toMatchObject({ status: 409 });

  const generic = await client.sources.makeWebhook(repository.uuid, 'generic');
  const sendGeneric = async (seconds: number, delivery: string, more: object = {}) => {
    const text = JSON.stringify({ event: 'push', ref: 'refs/heads/main', ...more });
    const signature = signTimed(text, generic.secret, seconds);
    const { status } = await rawRequest(server.url, new URL(generic.url).pathname, {
      method: 'POST',
      headers: { 'x-sluice-signature': signature, 'x-sluice-delivery': delivery },
      body: text,
    });
    return status;
  };
  const now = Math.floor(Date.now() / 1_000);
  expect(await sendGeneric(now, 'a')).toBe(202);
  expect(await sendGeneric(now - 3_600, 'b')).toBe(403);
  // Two pushes within a second look alike and both count; a pull request that comes again is a replay.
  expect(await sendGeneric(now, 'c')).toBe(202);
  const pull = {
    ...{ event: 'pull_request', number: 1, action: 'opened', author: { id: '1', login: 'ada' } },
    ...{ head: { sha: 'a'.repeat(40), ref: 'x' }, base: { ref: 'main' } },
  };
  expect(await sendGeneric(now, 'd', pull)).toBe(202);
  expect(await sendGeneric(now, 'e', pull)).toBe(409);
  expect(await sendGeneric(now + 1, 'f', pull)).toBe(202);
});

test('pull requests become messages, in order, each as often as it came', async () => {
  const of = (action: string, sha: string) => ({
    ...{ action, number: 5, repository: { full_name: `team/app-${count}` } },
    pull_request: {
      ...{ number: 5, title: 'A change', html_url: 'https://github.com/x/5', draft: false },
      ...{ merged: false, updated_at: new Date().toISOString(), user: { id: 1, login: 'ada' } },
      head: { ref: 'change', sha, repo: { id: 2, full_name: 'ada/app' } },
      base: { ref: 'main', sha: 'b'.repeat(40), repo: { id: 1, full_name: 'team/app' } },
    },
  });
  host.be('broken');
  for (const [action, sha] of [
    ['opened', 'a'],
    ['synchronize', 'c'],
    ['closed', 'c'],
  ] as const) {
    const sent = await send(of(action, sha.repeat(40)), { event: 'pull_request' });
    expect(await settled(sent.delivery)).toMatchObject({ state: 'done' });
  }
  const rows = await server.store.db
    .selectFrom('messages')
    .select('payload')
    .where('topic', '=', 'pull_request')
    .orderBy('id')
    .execute();
  const mine = rows
    .map((row) => JSON.parse(row.payload))
    .filter((payload) => payload.repositoryUuid === repository.uuid);
  expect(mine.map((payload) => payload.action)).toEqual(['opened', 'updated', 'closed']);
  expect(mine[0]).toMatchObject({
    ...{ provider: 'github', number: 5, author: { id: '1', login: 'ada' } },
    head: { sha: 'a'.repeat(40), isFork: true, repository: 'ada/app' },
  });
  expect(mine[0]).not.toHaveProperty('kind');
});

describe('the repository', () => {
  test('is validated without being made, and shows no secret', async () => {
    const missing = await client.sources.create({ url }).catch((error: unknown) => error);
    expect(missing).toMatchObject({ status: 400, fields: { organisation: expect.anything() } });
    const bad = await client.sources.create({ url: 'ext::sh -c id' }).catch((e: unknown) => e);
    expect(bad).toBeInstanceOf(ApiError);
    expect(bad).toMatchObject({ status: 400, fields: { url: expect.anything() } });
    const shown = JSON.stringify(await client.sources.get(repository.uuid));
    expect(shown).toContain('"has_password":true');
    expect(shown).not.toContain(JSON.stringify(host.password).slice(1, -1));
    expect(shown).not.toContain(hook.secret);
  });

  test('is given to one application, whose environments track its default branch', async () => {
    await work.git('push', '-q', 'origin', 'HEAD:develop');
    const organisation = server.organisationUuid;
    const input = { name: `Outside ${count}`, organisation, repository: repository.uuid };
    const application = await client.applications.create(input);
    expect(application).toMatchObject({ repository: repository.uuid });
    const { results } = await client.environments.list({ application: application.uuid });
    expect(results.map((one) => one.branch)).toEqual(['main', 'main']);
    const again = await client.applications
      .create({ ...input, name: 'Twice' })
      .catch((error: unknown) => error);
    expect(again).toMatchObject({ status: 400, fields: { repository: expect.anything() } });
    expect(await client.sources.get(repository.uuid)).toMatchObject({
      ...{ application: application.uuid, state: 'CLONED', missing_branches: [] },
    });
  });

  test('nobody else of the organisation sees or takes it before that', async () => {
    const other = await server.accounts.createUser(
      { email: `other-${count}@example.com`, password: null },
      { organisationUuid: server.organisationUuid, role: 'collaborator' },
      'test',
    );
    const stranger = server.client(await server.tokenOf(other));
    await expect(stranger.sources.get(repository.uuid)).rejects.toMatchObject({ status: 404 });
    const taking = stranger.applications.create({
      ...{ name: `Taken ${count}`, organisation: server.organisationUuid },
      repository: repository.uuid,
    });
    await expect(taking).rejects.toMatchObject({ status: 404 });
  });

  test('another host gets none of the credentials', async () => {
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    const changed = await client.sources.update(repository.uuid, { url: elsewhere });
    expect(changed).toMatchObject({ url: elsewhere, has_password: false, username: null });
    const back = await client.sources.update(repository.uuid, { password: 'x' });
    const same = await client.sources.update(repository.uuid, { url: `${elsewhere}/` });
    expect([back.has_password, same.has_password]).toEqual([true, true]);
  });

  test('a hosted one is turned into a mirror and back, only when that is meant', async () => {
    const organisation = server.organisationUuid;
    const made = await client.applications.create({ name: `Moves ${count}`, organisation });
    const remote = new URL(made.git_url);
    [remote.username, remote.password] = ['x', server.admin.token];
    await work.push(remote.href, 'HEAD:main', 'HEAD:old');
    const { user: username, password } = host;
    const connect = { url, username, password };
    const refused = client.sources.connect(made.uuid, connect);
    await expect(refused).rejects.toMatchObject({ status: 409, reason: 'not_empty' });
    const connected = await client.sources.connect(made.uuid, { ...connect, replace: true });
    expect(connected).toMatchObject({ kind: 'mirror', url, uuid: made.repository_uuid });
    expect(await client.sources.fetch(connected.uuid)).toEqual({ code: 'success', detail: null });
    expect(await server.git.history(connected.uuid).branches()).toEqual(['main']);
    await client.sources.disconnect(made.uuid);
    expect(await client.sources.get(connected.uuid)).toMatchObject({ kind: 'hosted' });
    await work.push(remote.href, 'HEAD:again');
  });

  test('says what is wrong with fetching, in words and for programs', async () => {
    host.be('refusing');
    const check = await client.sources.fetch(repository.uuid);
    expect(check).toMatchObject({ code: 'auth', detail: expect.stringContaining('token') });
    expect(await client.sources.get(repository.uuid)).toMatchObject({
      ...{ state: 'CLONED', last_error_reason: 'auth', failures: expect.any(Number) },
    });
  });
});
