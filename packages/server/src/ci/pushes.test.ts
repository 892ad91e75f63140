import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CiKit, createCiKit } from './test/kit.ts';

let kit: CiKit;
beforeEach(async () => {
  kit = await createCiKit();
});
afterEach(() => kit.close());

const YAML = 'language: generic\nscript: true\n';

describe('a push', () => {
  it('makes a build with its jobs, and the pusher is told where to watch it', async () => {
    const { sha, buildId, pushIds } = await kit.push(
      'language: python\npython: [3.9, "3.10"]\nscript: pytest\n',
    );
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({
      number: 1,
      state: 'created',
      sha,
      branch: 'main',
      event: 'push',
    });
    expect(build?.jobs.map((job) => [job.number, job.state])).toEqual([
      ['1.1', 'queued'],
      ['1.2', 'queued'],
    ]);
    expect(await kit.test(sha)).toMatchObject({ state: 'unfinished', buildId });
    expect(await kit.ci.describePush(pushIds)).toEqual([
      `Build #1 of main started: http://sluice.test/builds/${buildId}`,
    ]);
  });

  it('is numbered strictly upwards within its repository', async () => {
    const other = await kit.repository('acme/other');
    const numbers: (number | undefined)[] = [];
    for (const to of [undefined, other, undefined]) {
      const { buildId } = await kit.push(YAML, {
        files: { page: `${numbers.length}` },
        ...(to === undefined ? {} : { to }),
      });
      numbers.push((await kit.ci.builds.get(buildId))?.number);
    }
    expect(numbers).toEqual([1, 1, 2]);
  });

  it('makes one build however often its message comes', async () => {
    const { pushIds, sha } = await kit.push(YAML);
    const push = await kit.store.db
      .selectFrom('messages')
      .select('id')
      .where('topic', '=', 'push')
      .where('consumer', '=', 'ci')
      .executeTakeFirstOrThrow();
    await kit.store.db
      .updateTable('messages')
      .set({ consumed_at: null })
      .where('id', '=', push.id)
      .execute();
    // The next push is consumed after the doubled one.
    await kit.push(YAML, { files: { page: '2' } });
    const { builds } = await kit.ci.builds.list(
      { repositoryUuids: null, sha },
      { limit: 10, offset: 0 },
    );
    expect(builds).toHaveLength(1);
    expect(pushIds).toHaveLength(1);
  });

  it.each([
    ['no_configuration', null, {}],
    ['commit_skipped', YAML, { message: 'Fix it [skip ci]' }],
    ['branch_excluded', `${YAML}branches: {only: [release]}\n`, {}],
    ['condition_false', `${YAML}if: branch = release\n`, {}],
  ] as const)('is refused with the reason %s', async (outcome, yaml, options) => {
    const pushed = await kit.push(yaml, { files: { page: '1' }, ...options });
    expect(pushed.outcomes).toEqual([outcome]);
    const test = await kit.test(pushed.sha);
    expect(test?.state).toBe('refused');
    expect(test?.reason).toMatch(/\.$/);
    expect((await kit.ci.describePush(pushed.pushIds))[0]).toMatch(/^No build of main: /);
  });

  it('is refused where CI is off', async () => {
    await kit.store.transaction((trx) =>
      kit.git.update(trx, kit.repositoryUuid, { ciEnabled: false }),
    );
    const { outcomes, sha } = await kit.push(YAML);
    expect(outcomes).toEqual(['ci_off']);
    expect((await kit.test(sha))?.state).toBe('refused');
  });

  it('that deletes a branch makes nothing and says nothing', async () => {
    await kit.push(YAML);
    await kit.push(YAML, { refspec: 'HEAD:refs/heads/topic', files: { page: '1' } });
    const { outcomes, pushIds } = await kit.push(YAML, {
      refspec: ':refs/heads/topic',
      files: { page: '2' },
    });
    expect(outcomes).toEqual(['deleted']);
    expect(await kit.ci.describePush(pushIds)).toEqual([]);
  });

  it('of a tag is a build of its own, and the newest build decides about the commit', async () => {
    const { sha, buildId } = await kit.push(YAML);
    await kit.run(await kit.lease());
    expect(await kit.test(sha)).toMatchObject({ state: 'passed', buildId });
    await kit.work.tag('v1.0', 'Version 1');
    await kit.work.push(kit.git.path(kit.repositoryUuid), 'v1.0');
    await kit.git.reconcileRefs(kit.repositoryUuid);
    const leased = await kit.lease();
    expect(leased.payload.build).toMatchObject({
      branch: 'v1.0',
      tag: 'v1.0',
      sha,
      number: 2,
      commitRange: '',
    });
    expect(leased.payload.clone.ref).toBe('refs/tags/v1.0');
    expect((await kit.test(sha))?.state).toBe('unfinished');
    await kit.run(leased, 'failed');
    expect((await kit.test(sha))?.state).toBe('failed');
  });

  it('never lets a refusal outrank a build of the same commit', async () => {
    const { sha, buildId } = await kit.push(YAML);
    await kit.run(await kit.lease());
    await kit.store.transaction((trx) =>
      kit.git.update(trx, kit.repositoryUuid, { ciEnabled: false }),
    );
    await kit.work.push(kit.git.path(kit.repositoryUuid), 'HEAD:refs/heads/copy');
    await kit.git.reconcileRefs(kit.repositoryUuid);
    const [last] = await kit.store.db
      .selectFrom('pushes')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    await kit.ci.describePush([last?.id ?? 0]);
    expect(await kit.test(sha)).toMatchObject({ state: 'passed', buildId });
  });
});

describe('a configuration', () => {
  it('that is no YAML makes an errored build that says where', async () => {
    const { sha, buildId, pushIds } = await kit.push('script: [true\nlanguage: x: y\n');
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'errored', verdict: 'errored', jobs: [] });
    expect(build?.error).toMatch(/cannot be read: .*\(line \d+, column \d+\)/);
    expect(build?.messages[0]).toMatchObject({ level: 'error', key: 'root' });
    expect((await kit.test(sha))?.state).toBe('errored');
    expect((await kit.ci.describePush(pushIds))[0]).toMatch(/^Build #1 of main errored: /);
    await expect(kit.ci.restartBuild(buildId, 'ann@example.com')).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('that is empty makes a build with defaults', async () => {
    const { outcomes } = await kit.push('');
    expect(outcomes).toEqual(['build']);
  });

  it('whose jobs are all left out makes an errored build', async () => {
    const { buildId } = await kit.push(`${YAML}jobs: {exclude: [{os: linux}]}\nos: linux\n`);
    const build = await kit.ci.builds.get(buildId);
    expect(build?.state).toBe('errored');
    expect(build?.error).toMatch(/matrix is empty/);
  });

  it('keeps its remarks with their places', async () => {
    const { buildId } = await kit.push(`${YAML}nonsense_key: 1\n`);
    const build = await kit.ci.builds.get(buildId);
    expect(build?.messages).toContainEqual(
      expect.objectContaining({ code: 'unknown_key', key: 'root', line: 3 }),
    );
  });

  it('shows encrypted values as [secure] only', async () => {
    const secure = await kit.encrypt('TOKEN=hidden-value');
    const { buildId } = await kit.push(`${YAML}env: {global: {secure: "${secure}"}}\n`);
    const shown = JSON.stringify(await kit.ci.builds.get(buildId));
    expect(shown).toContain('[secure]');
    expect(shown).not.toContain(secure);
  });
});
