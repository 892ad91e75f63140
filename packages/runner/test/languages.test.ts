import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostExecutor } from '../src/executors/host/index.ts';
import {
  createRepository,
  hostOptions,
  type JobRun,
  runOn,
  skipUnless,
  useMachine,
} from './support/machine.ts';
import { payloadOf } from './support/payload.ts';

const machine = useMachine();
let directory: string;
let counter = 0;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-languages-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Builds a repository with these files. */
async function build(
  config: Record<string, unknown>,
  files: Record<string, string>,
  changes: Parameters<typeof payloadOf>[1] = {},
): Promise<JobRun> {
  const parent = join(directory, String(counter++));
  mkdirSync(parent);
  const repository = createRepository(join(parent, 'app'), { 'README.md': 'x', ...files });
  const payload = payloadOf(
    { git: {}, ...config },
    { ...changes, build: { ...changes.build, sha: repository.sha } },
  );
  payload.clone.url = repository.path;
  payload.limits = { ...payload.limits, silenceMs: 110_000, totalMs: 110_000 };
  const executor = await createHostExecutor({
    ...hostOptions(machine.directory),
    readOnly: [parent],
  });
  return runOn(executor, payload);
}

/** The commands that the log shows, without what git does. */
const commands = (job: JobRun) =>
  [...job.plain.matchAll(/^\$ (.*)$/gm)]
    .map((match) => match[1])
    .filter((text) => !/^git |^source |--?version$/.test(text ?? ''));

describe('python', () => {
  it('installs from the configured index into a virtualenv of the nearest version', async () => {
    const toolchains = await machine.executor.toolchains();
    const pyenv = toolchains.some(
      (one) => one.source === 'pyenv' && one.version.startsWith('3.6.'),
    );
    if (skipUnless(pyenv, 'there is no Python 3.6 from pyenv on this machine')) return;
    const job = await build(
      {
        language: 'python',
        python: ['3.5'],
        install: 'pip install isort',
        script: ['python -m isort --version', 'which pip', 'echo $TRAVIS_PYTHON_VERSION'],
      },
      {},
    );
    expect(job.state).toBe('passed');
    expect(job.notices.join()).toMatch(/Python 3\.5 is not on this machine; using Python 3\.6/);
    expect(job.plain.indexOf('Python 3.5 is not')).toBeLessThan(job.plain.indexOf('git clone'));
    expect(job.plain).toMatch(/\/virtualenv\/python3\.6\.\d+\/bin\/pip/);
    expect(job.plain).toMatch(/^3\.5$/m);
  });

  it('is errored in set-up when toolchains are strict', async () => {
    const job = await build(
      { language: 'python', python: ['3.0'], script: 'true' },
      {},
      { strictToolchains: true },
    );
    expect(job).toMatchObject({ state: 'errored', exitCode: 2 });
    expect(job.reason).toMatch(
      /Python 3\.0 is not on this machine \(strict toolchains are on\)\. It has/,
    );
    expect(commands(job)).toEqual([]);
  });

  it('fails without a script, after installing what requirements.txt asks for', async () => {
    const job = await build({ language: 'python' }, { 'requirements.txt': '# nothing\n' });
    expect(commands(job)).toEqual(['pip install -r requirements.txt']);
    expect(job.state).toBe('failed');
    expect(job.plain).toContain('please set `script`');
  });

  it('makes a virtualenv where ensurepip is missing, as on Debian without python3-venv', async () => {
    const toolchains = await machine.executor.toolchains();
    const system = toolchains.find((one) => one.program === '/usr/bin/python3');
    if (
      skipUnless(
        system !== undefined && machine.executor.isolates,
        'there is no /usr/bin/python3 here',
      )
    )
      return;
    const executor = await createHostExecutor({
      ...hostOptions(machine.directory),
      workDir: join(directory, 'bare'),
      home: '/nonexistent',
      hidden: [`/usr/lib/python${system?.version.split('.').slice(0, 2).join('.')}/ensurepip`],
    });
    const payload = payloadOf({
      language: 'python',
      install: 'skip',
      script: 'pip --version && which pip',
    });
    const job = await runOn(executor, {
      ...payload,
      limits: { ...payload.limits, silenceMs: 110_000, totalMs: 110_000 },
    });
    // Either there is some pip to start from, or the log says what to install.
    if (job.state === 'errored') expect(job.reason).toContain('apt install python3-venv');
    else expect(job.plain).toMatch(/^\/home\/travis\/virtualenv\/.*\/pip$/m);
  });
});

describe('node_js', () => {
  const PACKAGE = JSON.stringify({
    name: 'x',
    version: '1.0.0',
    scripts: { test: 'echo npm tested' },
  });

  it('installs and tests with npm, the version from .nvmrc', async () => {
    const job = await build({ language: 'node_js' }, { 'package.json': PACKAGE, '.nvmrc': '3\n' });
    expect(job.state).toBe('passed');
    expect(commands(job)).toEqual(['npm install', 'npm test']);
    expect(job.plain).toContain('npm tested');
    expect(job.notices.join()).toContain('Node.js 3 is not on this machine');
  });

  it('uses npm ci with a lock file, and make without a package.json', async () => {
    const lock = JSON.stringify({
      name: 'x',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': { name: 'x', version: '1.0.0' } },
    });
    const locked = await build(
      { language: 'node_js' },
      { 'package.json': PACKAGE, 'package-lock.json': lock },
    );
    expect(commands(locked)).toEqual(['npm ci', 'npm test']);
    const make = await build({ language: 'node_js' }, { Makefile: 'test:\n\techo made\n' });
    expect(commands(make)).toEqual(['make test']);
    expect(make.state).toBe('passed');
  });
});

describe('other languages', () => {
  it('go: leaves fetching to a makefile', async () => {
    const job = await build(
      { language: 'go', script: 'true' },
      { Makefile: 'all:\n\techo made\n' },
    );
    if (job.plain.includes('It has no Go at all')) return;
    expect(job.plain).toContain('There is a makefile');
    expect(commands(job).at(-1)).toBe('true');
    expect(job.state).toBe('passed');
  });

  it('c: configure and make', async () => {
    const job = await build(
      { language: 'c' },
      { Makefile: 'all:\n\ntest:\n\techo tested\n', configure: '#!/bin/sh\n' },
    );
    expect(commands(job)).toEqual(['./configure && make && make test']);
  });

  it('ruby: says when there is none', async () => {
    const job = await build({ language: 'ruby' }, {});
    if (job.state !== 'errored') return;
    expect(job.reason).toContain('It has no Ruby at all');
  });
});

describe('deploy (spec/travis.md 7)', () => {
  const script = ['true'];

  it('runs before_deploy, the provider in a shell of its own, and after_deploy', async () => {
    const job = await machine.run(
      payloadOf({
        script,
        before_deploy: 'echo before',
        deploy: [{ provider: 'script', script: 'cd /; X=1; echo deployed from $OLDPWD' }],
        after_deploy: ['pwd; echo "X=$X"', 'false'],
        after_script: 'echo end',
      }),
    );
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('deployed from /home/travis/build/org/app');
    expect(job.plain).toMatch(/\/home\/travis\/build\/org\/app\nX=\n/);
    expect(job.log).toContain('travis_fold:start:dpl_0');
    expect(job.plain).toMatch(/^end$/m);
  });

  it('errors at a failing before_deploy, and when it ends the shell', async () => {
    for (const command of ['false', 'exit 1']) {
      const deploy = [{ provider: 'script', script: 'echo never' }];
      const job = await machine.run(
        payloadOf({ script, before_deploy: command, deploy, after_script: 'echo never' }),
      );
      expect(job).toMatchObject({ state: 'errored', verdicts: ['passed'] });
      expect(job.plain).not.toMatch(/^never$/m);
    }
  });

  it('counts a provider that is not here as failed, unless it may fail', async () => {
    const job = await machine.run(payloadOf({ script, deploy: [{ provider: 'heroku' }] }));
    expect(job).toMatchObject({ state: 'errored' });
    expect(job.plain).toContain('The heroku provider is not available here.');
    const allowed = await machine.run(
      payloadOf({ script, deploy: [{ provider: 'heroku', allow_failure: true }] }),
    );
    expect(allowed).toMatchObject({ state: 'passed' });
  });

  it('says why it does not deploy', async () => {
    const deploy = [
      { provider: 'script', script: 'echo never', on: { branch: 'other' } },
      { provider: 'script', script: 'echo never', on: { condition: ['$CI = false', 'a = a'] } },
      { provider: 'script', script: 'echo yes', on: { condition: '$CI = true' } },
    ];
    const job = await machine.run(payloadOf({ script, deploy, before_deploy: 'echo once' }));
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('the branch is main, not other');
    expect(job.plain).toContain('the condition `$CI = false` does not hold');
    expect(job.plain).toMatch(/^yes$/m);
    expect(job.plain).not.toMatch(/^never$/m);
    expect(job.plain.match(/^once$/gm)).toHaveLength(1);
  });

  it('never deploys after a failing test or for a pull request', async () => {
    const deploy = [{ provider: 'script', script: 'echo never' }];
    const failed = await machine.run(payloadOf({ script: 'false', deploy }));
    const pullRequest = { number: 4, branch: 'f', sha: 'a', slug: 'org/app', draft: false };
    const pull = await machine.run(
      payloadOf({ script, deploy }, { build: { event: 'pull_request', pullRequest } }),
    );
    expect(failed.plain + pull.plain).not.toMatch(/^never$/m);
    expect(pull).toMatchObject({ state: 'passed' });
  });
});
