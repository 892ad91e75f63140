import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAccounts } from '../accounts/index.ts';
import { createGit, type Git } from '../git/index.ts';
import { createSecrets, type Secrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { type Application, type Applications, createApplications } from './index.ts';

let dataDir: string;
let store: Store;
let git: Git;
let secrets: Secrets;
let applications: Applications;
let organisationUuid: string;
let port = 8701;
let now = new Date('2026-01-01T00:00:00Z');

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-applications-'));
  store = await openStore({ dataDir });
  secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const { PATH: searchPath = '' } = process.env;
  git = createGit({ dataDir, store, secrets, searchPath });
  await git.start();
  applications = createApplications({
    ...{ store, git, secrets },
    settings: { appDomain: 'apps.example', deletionGraceDays: 7 },
    applicationPort: () => port,
    now: () => now,
  });
  const accounts = createAccounts({ store });
  organisationUuid = (await accounts.createOrganisation({ name: 'Team', owner: null }, 'test'))
    .uuid;
});

afterEach(() => {
  now = new Date('2026-01-01T00:00:00Z');
  port = 8701;
});

afterAll(async () => {
  await git.stop();
  await secrets.settled();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

let counter = 0;
const create = (
  more: Partial<Parameters<Applications['create']>[0]> = {},
): Promise<Application> => {
  counter += 1;
  return applications.create({
    ...{ name: `Shop ${counter}`, organisationUuid, createdBy: null },
    ...more,
  });
};

const environmentsOf = async (application: Application) => {
  const [test, live] = await applications.environments(application.uuid);
  if (test === undefined || live === undefined) throw new Error('no environments');
  return { test, live };
};

describe('creating', () => {
  test('makes test and live on main, in that order, and a repository on disk', async () => {
    const application = await create({ name: 'Ärger im Büro' });
    expect(application.slug).toBe('arger-im-buro');
    const { test, live } = await environmentsOf(application);
    expect([test.slug, live.slug, test.branch, live.branch]).toEqual([
      'test',
      'live',
      'main',
      'main',
    ]);
    expect(await git.bySlug('team/arger-im-buro')).toMatchObject({
      uuid: application.repositoryUuid,
    });
    expect(await git.history(application.repositoryUuid).branches()).toEqual([]);
  });

  test('tells everything that is wrong at once and makes nothing', async () => {
    const before = await applications.list({}, { offset: 0, limit: 1 });
    await expect(
      applications.create({ name: '', slug: 'Ä b', branch: '-x', createdBy: null }),
    ).rejects.toMatchObject({
      code: 'invalid',
      fields: {
        name: [expect.any(String)],
        slug: [expect.any(String)],
        branch: [expect.any(String)],
        organisation: ['This field is required.'],
      },
    });
    expect((await applications.list({}, { offset: 0, limit: 1 })).count).toBe(before.count);
  });

  test.each(['a/b', '../x', '-x', 'x-', 'x\0', 'X', 'a b', 'x\n', '123', 'a'.repeat(41), '$(id)'])(
    'refuses the slug %j',
    async (slug) => {
      await expect(create({ slug })).rejects.toMatchObject({
        fields: { slug: [expect.any(String)] },
      });
    },
  );

  test.each([
    '-x',
    'a..b',
    'a b',
    'x.lock',
    '@{u}',
    'a\n',
    'a\0b',
    'HEAD',
    '/a',
    'a//b',
    '.a',
    'a~1',
  ])('refuses the branch %j', async (branch) => {
    await expect(create({ branch })).rejects.toMatchObject({
      fields: { branch: [expect.any(String)] },
    });
  });

  test('twice at once with one slug makes one', async () => {
    const outcomes = await Promise.allSettled([create({ slug: 'race' }), create({ slug: 'race' })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('is found by website id, slug and uuid', async () => {
    const application = await create();
    const { uuid, slug, websiteId } = application;
    for (const text of [uuid, slug, String(websiteId)]) {
      expect((await applications.find(text))?.uuid, text).toBe(uuid);
    }
    expect(await applications.find('99999999999999999999')).toBeNull();
  });
});

describe('addresses', () => {
  test('carry environment, application, domain and port', async () => {
    const { test } = await environmentsOf(await create({ slug: 'addresses' }));
    expect(applications.url(test)).toBe('http://test-addresses.apps.example:8701');
    port = 80;
    expect(applications.url(test)).toBe('http://test-addresses.apps.example');
    port = 443;
    expect(applications.url(test)).toBe('https://test-addresses.apps.example');
  });

  test('never belong to two environments', async () => {
    const one = await create({ slug: 'b-c' });
    await applications.createEnvironment(one, { slug: 'a' });
    const other = await create({ slug: 'c' });
    await expect(applications.createEnvironment(other, { slug: 'a-b' })).rejects.toMatchObject({
      fields: { slug: [expect.stringContaining('another application')] },
    });
  });
});

describe('removing', () => {
  test('can be undone until the purge, which never gives the website id again', async () => {
    const application = await create({ slug: 'gone' });
    const { uuid, websiteId, repositoryUuid } = application;
    await applications.remove(uuid);
    expect(await applications.get(uuid)).toBeNull();
    expect(await applications.bySlug('gone')).toBeNull();
    await expect(create({ slug: 'gone' })).rejects.toMatchObject({ code: 'invalid' });
    await applications.restore(uuid);
    expect((await applications.get(uuid))?.websiteId).toBe(websiteId);

    await applications.remove(uuid);
    now = new Date('2026-01-07T23:00:00Z');
    expect(await applications.purge()).toEqual([]);
    now = new Date('2026-01-08T00:00:00Z');
    expect(await applications.purge()).toEqual([uuid]);
    expect(await applications.purge()).toEqual([]);
    await expect(applications.restore(uuid)).rejects.toMatchObject({ code: 'not_found' });
    expect(await git.get(repositoryUuid)).toBeNull();
    expect((await create({ slug: 'gone' })).websiteId).toBeGreaterThan(websiteId);
  });
});

describe('variables', () => {
  test('keep every character, and sensitive ones are write-only', async () => {
    const { test } = await environmentsOf(await create());
    const value = ' a=b "c"\n$(id) \u2028 é ';
    const plain = await applications.variables.set({
      ...{ environmentUuid: test.uuid, name: 'PLAIN', value },
    });
    const secret = await applications.variables.set({
      ...{ environmentUuid: test.uuid, name: 'SECRET', value, isSensitive: true },
    });
    expect(plain.value).toBe(value);
    expect(secret.value).toBeNull();
    expect(await applications.snapshot(test.uuid)).toMatchObject({
      variables: [
        { name: 'PLAIN', value, isSensitive: false },
        { name: 'SECRET', value, isSensitive: true },
      ],
    });
    await expect(
      applications.variables.update(secret.uuid, { isSensitive: false }),
    ).rejects.toMatchObject({ fields: { is_sensitive: [expect.any(String)] } });
    const rows = await store.db.selectFrom('environment_variables').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain('$(id)');
  });

  test.each(['', '1A', 'A-B', 'A B', 'A=B', 'A\0', 'A\n', 'É'])(
    'refuse the name %j',
    async (name) => {
      const { test } = await environmentsOf(await create());
      await expect(
        applications.variables.create({ environmentUuid: test.uuid, name, value: '' }),
      ).rejects.toMatchObject({ fields: { name: [expect.any(String)] } });
    },
  );

  test('make a new configuration version with every change, and so do branch, name and commands', async () => {
    const application = await create();
    const { test, live } = await environmentsOf(application);
    const version = async () => (await applications.environment(test.uuid))?.configVersion;
    const changes: (() => Promise<unknown>)[] = [
      () => applications.variables.set({ environmentUuid: test.uuid, name: 'A', value: '1' }),
      () => applications.variables.set({ environmentUuid: test.uuid, name: 'A', value: '2' }),
      async () => {
        const { variables } = await applications.variables.list({ environmentUuids: [test.uuid] });
        await applications.variables.unset(variables[0]?.uuid ?? '');
      },
      () => applications.updateEnvironment(test.uuid, { branch: 'next' }),
      () => applications.rename(application.uuid, 'New name'),
      () =>
        applications.update(application.uuid, {
          releaseCommands: [{ label: 'm', command: 'true' }],
        }),
    ];
    for (const [index, change] of changes.entries()) {
      expect(await version()).toBe(index + 1);
      await change();
    }
    expect(await version()).toBe(changes.length + 1);
    // Switches that do not change what a release is made of leave it alone.
    await applications.updateEnvironment(test.uuid, { autoDeploy: true, requireBuild: 'on' });
    expect(await version()).toBe(changes.length + 1);
    expect((await applications.environment(live.uuid))?.configVersion).toBe(3);
  });

  test('are copied with an environment, which gets a SECRET_KEY of its own', async () => {
    const application = await create();
    const { test } = await environmentsOf(application);
    await applications.variables.set({
      ...{ environmentUuid: test.uuid, name: 'TOKEN', value: 'hidden', isSensitive: true },
    });
    await applications.updateEnvironment(test.uuid, { branch: 'next', autoDeploy: true });
    const copy = await applications.createEnvironment(application, {
      ...{ slug: 'staging', copyOf: test.uuid },
    });
    expect(copy).toMatchObject({ branch: 'next', autoDeploy: true, position: 2 });
    expect((await applications.snapshot(copy.uuid)).variables).toEqual([
      { name: 'TOKEN', value: 'hidden', isSensitive: true },
    ]);
    const key = await applications.secretKey(test.uuid);
    expect(key).toMatch(/^\S{50,}$/);
    expect(await applications.secretKey(test.uuid)).toBe(key);
    expect(await applications.secretKey(copy.uuid)).not.toBe(key);
  });
});

describe('branches', () => {
  test('that do not exist follow the first one pushed', async () => {
    const application = await create();
    const { test, live } = await environmentsOf(application);
    await applications.updateEnvironment(live.uuid, { branch: 'production' });
    await store.transaction(async (trx) => {
      await trx
        .insertInto('repository_refs')
        .values({
          repository_uuid: application.repositoryUuid,
          ref: 'refs/heads/production',
          sha: 'a'.repeat(40),
          commit_sha: 'a'.repeat(40),
        })
        .execute();
      await applications.onDefaultBranch(trx, application.repositoryUuid, 'master');
    });
    expect((await applications.environment(test.uuid))?.branch).toBe('master');
    expect((await applications.environment(live.uuid))?.branch).toBe('production');
    expect((await applications.protectedBranches(application.repositoryUuid)).sort()).toEqual([
      'master',
      'production',
    ]);
  });
});
