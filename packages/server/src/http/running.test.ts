import { join } from 'node:path';
import type { Application, Deployment, Environment } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { rawRequest } from '../../test/raw-request.ts';
import { readIdentity, signalProcess } from '../router/identity.ts';

/** Stories of real deployments, and domains through the real router. */
let server: HttpServer;
let application: Application;
let environment: Environment;
let work: TestRepository;

beforeAll(async () => {
  server = await startHttpServer();
  work = await createRepository();
  await useApplication('Shop');
});

afterAll(async () => {
  await work.remove();
  await server.stop();
});

const client = () => server.client(server.admin.token);
const story = (deployment: Deployment) => client().deployments.story(deployment.uuid);
const shas = (commits: readonly { sha: string }[]) => commits.map(({ sha }) => sha);

async function useApplication(name: string): Promise<void> {
  application = await client().applications.create({
    ...{ name, organisation: server.organisationUuid },
  });
  const { results } = await client().environments.list({ application: application.uuid });
  environment = results[0] as Environment;
}

async function push(): Promise<void> {
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  await work.push(url.href, '+HEAD:refs/heads/main');
}

const commit = (page: string) => work.commit(page, { 'index.html': page });

const deploy = (body: { commit?: string; wait?: number } = {}): Promise<Deployment> =>
  client().deployments.create({ environment: environment.uuid, wait: 60, ...body });

const ask = (host: string, path = '/') =>
  rawRequest(`http://127.0.0.1:${server.applicationPort}`, path, { headers: { host } });

describe('the story of a deployment', () => {
  let first: Deployment;
  let one: string;

  test('tells who asked, each step with its time, and what it brings', async () => {
    one = await commit('page one');
    const two = await commit('page two');
    await push();
    first = await deploy({ commit: two });
    expect(first.success).toBe(true);
    const told = await story(first);

    expect(told.commit).toMatchObject({ sha: two, subject: 'page two', author: 'Test Author' });
    expect(told.previous).toBeNull();
    expect(shas(told.commits)).toEqual([two, one]);
    expect(told).toMatchObject({ removed: [], commits_complete: true, build: null });
    expect(told.signals).toEqual([
      {
        ...{ by: 'admin@example.com', via: 'cli', target: two, joined: false },
        at: expect.stringMatching(/Z$/),
      },
    ]);
    expect(told.decisions[0]?.rule).toBe('accepted');
    expect(told.decisions.at(-1)).toMatchObject({ to: 'SUCCEEDED', rule: 'went_live' });
    expect(told.release).toMatchObject({ uuid: first.release, is_live: true, kept: true });

    const pipeline = told.steps.filter(({ step }) => !/AWAITING|QUEUED/.test(step));
    expect(pipeline.map(({ step }) => step)).toEqual([
      ...['PROVISIONING', 'BUILDING', 'RELEASING', 'SCALING', 'CHECKING', 'FINALIZING'],
    ]);
    for (const [index, step] of told.steps.entries()) {
      expect(step.outcome, step.step).toBe('done');
      expect(Date.parse(step.ended_at ?? '')).toBeGreaterThanOrEqual(Date.parse(step.started_at));
      const before = told.steps[index - 1];
      if (before !== undefined) expect(step.started_at >= before.started_at).toBe(true);
    }
    expect(pipeline[4]?.detail).toMatch(/^web: /);
  });

  test('of a merge lists what it merged, newest first, and not what was live already', async () => {
    await work.git('checkout', '-q', '-b', 'feature', one);
    const feature = await work.commit('feature', { 'feature.txt': 'x' });
    await work.git('checkout', '-q', 'main');
    await work.git('merge', '-q', '--no-ff', '-m', 'merge feature', 'feature');
    const merge = await work.sha();
    await push();
    const told = await story(await deploy({ commit: merge }));
    expect(told.previous?.subject).toBe('page two');
    expect(shas(told.commits)).toEqual([merge, feature]);
    expect(told.removed).toEqual([]);
  });

  test('of a rollback lists what it takes off, and shares the old release', async () => {
    const made = await client().environments.rollback(environment.uuid, {
      deployment: first.uuid,
    });
    const back = await ended(made.uuid);
    const told = await story(back);
    expect(told.commits).toEqual([]);
    expect(told.removed.map(({ subject }) => subject)).toEqual(['merge feature', 'feature']);
    expect(told.release).toMatchObject({ uuid: first.release, is_live: true });
    expect(told.decisions[0]).toMatchObject({ rule: 'rollback' });

    const held = await deploy();
    expect(held.status).toBe('HELD');
    expect((await story(held)).decisions.at(-1)).toMatchObject({ to: 'HELD', rule: 'on_hold' });
    const { deployment } = await client().environments.resume(environment.uuid);
    if (deployment !== null) await ended(deployment.uuid);
  });

  test('of a history that shares nothing lists both sides', async () => {
    await work.git('checkout', '-q', '--orphan', 'other');
    const other = await commit('another beginning');
    const url = new URL(application.git_url);
    url.username = 'x';
    url.password = server.admin.token;
    await work.git('push', '-q', '-o', 'force', '--force', url.href, 'HEAD:refs/heads/main');
    const told = await story(await deploy({ commit: other }));
    expect(shas(told.commits)).toEqual([other]);
    expect(told.removed).toHaveLength(4);
  });

  test('of one whose commit never came says what it waited for, and why it ended', async () => {
    const awaited = await deploy({ commit: '1'.repeat(40), wait: 0 });
    expect((await story(awaited)).steps).toMatchObject([
      { step: 'AWAITING_COMMIT', ended_at: null, outcome: null },
    ]);
    await client().deployments.cancel(awaited.uuid);
    const told = await story(awaited);
    expect(told.steps).toMatchObject([{ step: 'AWAITING_COMMIT', outcome: 'cancelled' }]);
    expect(told).toMatchObject({ commit: null, commits: [], release: null });
    expect(told.decisions.at(-1)).toMatchObject({ to: 'CANCELLED', rule: 'cancelled' });
  });
});

async function ended(uuid: string): Promise<Deployment> {
  return until(async () => {
    const now = await client().deployments.get(uuid);
    return now.ended_at === null ? null : now;
  });
}

test('what became of a commit begins with who pushed it and who asked', async () => {
  const sha = await commit('told');
  await push();
  const made = await deploy({ commit: sha });
  const why = await client().why(sha, application.uuid);
  expect(why.info).toMatchObject({ sha, subject: 'told' });
  expect(why.milestones).toMatchObject([
    { kind: 'pushed', by: 'admin@example.com', detail: 'main', environment: null },
    { kind: 'asked', by: 'admin@example.com', environment: 'test', deployment: made.uuid },
  ]);
  expect(why.events.at(-1)).toMatchObject({ to: 'SUCCEEDED', rule: 'went_live' });
});

test('deployments can be filtered by how they ended', async () => {
  const statuses = async (status: string[]) => {
    const filter = { environment: environment.uuid, status };
    const { count, results } = await client().deployments.list(filter);
    expect(results).toHaveLength(count);
    return new Set(results.map((one) => one.status));
  };
  expect(await statuses(['CANCELLED'])).toEqual(new Set(['CANCELLED']));
  expect(await statuses(['held', 'CANCELLED'])).toEqual(new Set(['HELD', 'CANCELLED']));
  expect(await statuses(['AWAITING_BUILD'])).toEqual(new Set());
});

describe('what runs', () => {
  test('is shown with what it uses, and nothing of what was stopped', async () => {
    const { instances } = await client().environments.instances(environment.uuid);
    expect(instances).toHaveLength(1);
    expect(instances[0]).toMatchObject({ service: 'web', state: 'serving', restarts: 0 });
    expect(instances[0]?.memory_bytes).toBeGreaterThan(1_000_000);
    expect(instances[0]?.processes).toBeGreaterThan(0);
    expect(await client().environments.usage(environment.uuid, 1)).toMatchObject({ step: 15 });
  });

  test('refuses a stretch that nobody keeps', async () => {
    await expect(client().environments.usage(environment.uuid, 1_000)).rejects.toMatchObject({
      status: 400,
    });
  });
});

describe('a domain', () => {
  test('answers at once, without a deployment, and survives the router', async () => {
    const { host } = new URL(environment.url);
    const fixed = (await ask(host)).text;
    expect((await ask('www.example.com')).text).not.toBe(fixed);

    const made = await client().domains.create({
      ...{ environment: environment.uuid, name: ' WWW.Example.com. ' },
    });
    expect(made).toMatchObject({
      ...{ name: 'www.example.com', display_name: 'www.example.com', is_primary: false },
      url: `http://www.example.com:${server.applicationPort}`,
      dns: { type: 'ADDRESS', hint: expect.stringContaining('www.example.com') },
    });
    expect((await ask('www.example.com')).text).toBe(fixed);

    const identity = readIdentity(join(server.dataDir, 'run/router.json'));
    if (identity === null) throw new Error('no router');
    signalProcess(identity, 'SIGKILL');
    await until(async () => {
      const answer = await ask('www.example.com').catch(() => null);
      return answer?.text === fixed;
    });

    await client().domains.remove(made.uuid);
    expect((await ask('www.example.com')).text).not.toBe(fixed);
    expect((await ask(host)).text).toBe(fixed);
  });

  test('follows the next deployment, which is told of it', async () => {
    const name = 'bücher.example';
    const made = await client().domains.create({
      ...{ environment: environment.uuid, name, is_primary: true },
    });
    expect(made).toMatchObject({ name: 'xn--bcher-kva.example', display_name: name });
    await client().applications.update(application.uuid, {
      release_commands: [
        { label: 'Tell', command: 'echo "<$DOMAIN> <$DOMAIN_ALIASES> <$DOMAIN_REDIRECTS>"' },
      ],
    });
    const old = await client().domains.create({
      ...{ environment: environment.uuid, name: 'old.example', is_redirect: true },
    });
    const next = await commit('page for books');
    await push();
    const deployed = await deploy({ commit: next });
    expect(deployed.success).toBe(true);
    expect((await ask('xn--bcher-kva.example')).text).toContain('page for books');

    const { hostname } = new URL(environment.url);
    const { logs } = await client().deployments.logs(deployed.uuid);
    expect(logs).toContain(`<xn--bcher-kva.example> <${hostname}> <old.example>`);
    await client().domains.remove(old.uuid);
    const { steps, release } = await story(deployed);
    expect(release?.commands.map(({ label }) => label)).toEqual(['Tell']);
    expect(steps.find(({ step }) => step === 'RELEASING')?.detail).toMatch(/^Tell: done in \d/);
    await client().domains.remove(made.uuid);
  });

  test('redirects to the primary one, else to the fixed name, at once', async () => {
    const add = (name: string, kind: object) =>
      client().domains.create({ environment: environment.uuid, name, ...kind });
    const old = await add('old.example.com', { is_redirect: true });
    const to = async () => {
      const { status, headers } = await ask('old.example.com');
      return status === 308 ? headers['location'] : status;
    };
    const { hostname } = new URL(environment.url);
    expect(await to()).toBe(`http://${hostname}/`);
    const main = await add('main.example.com', { is_primary: true });
    expect(await to()).toBe('http://main.example.com/');

    const { domains } = client();
    expect(await domains.update(old.uuid, { is_redirect: false })).toMatchObject({ check: null });
    expect(await to()).toBe(200);
    // Becoming one of the two ends the other.
    expect(await domains.update(main.uuid, { is_redirect: true })).toMatchObject({
      ...{ is_primary: false, is_redirect: true },
    });
    expect(await domains.update(main.uuid, { is_primary: true })).toMatchObject({
      ...{ is_primary: true, is_redirect: false },
    });
    await expect(
      domains.update(old.uuid, { is_primary: true, is_redirect: true }),
    ).rejects.toMatchObject({ status: 400 });
    await expect(domains.check(old.uuid)).rejects.toMatchObject({ status: 503 });
    for (const { uuid } of [old, main]) await domains.remove(uuid);
  });

  test.each([
    ['', 'Type a host name'],
    ['*.example.com', 'Wildcards'],
    ['http://example.com', 'the host name alone'],
    ['example.com:8080', 'the host name alone'],
    ['127.0.0.1', 'An address'],
    ['0x7f.1', 'An address'],
    ['under_score.example.com', 'This is no host name'],
    ['shop', 'the whole name'],
    ['other.localhost', 'Names below localhost'],
    ['127.0.0.1.', 'An address'],
  ])('%j is refused: %s', async (name, text) => {
    await expect(
      client().domains.create({ environment: environment.uuid, name }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining(text) });
  });

  test('leads to one place, until that is removed', async () => {
    const domain = { environment: environment.uuid, name: 'one.example.com' };
    await client().domains.create(domain);
    const other = await client().environments.create({
      ...{ application: application.uuid, slug: 'other' },
    });
    const again = { ...domain, environment: other.uuid };
    await expect(client().domains.create(again)).rejects.toMatchObject({ status: 400 });

    const extra = await client().domains.create({ ...again, name: 'two.example.com' });
    await client().environments.remove(other.uuid);
    await expect(client().domains.remove(extra.uuid)).rejects.toMatchObject({ status: 404 });
    const { results } = await client().domains.list({ application: application.uuid });
    expect(results.map(({ name }) => name)).toEqual(['one.example.com']);

    await client().applications.remove(application.uuid);
    expect((await ask('one.example.com')).text).not.toContain('page for books');
    await useApplication('Heir');
    await client().domains.create({ ...domain, environment: environment.uuid });
  });

  test('is in the audit log', async () => {
    const rows = await server.store.db
      .selectFrom('audit_log')
      .select('action')
      .where('action', 'like', 'domain.%')
      .execute();
    expect(new Set(rows.map(({ action }) => action))).toEqual(
      new Set(['domain.create', 'domain.update', 'domain.remove']),
    );
  });
});

async function until<T>(what: () => Promise<T | null | false>): Promise<T> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    const value = await what();
    if (value !== null && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error('it did not happen within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
