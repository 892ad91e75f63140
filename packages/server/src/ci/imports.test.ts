import { encryptFor } from '@sluice/contract/encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CiKit, createCiKit } from './test/kit.ts';

let kit: CiKit;
beforeEach(async () => {
  kit = await createCiKit();
});
afterEach(() => kit.close());

const MAIN = 'language: generic\nscript: [echo main]\n';

const encryptedFor = async (uuid: string, text: string) =>
  encryptFor((await kit.secrets.publicKey(uuid)).pem, text);

/** A repository with these files on `main` (and `v1`), which no push of ours builds. */
async function library(slug: string, files: Record<string, string>, isPrivate = true) {
  const made = await kit.repository(slug);
  await kit.store.transaction((trx) => kit.git.update(trx, made.uuid, { isPrivate }));
  await kit.push(null, { to: made, files });
  return made;
}

async function errorOf(yaml: string): Promise<string> {
  const { buildId } = await kit.push(yaml, { files: { page: yaml } });
  const build = await kit.ci.builds.get(buildId);
  expect(build).toMatchObject({ state: 'errored', verdict: 'errored', jobs: [] });
  return build?.error ?? '';
}

describe('imports (spec/travis.md 10)', () => {
  it('takes files of the same commit, nested ones too, each once', async () => {
    await kit.push(`import: [ci/a.yml, ci/b.json]\n${MAIN}`, {
      files: {
        'ci/a.yml': 'import: ci/c.yml\nscript: [echo a]\nbefore_script: echo from a\n',
        'ci/b.json': '{"import": ["ci/a.yml", ".travis.yml"], "script": ["echo b"]}',
        'ci/c.yml': 'import: ci/a.yml\nscript: [echo c]\ndist: jammy\n',
      },
    });
    const { payload } = await kit.lease();
    expect(payload.config).toMatchObject({
      script: ['echo main', 'echo a', 'echo c', 'echo b'],
      before_script: ['echo from a'],
      dist: 'jammy',
    });
  });

  it('evaluates the condition of an import, and follows its mode', async () => {
    await kit.push(
      `import:
  - {source: ci/never.yml, if: branch = release}
  - {source: ci/a.yml, if: branch = main, mode: deep_merge}
${MAIN}`,
      { files: { 'ci/a.yml': 'script: [echo a]\nafter_script: echo after\n' } },
    );
    const { payload } = await kit.lease();
    expect(payload.config).toMatchObject({ script: ['echo main'], after_script: ['echo after'] });
  });

  it('takes a file of another repository, at its default branch or at a ref', async () => {
    const other = await library('acme/shared', { 'ci.yml': 'before_install: echo one\n' });
    await kit.push(null, { to: other, refspec: 'HEAD:refs/tags/v1' });
    await kit.push(null, { to: other, files: { 'ci.yml': 'before_install: echo two\n' } });
    await kit.push(`import: acme/shared:ci.yml\n${MAIN}`);
    expect((await kit.lease()).payload.config['before_install']).toEqual(['echo two']);
    await kit.push(`import: acme/shared:ci.yml@v1\n${MAIN}`, { files: { page: 'v1' } });
    expect((await kit.lease()).payload.config['before_install']).toEqual(['echo one']);
  });

  it('opens imported secrets with the key of where they stood, only for one owner', async () => {
    const shared = await kit.repository('acme/shared');
    const { uuid: strangers } = await kit.accounts.createOrganisation(
      { name: 'Strangers', owner: null },
      'test',
    );
    const { uuid } = await kit.store.transaction((trx) =>
      kit.git.createHosted(trx, { organisationUuid: strangers, slug: 'strangers/lib' }),
    );
    await kit.git.ensureOnDisk(uuid);
    await kit.store.transaction((trx) => kit.git.update(trx, uuid, { isPrivate: false }));
    const foreign = { uuid, work: shared.work };
    const own = await kit.encrypt('OWN=mine-own');
    const theirs = await encryptedFor(uuid, 'FOREIGN=theirs');
    const friend = await encryptedFor(shared.uuid, 'SHARED=of-friends');
    // Also a value of ours that a stranger's file holds stays shut.
    const stolen = await kit.encrypt('STOLEN=for-strangers');
    await kit.push(null, {
      to: foreign,
      files: { 'f.yml': `env: {global: [{secure: "${theirs}"}, {secure: "${stolen}"}]}\n` },
    });
    await kit.push(null, {
      to: shared,
      files: { 's.yml': `env: {global: [{secure: "${friend}"}]}\n` },
    });
    await kit.push(
      `import: [acme/shared:s.yml, strangers/lib:f.yml]\n${MAIN}env: {global: [{secure: "${own}"}]}\n`,
    );
    const { payload } = await kit.lease();
    const texts = payload.env.flatMap((group) => group.vars.map((variable) => variable.text));
    expect(texts.toSorted()).toEqual(['OWN=mine-own', 'SHARED=of-friends']);
    expect(payload.notices).toHaveLength(2);
  });

  it('errors the build, and says why, for what cannot be imported', async () => {
    await library('acme/shared', { 'ci.yml': 'script: x\n', 'bad.yml': 'a: [\n' });
    const { uuid: strangers } = await kit.accounts.createOrganisation(
      { name: 'Strangers', owner: null },
      'test',
    );
    await kit.store.transaction((trx) =>
      kit.git.createHosted(trx, { organisationUuid: strangers, slug: 'strangers/lib' }),
    );
    expect(await errorOf(`import: nowhere.yml\n${MAIN}`)).toContain('nowhere.yml was not found');
    expect(await errorOf(`import: acme/shared:no.yml\n${MAIN}`)).toContain('no such file');
    expect(await errorOf(`import: acme/shared:ci.yml@gone\n${MAIN}`)).toContain('it has no gone');
    expect(await errorOf(`import: acme/shared:bad.yml\n${MAIN}`)).toMatch(
      /acme\/shared:bad.yml cannot be read: .*line 2/,
    );
    const missing = await errorOf(`import: strangers/none:ci.yml\n${MAIN}`);
    const hidden = await errorOf(`import: strangers/lib:ci.yml\n${MAIN}`);
    expect(hidden).toBe(missing.replaceAll('none', 'lib'));
  });

  it('keeps private files out of public repositories', async () => {
    await library('acme/shared', { 'ci.yml': 'script: x\n' });
    await kit.store.transaction((trx) =>
      kit.git.update(trx, kit.repositoryUuid, { isPrivate: false }),
    );
    expect(await errorOf(`import: acme/shared:ci.yml\n${MAIN}`)).toContain('may not be imported');
  });

  it('takes 25 files and no more', async () => {
    const names = Array.from({ length: 26 }, (_, index) => `ci/${index}.yml`);
    const files = Object.fromEntries(names.map((name) => [name, 'after_script: echo x\n']));
    const list = (count: number) => `import: [${names.slice(0, count).join(', ')}]\n${MAIN}`;
    const { buildId } = await kit.push(list(25), { files });
    expect((await kit.ci.builds.get(buildId))?.state).not.toBe('errored');
    expect(await errorOf(list(26))).toContain('More than 25 files');
  });
});
