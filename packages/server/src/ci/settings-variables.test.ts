import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applicable } from './settings-variables.ts';
import { type CiKit, createCiKit } from './test/kit.ts';

let kit: CiKit;
beforeEach(async () => {
  kit = await createCiKit();
});
afterEach(() => kit.close());

describe('variables of the repository’s settings', () => {
  it('reach a job before those of the file, private ones as secrets', async () => {
    const { settingsVariables, repositoryUuid } = kit;
    await settingsVariables.create(repositoryUuid, { name: 'TOKEN', value: 'abc\\ def' });
    await settingsVariables.create(repositoryUuid, {
      ...{ name: 'SHOWN', value: 'two words', isPublic: true },
    });
    await kit.push('script: true\nenv: {global: [A=1]}\n');
    const { payload } = await kit.lease();
    expect(payload.env).toEqual([
      {
        heading: 'Setting environment variables from repository settings',
        vars: [
          { text: 'SHOWN="two words"', secret: false },
          { text: 'TOKEN=abc\\ def', secret: true },
        ],
      },
      {
        heading: 'Setting environment variables from .travis.yml',
        vars: [{ text: 'A=1', secret: false }],
      },
    ]);
  });

  it('for one branch stand for those for every branch', async () => {
    const { settingsVariables, repositoryUuid } = kit;
    const set = (name: string, value: string, branch: string | null = null) =>
      settingsVariables.create(repositoryUuid, { name, value, branch });
    await set('TOKEN', 'every-branch');
    await set('TOKEN', 'main-only', 'main');
    await set('OTHER', 'other-branch', 'other');
    await kit.push('script: true\n');
    expect((await kit.lease()).payload.env[0]?.vars).toEqual([
      { text: 'TOKEN=main-only', secret: true },
    ]);
    expect(await settingsVariables.ofJob(repositoryUuid, 'other')).toEqual([
      { text: 'OTHER=other-branch', secret: true },
      { text: 'TOKEN=every-branch', secret: true },
    ]);
  });

  it('are seen by conditions when they are public, and never else', async () => {
    const { settingsVariables, repositoryUuid } = kit;
    const create = (name: string, isPublic: boolean) =>
      settingsVariables.create(repositoryUuid, { name, value: '"yes"', isPublic });
    await create('SHOWN', true);
    await create('HIDDEN', false);
    const yaml = (name: string) => `script: true\nif: env(${name}) = yes\n`;
    expect((await kit.push(yaml('SHOWN'))).outcomes).toEqual(['build']);
    expect((await kit.push(yaml('HIDDEN'))).outcomes).toEqual(['condition_false']);
  });

  it('keep a private value private', async () => {
    const { settingsVariables, repositoryUuid, store } = kit;
    const { uuid } = await settingsVariables.create(repositoryUuid, {
      ...{ name: 'TOKEN', value: 'hidden-value' },
    });
    expect(await settingsVariables.list(repositoryUuid)).toMatchObject([{ value: null }]);
    await expect(
      settingsVariables.update(repositoryUuid, uuid, { isPublic: true }),
    ).rejects.toMatchObject({ code: 'invalid' });
    const rows = await store.db.selectFrom('repository_env_vars').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain('hidden-value');
    const shown = await settingsVariables.update(repositoryUuid, uuid, {
      ...{ isPublic: true, value: 'shown-value' },
    });
    expect(shown).toMatchObject({ value: 'shown-value', isPublic: true });
  });

  it('belong to their repository', async () => {
    const { settingsVariables, repositoryUuid } = kit;
    const other = await kit.repository('acme/other');
    const { uuid } = await settingsVariables.create(repositoryUuid, { name: 'A', value: '1' });
    expect(await settingsVariables.get(other.uuid, uuid)).toBeNull();
    const gone = { code: 'not_found' };
    await expect(settingsVariables.update(other.uuid, uuid, { value: '2' })).rejects.toMatchObject(
      gone,
    );
    await expect(settingsVariables.remove(other.uuid, uuid)).rejects.toMatchObject(gone);
    await settingsVariables.remove(repositoryUuid, uuid);
    expect(await settingsVariables.list(repositoryUuid)).toEqual([]);
  });

  it('have names that a shell takes, once for each branch', async () => {
    const { settingsVariables, repositoryUuid } = kit;
    const create = (name: string, value = '1') =>
      settingsVariables.create(repositoryUuid, { name, value });
    await create('A');
    for (const [name, value] of [
      ['A', '2'],
      ['1A', '1'],
      ['A B', '1'],
      ['B', 'x\0y'],
    ] as const) {
      await expect(create(name, value)).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});

describe('a repository’s settings', () => {
  it('can leave pushes out', async () => {
    await kit.ci.settings.change(kit.repositoryUuid, { buildPushes: false });
    expect((await kit.push('script: true\n')).outcomes).toEqual(['pushes_off']);
    await kit.ci.settings.change(kit.repositoryUuid, { buildPushes: true });
    expect((await kit.push('script: false\n')).outcomes).toEqual(['build']);
  });

  it('can cancel the builds of a branch that wait when a newer push comes', async () => {
    await kit.ci.settings.change(kit.repositoryUuid, { autoCancelPushes: true });
    const running = await kit.push('script: true\n');
    await kit.lease();
    const waiting = await kit.push('script: true\n', { files: { page: '2' } });
    const elsewhere = await kit.push('script: true\n', {
      ...{ files: { page: '3' }, refspec: 'HEAD:refs/heads/other' },
    });
    const newest = await kit.push('script: true\n', { files: { page: '4' } });
    // The next push is looked at only after the cancelling.
    await kit.push('script: true\n', { refspec: 'HEAD:refs/heads/last' });
    const state = async (id: number) => (await kit.ci.builds.get(id))?.state;
    expect(await state(running.buildId)).toBe('started');
    expect(await state(waiting.buildId)).toBe('canceled');
    expect(await state(elsewhere.buildId)).toBe('created');
    expect(await state(newest.buildId)).toBe('created');
  });
});

describe('applicable', () => {
  it('keeps the order and leaves other branches out', () => {
    const row = (name: string, branch: string) => ({ name, branch });
    const rows = [row('A', ''), row('A', 'main'), row('B', ''), row('C', 'next')];
    expect(applicable(rows, 'main')).toEqual([row('A', 'main'), row('B', '')]);
    expect(applicable(rows, 'next')).toEqual([row('A', ''), row('B', ''), row('C', 'next')]);
  });
});
