import type { Application, Deployment, Environment } from '@sluice/contract';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { type RawRequest, rawRequest } from '../../test/raw-request.ts';

const DIVIO = { 'user-agent': 'divio-cli/4.0.5 (linux)' };

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

/** A fresh application with a first commit on main; the tests below then speak of it. */
async function useApplication(name: string): Promise<void> {
  application = await client().applications.create({
    ...{ name, organisation: server.organisationUuid },
  });
  const { results } = await client().environments.list({ application: application.uuid });
  environment = results[0] as Environment;
  await push('page one');
}

async function push(page: string, branch = 'main'): Promise<string> {
  const sha = await work.commit(page, { 'index.html': page });
  await work.push(gitUrl(), `+HEAD:refs/heads/${branch}`);
  return sha;
}

function gitUrl(): string {
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = server.admin.token;
  return url.href;
}

const call = (path: string, options: RawRequest = {}) =>
  rawRequest(server.url, path, {
    ...options,
    headers: { authorization: `Token ${server.admin.token}`, ...options.headers },
  });

const form = (fields: Record<string, string>, headers = {}): RawRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(fields).toString(),
});

const page = async (): Promise<string> => {
  const { host } = new URL(environment.url);
  const answer = await rawRequest(`http://127.0.0.1:${server.applicationPort}`, '/', {
    headers: { host },
  });
  return answer.text;
};

const deploy = (commit?: string, wait = 60): Promise<Deployment> =>
  client().deployments.create({
    environment: environment.uuid,
    wait,
    ...(commit === undefined ? {} : { commit }),
  });

describe('a signal', () => {
  test('by v1 form, with the raw token after Basic, makes the head of the branch live', async () => {
    const path = `/api/v1/website/${application.id}/deploy/`;
    const answer = await rawRequest(
      server.url,
      path,
      form({ stage: '"test"', wait: '60' }, { authorization: `Basic ${server.admin.token}` }),
    );
    expect(answer).toMatchObject({
      status: 201,
      json: {
        ...{ stage: 'test', status: 'SUCCEEDED', success: true, commit: await work.sha() },
        ...{ deployment: expect.any(String), superseded_by: null, url: environment.url },
      },
    });
    expect(await page()).toContain('page one');
    expect((await call(path)).json).toEqual({
      test: {
        is_deploying: false,
        deploy_progress: {},
        last_deployment: { status: 'success' },
      },
      live: { is_deploying: false, deploy_progress: {}, last_deployment: { status: null } },
    });
  });

  test('by v3 pins the commit it names, and says everything about itself', async () => {
    const sha = await push('two');
    const made = await deploy(sha);
    expect(made).toMatchObject({
      ...{ status: 'SUCCEEDED', success: true, percent: 100, commit: sha, target: sha },
      ...{ application: application.uuid, environment: environment.uuid, build_mode: 'AUTO' },
      ...{ branch: 'main', requested_by: 'admin@example.com', superseded_by: null },
    });
    expect(made.started_at < (made.ended_at ?? '')).toBe(true);
    expect(await page()).toContain('two');
    const shown = await client().environments.get(environment.uuid);
    expect(shown).toMatchObject({
      ...{ live_commit: sha, live_deployment: { uuid: made.uuid }, hold: null },
      ...{ last_deployment: { uuid: made.uuid }, last_finished_deployment: { uuid: made.uuid } },
    });
  });

  test('repeated with its key is one deployment', async () => {
    const sha = await push('three');
    const body = { environment: environment.uuid, commit: sha };
    const first = await client().deployments.create(body, 'key-1');
    const second = await client().deployments.create(body, 'key-1');
    expect(second.uuid).toBe(first.uuid);
    const answer = await call('/apps/v3/deployments/', {
      ...form(body, { 'idempotency-key': 'key-1' }),
    });
    expect(answer.status).toBe(200);
    expect((await deploy(sha)).success).toBe(true);
  });

  test.each([
    ['an unknown mode', { build_mode: 'SOMETIMES' }, 'build_mode'],
    ['an unknown prefix', { commit: 'abcdef0' }, null],
    ['a commit with a space', { commit: 'a b' }, 'commit'],
    ['a wait that is no number', { wait: 'soon' }, 'wait'],
  ])('with %s is refused at once', async (_name, more, field) => {
    const body = { environment: environment.uuid, ...(more as Record<string, string>) };
    const answer = await call('/apps/v3/deployments/', form(body));
    expect(answer.status).toBe(400);
    if (field !== null) expect(answer.json).toHaveProperty(field);
  });

  test('for a commit that never comes fails with a reason, and its log ends with it', async () => {
    const made = await deploy('0123456789012345678901234567890123456789');
    expect(made).toMatchObject({ status: 'FAILED', success: false });
    expect(made.reason).toMatch(/0123456/);
    const { logs } = await client().deployments.logs(made.uuid);
    expect(logs.trimEnd().split('\n').at(-1)).toContain('0123456');
  });
});

describe('what can be read of a deployment', () => {
  test('its log by long poll, piece by piece, is the whole log', async () => {
    const made = await deploy(await push('logged'), 0);
    let text = '';
    for (let offset = 0; ; ) {
      const part = await client().deployments.log(made.uuid, { offset, waitSeconds: 10 });
      text += part.text;
      offset = part.next_offset;
      if (part.ended) break;
    }
    expect(text).toBe((await client().deployments.logs(made.uuid)).logs);
    for (const title of ['git checkout', 'build', 'scaling', 'sanity tests', 'finalizing']) {
      expect(text).toContain(`===== ${title} =====`);
    }
  });

  test('the variables it started with, never the sensitive values', async () => {
    await client().variables.create({
      ...{ environment: environment.uuid, name: 'PLAIN', value: ' kept ' },
    });
    const secret = await client().variables.create({
      ...{ environment: environment.uuid, name: 'SECRET', value: 'hush', is_sensitive: true },
    });
    const made = await deploy();
    await client().variables.remove(secret.uuid);
    expect((await client().deployments.get(made.uuid)).environment_variables).toEqual([
      'PLAIN',
      'SECRET',
    ]);
    expect(await client().deployments.variables(made.uuid)).toEqual({
      environment: environment.uuid,
      environment_variables: { PLAIN: ' kept ', SECRET: null },
    });
  });

  test("the application's log goes on where the last page ended", async () => {
    const first = await client().environments.logs(environment.uuid);
    expect(first.next).toMatch(/^http.*\/logs\/\?cursor=/);
    const second = await client().environments.logs(environment.uuid, first.next);
    expect(second.results).toEqual([]);
    expect(second.next).toBe(first.next);
  });

  test('what became of its commit', async () => {
    const sha = await work.sha();
    const why = await client().why(sha.slice(0, 10), application.slug);
    expect(why.commit).toBe(sha);
    expect(why.environments).toMatchObject([
      { slug: 'test', state: 'live' },
      { slug: 'live', deployment: null },
    ]);
  });
});

describe('rollback', () => {
  test('holds the environment until someone resumes', async () => {
    await useApplication('Rolled');
    const first = await deploy(await work.sha());
    const second = await deploy(await push('second'));
    expect([first.success, second.success]).toEqual([true, true]);

    const { results: releases } = await client().environments.releases(environment.uuid);
    expect(releases.map(({ is_live }) => is_live)).toEqual([true, false]);
    const back = await client().environments.rollback(environment.uuid, {
      ...{ deployment: first.uuid, reason: 'it was broken' },
    });
    await until(async () => (await client().deployments.get(back.uuid)).ended_at !== null);
    expect(await page()).toContain('page one');
    expect((await client().environments.get(environment.uuid)).hold).toMatchObject({
      ...{ by: 'admin@example.com', reason: 'it was broken' },
    });

    const held = await deploy(await push('third'));
    expect(held).toMatchObject({ status: 'HELD', success: false });
    const { deployment } = await client().environments.resume(environment.uuid);
    await until(
      async () => (await client().deployments.get(deployment?.uuid ?? '')).ended_at !== null,
    );

    expect(await page()).toContain('third');
  });

  test('to nothing is a clear conflict', async () => {
    const other = await client().applications.create({
      ...{ name: 'Empty', organisation: server.organisationUuid },
    });
    const { results } = await client().environments.list({ application: other.uuid });
    await expect(client().environments.rollback(results[0]?.uuid ?? '', {})).rejects.toMatchObject({
      status: 409,
    });
  });
});

describe('the divio client', () => {
  const list = async (headers: Record<string, string>) => {
    const path = `/apps/v3/deployments/?application=${application.uuid}&environment=${environment.uuid}`;
    const { json } = await call(path, { headers });
    return (json as { results: Deployment[] }).results;
  };

  test('is never shown a running deployment to attach to (R6)', async () => {
    await useApplication('Attach');
    // Never deployed: the commit is awaited, so the deployment stays unfinished for a while.
    const awaited = await deploy('1111111111111111111111111111111111111111', 0);
    expect(awaited.ended_at).toBeNull();
    expect(await list(DIVIO)).toEqual([]);
    expect((await list({})).map(({ uuid }) => uuid)).toEqual([awaited.uuid]);

    const done = await deploy(await work.sha());
    expect(done.success).toBe(true);
    const again = await deploy('2222222222222222222222222222222222222222', 0);
    expect((await list(DIVIO))[0]?.ended_at).not.toBeNull();
    expect((await list({}))[0]?.uuid).toBe(again.uuid);
  });

  test('of the 3.x line is told of a deployment of the head alone', async () => {
    const status = async () => {
      const answer = await call(`/api/v1/website/${application.id}/deploy/`);
      return answer.json as Record<string, { is_deploying: boolean }>;
    };
    await deploy('3333333333333333333333333333333333333333', 0);
    expect((await status())['test']?.is_deploying).toBe(false);
    await push('new head');
    const made = await deploy(undefined, 0);
    const during = await status();
    const after = await client().deployments.get(made.uuid);
    if (after.ended_at === null) expect(during['test']?.is_deploying).toBe(true);
    await until(async () => (await client().deployments.get(made.uuid)).ended_at !== null);
    expect((await status())['test']?.is_deploying).toBe(false);
  });
});

describe('removing', () => {
  test('an application ends what is under way and what serves; restoring brings it back', async () => {
    await useApplication('Gone');
    expect((await deploy(await work.sha())).success).toBe(true);
    const awaited = await deploy('4444444444444444444444444444444444444444', 0);
    await client().applications.remove(application.uuid);
    await expect(client().applications.get(application.uuid)).rejects.toMatchObject({
      status: 404,
    });
    await expect(client().environments.get(environment.uuid)).rejects.toMatchObject({
      status: 404,
    });
    expect(await server.deploy.get(awaited.uuid)).toMatchObject({ status: 'CANCELLED' });
    expect(await page()).not.toContain('page one');
    await expect(work.git('ls-remote', gitUrl())).rejects.toThrow(/not found/i);

    await client().applications.restore(application.uuid);
    await until(async () => (await page()).includes('page one'));
    expect((await client().environments.get(environment.uuid)).uuid).toBe(environment.uuid);
    expect(await work.git('ls-remote', gitUrl())).toContain('refs/heads/main');
  });

  test('stopping an environment answers 503 until it is restarted', async () => {
    const post = (verb: string) =>
      call(`/apps/v3/environments/${environment.uuid}/${verb}/`, { method: 'POST' });
    expect((await post('stop')).status).toBe(204);
    expect(await page()).not.toContain('page one');
    expect((await post('restart')).status).toBe(204);
    expect(await page()).toContain('page one');
  });
});

async function until(what: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  while (!(await what())) {
    if (Date.now() > giveUpAt) throw new Error('it did not happen within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
