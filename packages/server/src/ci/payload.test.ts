import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CiKit, createCiKit } from './test/kit.ts';

let kit: CiKit;
beforeEach(async () => {
  kit = await createCiKit();
});
afterEach(() => kit.close());

describe('the payload of a job', () => {
  it('tells a runner all it needs', async () => {
    const { sha, buildId } = await kit.push(
      'language: python\npython: 3.10\nscript: flake8\nenv: {global: [A=1], jobs: [B="x y"]}\n',
      { message: 'Change the page\n\nAnd say why.' },
    );
    const { payload } = await kit.lease();
    expect(payload).toMatchObject({
      number: '1.1',
      attempt: 1,
      stage: null,
      trusted: true,
      strictToolchains: false,
      filterSecrets: true,
      repository: { slug: 'acme/site', defaultBranch: 'main', private: true },
      build: { id: buildId, sha, branch: 'main', tag: null, event: 'push', commitRange: '' },
      config: { language: 'python', python: '3.10', script: ['flake8'] },
      env: [
        {
          heading: 'Setting environment variables from .travis.yml',
          vars: [
            { text: 'A=1', secret: false },
            { text: 'B="x y"', secret: false },
          ],
        },
      ],
      clone: { url: 'http://sluice.test/acme/site.git', ref: 'refs/heads/main' },
      urls: { server: 'http://sluice.test', build: `http://sluice.test/builds/${buildId}` },
      notices: [],
    });
    expect(payload.build.message).toContain('And say why.');
    expect(payload.secrets).toEqual([payload.clone.token]);
    expect(payload.config['env']).toBeUndefined();
  });

  it('quotes what the mapping form of a variable left unquoted', async () => {
    await kit.push('script: true\nenv: {global: [{A: a b, B: "$HOME/x", C: \'"d e"\'}]}\n');
    const { payload } = await kit.lease();
    expect(payload.env[0]?.vars.map(({ text }) => text)).toEqual([
      'A="a b"',
      'B=$HOME/x',
      'C="d e"',
    ]);
  });

  it('names the range of commits of a later push', async () => {
    const first = await kit.push('script: true\n');
    const second = await kit.push('script: true\n', { files: { page: '2' } });
    await kit.lease();
    const { payload } = await kit.lease();
    expect(payload.build.commitRange).toBe(
      `${first.sha.slice(0, 12)}...${second.sha.slice(0, 12)}`,
    );
  });

  it('holds decrypted values, every one of them also for masking', async () => {
    const token = await kit.encrypt('TOKEN="hidden value" OTHER=second-one');
    const named = await kit.encrypt('third-one');
    const key = await kit.encrypt('api-key-text');
    await kit.push(
      `language: generic
script: true
env:
  global:
    - secure: "${token}"
    - NAMED: {secure: "${named}"}
deploy: {provider: script, script: ./go, api_key: {secure: "${key}"}}
`,
    );
    const { payload } = await kit.lease();
    expect(payload.env[0]?.vars).toEqual([
      { text: 'TOKEN="hidden value"', secret: true },
      { text: 'OTHER=second-one', secret: true },
      { text: 'NAMED=third-one', secret: true },
    ]);
    expect(JSON.stringify(payload.config)).toContain('api-key-text');
    expect(payload.secrets).toEqual(
      expect.arrayContaining(['third-one', 'api-key-text', payload.clone.token]),
    );
  });

  it('leaves out what another repository’s key encrypted, and says so', async () => {
    const other = await kit.repository('acme/other');
    const secure = await kit.encrypt('TOKEN=hidden-value');
    await kit.push(
      `language: generic\nscript: true\nenv: {global: [{secure: "${secure}"}, B=2]}\n`,
      { to: other },
    );
    const { payload } = await kit.lease();
    expect(payload.env[0]?.vars).toEqual([{ text: 'B=2', secret: false }]);
    expect(payload.notices.join()).toMatch(/could not be decrypted/);
    expect(JSON.stringify(payload)).not.toContain('hidden-value');
  });

  it('holds no secret at all for a build from a fork', async () => {
    const env = await kit.encrypt('TOKEN=hidden-value');
    const key = await kit.encrypt('api-key-text');
    const { buildId } = await kit.push(
      `language: generic
script: true
env: {global: [{secure: "${env}"}, B=2]}
deploy: {provider: script, script: ./go, api_key: {secure: "${key}"}}
`,
    );
    await kit.store.db
      .updateTable('builds')
      .set({ trusted: 0 })
      .where('id', '=', buildId)
      .execute();
    await kit.store.db
      .updateTable('jobs')
      .set({ trusted: 0 })
      .where('build_id', '=', buildId)
      .execute();
    const { ci } = kit;
    // A runner that cannot isolate a job gets none that is not trusted.
    expect(await ci.runner.lease({ runner: 'bare', isolates: false }, 0)).toBeNull();
    const { payload } = await kit.lease();
    expect(payload.trusted).toBe(false);
    expect(payload.secrets).toEqual([payload.clone.token]);
    expect(payload.env[0]?.vars).toEqual([{ text: 'B=2', secret: false }]);
    expect(payload.notices).toEqual([expect.stringMatching(/comes from a fork/)]);
    expect(JSON.stringify(payload)).not.toMatch(/hidden-value|api-key-text/);
  });

  it('obeys the repository’s own strictness before the installation’s', async () => {
    await kit.ci.settings.change(kit.repositoryUuid, { strictToolchains: true });
    await kit.push('script: true\n');
    expect((await kit.lease()).payload.strictToolchains).toBe(true);
  });
});

describe('a build page', () => {
  it('shows what its commit’s deployments came to', async () => {
    await kit.close();
    const deployments = [
      {
        uuid: 'd1',
        environment: 'test',
        status: 'FAILED',
        success: false,
        reason: 'The health check failed.',
      },
    ];
    kit = await createCiKit({ deployments });
    const { buildId } = await kit.push('script: true\n');
    await kit.run(await kit.lease());
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'passed', deployments });
  });

  it('gathers the notices of its jobs', async () => {
    const { buildId } = await kit.push('script: true\n');
    const { payload, leaseToken } = await kit.lease();
    const lines = ['Python 3.5 is not here; 3.11 is used instead.'];
    await kit.ci.runner.notices(payload.jobId, leaseToken, lines);
    await kit.ci.runner.notices(payload.jobId, leaseToken, lines);
    expect((await kit.ci.builds.get(buildId))?.notices).toEqual(lines);
  });
});
