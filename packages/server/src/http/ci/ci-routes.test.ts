import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { connect } from '@sluice/runner';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApplications } from '../../applications/index.ts';
import { type CiKit, createCiKit } from '../../ci/test/kit.ts';
import { createAuthorise } from '../authorise.ts';
import { addBodyParsers, validatorCompiler } from '../bodies.ts';
import type { App } from '../context.ts';
import { addErrorHandler } from '../errors.ts';
import { addGuard } from '../guard.ts';
import { registerCiRoutes, registerRunnerRoutes, registerRunners } from './index.ts';

const YAML = 'language: generic\nscript: true\n';

async function createDoor(kit: CiKit) {
  const { accounts, ci, git, secrets, store } = kit;
  const applications = createApplications({
    ...{ store, git, secrets },
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => 80,
  });
  const app: App = Fastify({
    routerOptions: { ignoreTrailingSlash: true },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addErrorHandler(app);
  await app.register(cookie);
  addGuard(app, accounts, new WeakSet(), () => 'http://localhost');
  addBodyParsers(app);
  registerCiRoutes(app, {
    ci,
    authorise: createAuthorise({ accounts, applications, git }),
    repositories: {
      get: git.get,
      list: git.list,
      setEnabled: (uuid, ciEnabled) =>
        store.transaction((trx) => git.update(trx, uuid, { ciEnabled })),
      publicKey: secrets.publicKey,
    },
    repositoryOfApplication: async (text) =>
      (await applications.find(text))?.repositoryUuid ?? null,
  });
  registerRunners(app, {
    accounts,
    authorise: createAuthorise({ accounts, applications, git }),
    ci,
  });
  await registerRunnerRoutes(app, {
    ci,
    deployFromJob: async () => ({ accepted: false, message: 'nothing is deployed here' }),
    publicUrl: () => 'http://localhost',
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, applications, url };
}

let kit: CiKit;
let door: Awaited<ReturnType<typeof createDoor>>;
let token: string;

/** A registered runner, as a process of its own would be one. */
const register = async () => {
  const { token: registration } = await kit.ci.runnerTokens.create({}, 'test');
  const machine = {
    ...{ version: '0.1.0', os: 'linux', arch: 'amd64', labels: {} },
    ...{ executor: 'host', isolates: true, concurrency: 1 },
  };
  const guest = connect({ url: door.url, token: registration });
  const made = await guest.register({ name: 'far-away', ephemeral: false, machine });
  guest.close();
  const connection = connect({ url: door.url, token: made.token });
  const instance = randomUUID();
  await connection.hello({ instance, machine });
  const question = () => ({
    ...{ runner: 'ignored', executor: 'host', isolates: true, waitSeconds: 20 },
    ...{ instance, request: randomUUID() },
  });
  return { connection, uuid: made.uuid, instance, machine, question };
};

const tokenOf = async (email: string, role: string | null): Promise<string> => {
  const user = await kit.accounts.createUser(
    { email, password: null },
    role === null ? null : { organisationUuid: kit.organisationUuid, role },
    'test',
  );
  const made = await kit.accounts.createToken({ userUuid: user.uuid, name: 'test' }, 'test');
  return made.token;
};

const call = async (
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  options: { token?: string | null; body?: unknown; accept?: string } = {},
) => {
  const credential = options.token === undefined ? token : options.token;
  const response = await fetch(`${door.url}${path}`, {
    method,
    headers: {
      accept: options.accept ?? 'application/json',
      ...(credential === null ? {} : { authorization: `Token ${credential}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
  };
};

beforeEach(async () => {
  kit = await createCiKit();
  door = await createDoor(kit);
  token = await tokenOf('ann@example.com', 'owner');
});
afterEach(async () => {
  await door.app.close();
  await kit.close();
});

describe('builds and jobs', () => {
  it('show the configuration as it was written, with its own imports and cipher text', async () => {
    const main = 'import: [ci/a.yml, other/lib:b.yml]\nenv: {secure: "Y2lwaGVy"}\nscript: echo\n';
    const { buildId } = await kit.push(main, {
      files: { 'ci/a.yml': 'import: ci/b.yml\nlanguage: generic\n', 'ci/b.yml': 'scrpt: typo\n' },
    });
    const { body } = await call('GET', `/ci/v3/builds/${buildId}/source/`);
    expect(body).toEqual({
      files: [
        { name: '.travis.yml', text: main },
        { name: 'ci/a.yml', text: 'import: ci/b.yml\nlanguage: generic\n' },
        { name: 'ci/b.yml', text: 'scrpt: typo\n' },
      ],
    });
    const stranger = await tokenOf('stranger@example.com', null);
    const answer = await call('GET', `/ci/v3/builds/${buildId}/source/`, { token: stranger });
    expect(answer.status).toBe(404);
  });

  it('are listed newest first, filtered and in pages', async () => {
    await kit.push(YAML);
    const { sha, buildId } = await kit.push(YAML, { files: { page: '2' } });
    const all = await call('GET', '/ci/v3/builds/?page_size=1');
    expect(all.body).toMatchObject({ count: 2, previous: null, results: [{ id: buildId, sha }] });
    const next = await call('GET', all.body.next.slice(door.url.length));
    expect(next.body).toMatchObject({ next: null, results: [{ number: 1 }] });
    for (const filter of [
      `sha=${sha.slice(0, 9)}`,
      'number=2',
      `repository=acme/site&sha=${sha}`,
    ]) {
      expect((await call('GET', `/ci/v3/builds/?${filter}`)).body).toMatchObject({
        count: 1,
        results: [{ id: buildId }],
      });
    }
    expect((await call('GET', '/ci/v3/builds/?application=nobody')).body.count).toBe(0);
  });

  it('are cancelled and restarted by those who may', async () => {
    const { buildId } = await kit.push(YAML);
    const cancelled = await call('POST', `/ci/v3/builds/${buildId}/cancel/`);
    expect(cancelled.body).toMatchObject({ state: 'canceled', canceled_by: 'ann@example.com' });
    expect((await call('POST', `/ci/v3/builds/${buildId}/cancel/`)).status).toBe(409);
    const restarted = await call('POST', `/ci/v3/builds/${buildId}/restart/`);
    expect(restarted.body).toMatchObject({
      state: 'created',
      jobs: [{ state: 'queued', attempt: 2 }],
    });
    const [job] = restarted.body.jobs;
    expect((await call('GET', `/ci/v3/jobs/${job.id}/`)).body.number).toBe('1.1');
    expect((await call('POST', `/ci/v3/jobs/${job.id}/cancel`)).body.state).toBe('canceled');
  });

  it.each([
    ['GET', '/ci/v3/builds/1/'],
    ['POST', '/ci/v3/builds/1/cancel/'],
    ['POST', '/ci/v3/builds/1/restart/'],
    ['GET', '/ci/v3/jobs/1/'],
    ['POST', '/ci/v3/jobs/1/cancel/'],
    ['POST', '/ci/v3/jobs/1/restart/'],
    ['GET', '/ci/v3/jobs/1/log/'],
    ['GET', '/ci/v3/repositories/REPOSITORY/'],
    ['PATCH', '/ci/v3/repositories/REPOSITORY/'],
    ['GET', '/ci/v3/repositories/REPOSITORY/key/'],
  ] as const)('are hidden: %s %s', async (method, path) => {
    await kit.push(YAML);
    const real = path.replace('REPOSITORY', kit.repositoryUuid);
    const stranger = await tokenOf('eve@example.com', null);
    const body = method === 'PATCH' ? { body: { active: false } } : {};
    expect((await call(method, real, { token: null, ...body })).status).toBe(401);
    expect((await call(method, real, { token: 'wrong', ...body })).status).toBe(401);
    expect((await call(method, real, { token: stranger, ...body })).status).toBe(404);
    const { payload } = await kit.lease();
    // A job's own token reads the job's repository and nothing of the CI (spec/faults.md 36).
    const asJob = await call(method, real, { token: payload.clone.token, ...body });
    expect([403, 404]).toContain(asJob.status);
    expect((await kit.git.get(kit.repositoryUuid))?.ciEnabled).toBe(true);
  });

  it('of others do not show in lists', async () => {
    await kit.push(YAML);
    const stranger = await tokenOf('eve@example.com', null);
    for (const path of ['/ci/v3/builds/', '/ci/v3/repositories/']) {
      expect((await call('GET', path, { token: stranger })).body.count).toBe(0);
    }
  });

  it.each(['/ci/v3/builds/999/', '/ci/v3/jobs/999/', '/ci/v3/repositories/nobody/'])(
    'that do not exist are not found: %s',
    async (path) => {
      expect((await call('GET', path)).status).toBe(404);
    },
  );

  it.each(['/ci/v3/builds/x/', '/ci/v3/jobs/-1/', '/ci/v3/builds/99999999999999999999/'])(
    'want a number: %s',
    async (path) => {
      expect((await call('GET', path)).status).toBe(400);
    },
  );
});

describe('a repository', () => {
  it('shows its switch and settings and takes changes', async () => {
    const path = `/ci/v3/repositories/${kit.repositoryUuid}/`;
    expect((await call('GET', '/ci/v3/repositories/?slug=acme/site')).body).toMatchObject({
      count: 1,
      results: [{ uuid: kit.repositoryUuid, active: true, strict_toolchains: null }],
    });
    const change = { active: false, strict_toolchains: true, maximum_number_of_builds: 2 };
    expect((await call('PATCH', path, { body: change })).body).toMatchObject(change);
    expect((await call('GET', path)).body).toMatchObject(change);
    expect((await call('PATCH', path, { body: { active: 'perhaps' } })).body).toEqual({
      active: ['Must be true or false.'],
    });
    const form = await fetch(`${door.url}${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Token ${token}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'active=true&maximum_number_of_builds=0',
    });
    expect(await form.json()).toMatchObject({ active: true, maximum_number_of_builds: null });
  });

  it('gives its public key to whoever may read its builds', async () => {
    const { body } = await call('GET', `/ci/v3/repositories/${kit.repositoryUuid}/key/`);
    expect(body.pem).toMatch(/BEGIN (RSA )?PUBLIC KEY/);
    expect(body.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  });
});

describe('the runner protocol', () => {
  it('runs a job from lease to end, its log followed meanwhile', async () => {
    const { connection, question, uuid } = await register();
    try {
      const asked = connection.lease(question());
      const { buildId } = await kit.push(YAML);
      const lease = await asked;
      if (lease === null) throw new Error('there is nothing to lease');
      const { leaseToken, payload } = lease.job;
      const { jobId } = payload;
      const following = call('GET', `/ci/v3/jobs/${jobId}/log/?offset=0&wait=20`);
      expect(await connection.appendLog(jobId, leaseToken, 0, Buffer.from('$ true\n'))).toBe(7);
      expect((await following).body).toEqual({
        text: '$ true\n',
        next_offset: 7,
        ended: false,
        attempt: 1,
      });
      expect(await connection.renew(jobId, leaseToken)).toMatchObject({ cancelRequested: false });
      await connection.notices(jobId, leaseToken, ['Python 3.11 stands in for 3.5.']);
      await connection.verdict(jobId, leaseToken, 'passed');
      const end = { leaseToken, state: 'passed', exitCode: 0, reason: null } as const;
      await connection.finish(jobId, end);
      await connection.finish(jobId, end);
      expect((await call('GET', `/ci/v3/builds/${buildId}/`)).body).toMatchObject({
        state: 'passed',
        notices: ['Python 3.11 stands in for 3.5.'],
        stages: [{ name: null, state: 'passed', jobs: [jobId] }],
      });
      expect((await call('GET', `/ci/v3/jobs/${jobId}/log/?offset=7&wait=20`)).body).toMatchObject({
        text: '',
        ended: true,
      });
      expect((await kit.ci.runners.list())[0]).toMatchObject({ uuid, jobs_taken: 1, jobs: [] });
    } finally {
      connection.close();
    }
  });

  it('refuses a lease token that is not the job’s, and a runner without a token', async () => {
    await kit.push(YAML);
    const { connection, question } = await register();
    const lease = await connection.lease(question());
    if (lease === null) throw new Error('there is nothing to lease');
    const { payload, leaseToken } = lease.job;
    const other = await register();
    const stranger = connect({ url: door.url, token: 'guess' });
    try {
      await expect(connection.renew(payload.jobId, 'guess')).rejects.toMatchObject({
        kind: 'lost',
      });
      await expect(connection.verdict(payload.jobId, 'guess', 'passed')).rejects.toMatchObject({
        kind: 'lost',
      });
      await expect(stranger.renew(payload.jobId, 'guess')).rejects.toMatchObject({
        kind: 'refused',
      });
      // Another runner has no use for the very lease, whatever it asks for.
      const { jobId } = payload;
      const { connection: thief } = other;
      for (const attempt of [
        () => thief.renew(jobId, leaseToken),
        () => thief.appendLog(jobId, leaseToken, 0, Buffer.from('forged')),
        () => thief.verdict(jobId, leaseToken, 'passed'),
        () => thief.giveBack(jobId, leaseToken),
        () => thief.fetchCache(jobId, leaseToken, 'slug', new AbortController().signal),
        () => thief.deploy(jobId, leaseToken, { application: null, environment: 'test' }),
        () => thief.finish(jobId, { leaseToken, state: 'passed', exitCode: 0, reason: null }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ kind: 'lost' });
      }
      expect((await kit.ci.jobs.logBytes(jobId, 0)).toString()).toBe('');
      await connection.finish(jobId, { leaseToken, state: 'failed', exitCode: 1, reason: null });
    } finally {
      connection.close();
      stranger.close();
      other.connection.close();
    }
  });

  it('opens nothing else to a runner’s token, and registers nobody twice', async () => {
    const { token: registration } = await kit.ci.runnerTokens.create({}, 'test');
    const guest = connect({ url: door.url, token: registration });
    const { machine } = await register();
    const made = await guest.register({ name: 'one', ephemeral: false, machine });
    await expect(guest.register({ name: 'two', ephemeral: false, machine })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('used'),
    });
    await expect(guest.renew(1, 'guess')).rejects.toMatchObject({ kind: 'refused' });
    guest.close();
    for (const token of [registration, made.token]) {
      expect((await call('GET', '/ci/v3/repositories/', { token })).status).toBe(401);
      expect((await call('GET', '/ci/v3/runners/', { token })).status).toBe(401);
    }
  });

  it('answers a question that is asked again with the same job, and its first lease is void', async () => {
    const { connection, question } = await register();
    await kit.push(YAML);
    const asked = question();
    const first = await connection.lease(asked);
    const again = await connection.lease(asked);
    if (first === null || again === null) throw new Error('there is nothing to lease');
    const { jobId, attempt } = again.job.payload;
    expect(jobId).toBe(first.job.payload.jobId);
    expect(attempt).toBe(1);
    await expect(connection.renew(jobId, first.job.leaseToken)).rejects.toMatchObject({
      kind: 'lost',
    });
    await connection.finish(jobId, {
      ...{ leaseToken: again.job.leaseToken, state: 'passed', exitCode: 0, reason: null },
    });
    connection.close();
  });

  it('keeps earlier processes of a runner from its jobs, and from new ones', async () => {
    const old = await register();
    await kit.push(YAML);
    const lease = await old.connection.lease(old.question());
    if (lease === null) throw new Error('there is nothing to lease');
    const { jobId } = lease.job.payload;
    await old.connection.hello({ instance: randomUUID(), machine: old.machine });
    await expect(old.connection.lease(old.question())).rejects.toMatchObject({
      kind: 'superseded',
    });
    const { leaseToken } = lease.job;
    const end = { leaseToken, state: 'passed', exitCode: 0, reason: null } as const;
    await expect(old.connection.finish(jobId, end)).rejects.toMatchObject({ kind: 'lost' });
    const { payload, leaseToken: next } = await kit.lease();
    expect(payload).toMatchObject({ jobId, attempt: 2 });
    await kit.ci.runner.finish(jobId, next, { state: 'passed', exitCode: 0, reason: null });
    old.connection.close();
  });

  it('tells a runner that speaks another version what to do', async () => {
    const { token: registration } = await kit.ci.runnerTokens.create({}, 'test');
    const ask = async (version?: string) => {
      const answer = await fetch(`${door.url}/runner/v1/register`, {
        method: 'POST',
        headers: {
          authorization: `Token ${registration}`,
          'content-type': 'application/json',
          ...(version === undefined ? {} : { 'x-runner-protocol': version }),
        },
        body: JSON.stringify({
          ...{ name: 'old', ephemeral: false },
          machine: {
            ...{ version: '0.0.1', os: 'linux', arch: 'amd64', labels: {} },
            ...{ executor: 'host', isolates: true, concurrency: 1 },
          },
        }),
      });
      return { status: answer.status, text: await answer.text() };
    };
    expect(await ask()).toMatchObject({
      status: 400,
      text: expect.stringContaining('Bring the runner up to date'),
    });
    expect(await ask('99')).toMatchObject({
      status: 400,
      text: expect.stringContaining('Bring the server up to date'),
    });
    expect((await ask('1')).status).toBe(201);
  });

  it('gives a job back untouched that never reached its runner', async () => {
    const { connection, question, instance } = await register();
    await kit.push(YAML);
    const lease = await connection.lease(question());
    await connection.tell({ instance, state: 'draining', holding: [] });
    const { payload, leaseToken } = await kit.lease();
    expect(payload).toMatchObject({ jobId: lease?.job.payload.jobId, attempt: 1 });
    const end = { state: 'passed', exitCode: 0, reason: null } as const;
    await kit.ci.runner.finish(payload.jobId, leaseToken, end);
    await kit.push(YAML);
    expect(await connection.lease({ ...question(), waitSeconds: 0 })).toBeNull();
    await kit.run(await kit.lease());
    connection.close();
  });

  it('keeps the job of a runner that hangs up while it is asked', async () => {
    const { connection, question } = await register();
    const gone = new AbortController();
    const asked = connection.lease(question(), gone.signal).catch(() => 'gone');
    // Time for the question to arrive; the promise holds wherever it is.
    await new Promise((resolve) => setTimeout(resolve, 300));
    gone.abort();
    expect(await asked).toBe('gone');
    connection.close();
    await kit.push(YAML);
    expect((await kit.lease()).payload.attempt).toBe(1);
  });

  it('gives the log as plain text that no browser takes for a page', async () => {
    await kit.push(YAML);
    const { payload, leaseToken } = await kit.lease();
    const page = '<script>alert(1)</script>\n';
    await kit.ci.runner.appendLog(payload.jobId, leaseToken, 0, Buffer.from(page));
    const { text, headers } = await call('GET', `/ci/v3/jobs/${payload.jobId}/log`, {
      accept: '*/*',
    });
    expect(text).toBe(page);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
