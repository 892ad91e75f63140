import {
  type Application,
  type CommitMade,
  type Proposal,
  REASON_HEADER,
  type Starter,
} from '@sluice/contract';
import { encryptFor } from '@sluice/contract/encryption';
import { cloneRepository } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { rawRequest } from '../../test/raw-request.ts';
import { type ApplicationKit, createApplicationKit } from './ci/test/application-kit.ts';

let kit: ApplicationKit;
let application: Application;
let count = 0;

beforeAll(async () => {
  kit = await createApplicationKit();
});
beforeEach(async () => {
  count += 1;
  application = await client().applications.create({
    ...{ name: `Site ${count}`, organisation: kit.server.organisationUuid },
  });
});
afterEach(() => kit.killRunner());
afterAll(() => kit.stop());

const client = () => kit.server.client(kit.server.admin.token);

async function call<T>(
  method: string,
  path: string,
  body?: object,
  token = kit.server.admin.token,
) {
  const answer = await rawRequest(kit.server.url, path, {
    method,
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { ...answer, json: answer.json as T };
}

const commit = (body: object, token?: string) =>
  call<CommitMade>('POST', `/apps/v3/applications/${application.uuid}/commits/`, body, token);
const proposal = async (query = '') =>
  (await call<Proposal>('GET', `/apps/v3/applications/${application.uuid}/proposal/${query}`)).json;

const TRAVIS = "language: generic\nscript: 'true'\ndeploy: {provider: sluice}\n";

async function eventually<T>(look: () => Promise<T | null | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const deploymentOf = (sha: string) =>
  eventually(async () => {
    const { results } = await client().deployments.list({ application: application.uuid });
    return results.find(({ commit: of, ended_at }) => of === sha && ended_at !== null);
  });

describe('a commit through the server', () => {
  test('goes the way of a push: recorded by name, built, deployed, and served', async () => {
    await kit.startRunner();
    const files = [
      { path: '.travis.yml', text: TRAVIS },
      { path: 'index.html', text: '<h1>made in the panel</h1>\n' },
    ];
    const { status, json } = await commit({ message: 'Say hello', files, expected: null });
    expect(status).toBe(201);
    expect(json).toMatchObject({ branch: 'main', sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    const push = await kit.server.store.db
      .selectFrom('pushes')
      .selectAll()
      .where('after_sha', '=', json.sha)
      .executeTakeFirstOrThrow();
    expect(push).toMatchObject({ ref: 'refs/heads/main', pusher_uuid: kit.server.admin.user.uuid });
    const deployment = await deploymentOf(json.sha);
    expect(deployment).toMatchObject({ success: true });
    const page = await rawRequest(`http://127.0.0.1:${kit.server.applicationPort}`, '/', {
      headers: { host: `test-${application.slug}.localhost` },
    });
    expect(page.text).toContain('made in the panel');
  }, 90_000);

  test('is by the person who asks', async () => {
    const author = await kit.server.accounts.createUser(
      { email: 'ada@example.com', password: null, firstName: 'Ada', lastName: 'Lovelace' },
      { organisationUuid: kit.server.organisationUuid, role: 'admin' },
      'test',
    );
    const token = await kit.server.tokenOf(author);
    const { json } = await commit({ message: 'By Ada', files: [{ path: 'a', text: 'x' }] }, token);
    const made = await kit.server.git.commit(application.repository_uuid, json.sha);
    expect(made?.author).toEqual({ name: 'Ada Lovelace', email: 'ada@example.com' });
  });

  test('is refused when the branch has moved, and changes nothing then', async () => {
    const first = await commit({ message: 'One', files: [{ path: 'a', text: '1' }] });
    const second = await commit({
      ...{ message: 'Two', files: [{ path: 'a', text: '2' }], expected: first.json.sha },
    });
    const late = await commit({
      ...{ message: 'Late', files: [{ path: 'a', text: '3' }], expected: first.json.sha },
    });
    expect(late.status).toBe(409);
    expect(late.headers[REASON_HEADER]).toBe('branch_moved');
    expect(late.text).toContain('try again');
    const anew = { message: 'Anew', files: [{ path: 'a', text: '4' }], expected: null };
    expect((await commit(anew)).status).toBe(409);
    const head = await kit.server.git.history(application.repository_uuid).head('main');
    expect(head).toBe(second.json.sha);
  });

  test.each([
    [{ message: 'x' }, 'files'],
    [{ message: 'x', files: [{ path: '../x', text: '' }] }, 'non_field_errors'],
    [{ message: 'x', files: [{ path: '.git/config', text: '' }] }, 'files'],
    [{ message: 'x', files: [{ path: 'a', text: '' }], branch: 'HEAD' }, 'branch'],
    [{ message: 'x', starter: 'cobol' }, 'starter'],
    [{ message: 'x', files: [{ path: 'a', text: '' }], encrypt_token: true }, 'encrypt_token'],
    [{ message: '', files: [{ path: 'a', text: '' }] }, 'message'],
  ])('is refused with the field that is wrong: %j', async (body, field) => {
    const { status, json } = await commit(body);
    expect([status, Object.keys(json)]).toEqual([400, [field]]);
    expect(await kit.server.git.history(application.repository_uuid).branches()).toEqual([]);
  });

  test.each([
    ['deployer', 403],
    ['collaborator', 404],
    [null, 404],
  ])('is refused to someone without the right to push: %s', async (role, status) => {
    const person = await kit.server.accounts.createUser(
      { email: `person${count}@example.com`, password: null },
      role === null ? null : { organisationUuid: kit.server.organisationUuid, role },
      'test',
    );
    const body = { message: 'x', files: [{ path: '.travis.yml', text: TRAVIS }] };
    const token = await kit.server.tokenOf(person);
    expect((await commit(body, token)).status).toBe(status);
    const of = [application.uuid];
    const scoped = await kit.server.tokenOf(kit.server.admin.user, [
      { actions: ['repository:push'], applications: of },
    ]);
    // A token that may push and not deploy makes no token that may.
    expect((await commit({ ...body, encrypt_token: true }, scoped)).status).toBe(403);
    expect((await commit(body, scoped)).status).toBe(201);
  });
});

describe('a token encrypted for the application', () => {
  const machineTokens = async () => {
    const email = `ci-${application.slug}-${application.uuid.slice(0, 8)}@machine.invalid`;
    const machine = await kit.server.accounts.users.byEmail(email);
    expect(machine).toMatchObject({ isMachine: true });
    return kit.server.accounts.listTokens(machine?.uuid ?? '');
  };

  test('deploys this application and can do nothing else; its text stands nowhere', async () => {
    const { json } = await commit({
      ...{ message: 'x', encrypt_token: true },
      files: [{ path: '.travis.yml', text: '# mine\nlanguage: generic\nscript: "true"\n' }],
    });
    const text = await kit.server.git.readFile(
      application.repository_uuid,
      json.sha,
      '.travis.yml',
    );
    expect(text).toMatch(
      /^# mine\nlanguage: generic\nscript: "true"\nenv:\n {2}global:\n {4}secure: /,
    );
    expect(text).not.toContain('slc_');
    expect(parse(text ?? '').env.global.secure).toMatch(/^[A-Za-z0-9+/=]+$/);
    const seen = await proposal();
    expect(seen.findings.filter(({ subject }) => subject.startsWith('secure:'))).toEqual([]);
    const [made] = await machineTokens();
    expect(made?.scopes).toEqual([
      { actions: ['application:deploy', 'application:read'], applications: [application.uuid] },
    ]);
  });

  test('is revoked when the commit fails', async () => {
    const files = [{ path: '.travis.yml', text: TRAVIS }];
    await commit({ message: 'x', files });
    const { status } = await commit({
      ...{ message: 'y', encrypt_token: true, expected: 'f'.repeat(40) },
    });
    expect(status).toBe(409);
    const tokens = await machineTokens();
    expect(tokens.map(({ revokedAt }) => revokedAt !== null)).toEqual([true]);
  });
});

describe('starters', () => {
  test('are listed, and each one is built from the examples as it stands there', async () => {
    const { json } = await call<{ results: Starter[] }>('GET', '/apps/v3/starters/');
    expect(json.results.map(({ id }) => id)).toEqual(['static', 'python', 'node']);
    for (const { id } of json.results) {
      const made = await commit({ message: `Start with ${id}`, starter: id, branch: id });
      expect(made.status, id).toBe(201);
      const seen = await proposal(`?branch=${id}`);
      expect(seen).toMatchObject({ has_code: true, branch: id, head: made.json.sha, files: [] });
      expect(seen.messages.filter(({ level }) => level !== 'info')).toEqual([]);
      expect(seen.findings.filter(({ level }) => level === 'missing')).toEqual([]);
    }
  });

  test.each(['static', 'python', 'node'])(
    'the %s one passes its test and goes live',
    async (id) => {
      await kit.startRunner();
      const { json } = await commit({ message: 'Start', starter: id });
      expect(await deploymentOf(json.sha)).toMatchObject({ success: true });
      const page = await rawRequest(`http://127.0.0.1:${kit.server.applicationPort}`, '/', {
        headers: { host: `test-${application.slug}.localhost` },
      });
      expect(page.text).toContain('Hello from Sluice');
    },
    120_000,
  );
});

describe('proposals', () => {
  test('of the repository: from nothing, then from what was pushed to a branch', async () => {
    expect(await proposal()).toMatchObject({ has_code: false, head: null, files: [] });
    await kit.work.commit('Flask', {
      'requirements.txt': 'flask\ngunicorn\npytest\n',
      'app.py': 'from flask import Flask\napp = Flask(__name__)\n',
      'tests/test_app.py': 'def test(): pass\n',
    });
    const url = new URL(application.git_url);
    url.username = 'x';
    url.password = kit.server.admin.token;
    await kit.work.push(url.href, 'HEAD:refs/heads/trunk');
    const seen = await proposal();
    expect(seen).toMatchObject({ branch: 'trunk', language: 'python', has_code: true });
    expect(seen.files.map(({ path }) => path)).toEqual(['.travis.yml', 'Procfile']);
    const made = await commit({
      ...{ message: 'Configure', branch: 'trunk', expected: seen.head },
      files: seen.files.map(({ path, text }) => ({ path, text })),
    });
    expect(made.status).toBe(201);
    const clone = await cloneRepository(url.href);
    expect(await clone.git('show', 'HEAD:Procfile')).toBe(
      'web: gunicorn app:app --bind 127.0.0.1:$PORT',
    );
    expect((await clone.git('ls-files')).split('\n')).toContain('tests/test_app.py');
    await clone.remove();
    expect((await proposal()).files).toEqual([]);
  });

  test('of texts: which encrypted values the key opens is told to who may push, and to nobody else', async () => {
    const pem = (await client().repositories.key(application.repository_uuid)).pem;
    const secure = encryptFor(pem, 'TOKEN=x');
    const text = `language: generic\nscript: x\nenv: {global: {secure: "${secure}"}}\n`;
    const body = { application: application.uuid, files: [{ path: '.travis.yml', text }] };
    const told = async (token?: string) => {
      const { json } = await call<Proposal>('POST', '/apps/v3/proposals/', body, token);
      return json.findings.filter(({ subject }) => subject.startsWith('secure:'));
    };
    expect(await told()).toEqual([]);
    const deployer = await kit.server.accounts.createUser(
      { email: `deployer${count}@example.com`, password: null },
      { organisationUuid: kit.server.organisationUuid, role: 'deployer' },
      'test',
    );
    const right = await told(await kit.server.tokenOf(deployer));
    body.files = [{ path: '.travis.yml', text: text.replace(secure, 'A'.repeat(secure.length)) }];
    const wrong = await told(await kit.server.tokenOf(deployer));
    expect(right).toHaveLength(1);
    expect(wrong).toEqual(right);
  });

  test('of texts: for an application, for nobody in particular, and not for somebody else’s', async () => {
    const files = [{ path: '.travis.yml', text: 'language: python\nscript: pytest\n' }];
    const mine = { files, application: application.uuid };
    const seen = await call<Proposal>('POST', '/apps/v3/proposals/', mine);
    expect(seen.json.files[0]?.alternative?.text).toContain(`--remote-id ${application.id}`);
    const none = await call<Proposal>('POST', '/apps/v3/proposals/', { files });
    expect(none.json.files[0]?.alternative).toBeNull();
    const stranger = await kit.server.accounts.createUser(
      { email: `stranger${count}@example.com`, password: null },
      null,
      'test',
    );
    const token = await kit.server.tokenOf(stranger);
    expect((await call('POST', '/apps/v3/proposals/', mine, token)).status).toBe(404);
    expect((await call('POST', '/apps/v3/proposals/', { files }, token)).status).toBe(200);
  });
});
