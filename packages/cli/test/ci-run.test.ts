import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, suite, test } from 'vitest';
import { useWorkshop } from './support/sluice.ts';

const shop = useWorkshop();
const { sluice, batch } = shop;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
    cwd: shop.directory,
    encoding: 'utf8',
  }).trim();

/** Sources and jobs that a run has left behind. */
function leftovers(): string[] {
  const work = join(shop.directory, '../cache/sluice/local-builds');
  return ['sources', 'jobs'].flatMap((name) =>
    existsSync(join(work, name)) ? readdirSync(join(work, name)) : [],
  );
}

function project(config: string): void {
  for (const name of readdirSync(shop.directory)) {
    rmSync(join(shop.directory, name), { recursive: true });
  }
  git('init', '-qb', 'topic');
  shop.write('.travis.yml', config);
  shop.write('.gitignore', 'ignored\n');
  shop.write('file', 'committed\n');
  git('add', '-A');
  git('commit', '-qm', 'First');
}

suite('ci run', () => {
  const config = `language: shell
env: [A=1, A=2]
stages: [test, later]
script:
  - echo "A=$A GIVEN=$GIVEN TOKEN=$TOKEN"
  - cat file && ls
  - echo "$TRAVIS_REPO_SLUG $TRAVIS_BRANCH $TRAVIS_EVENT_TYPE $TRAVIS_JOB_NUMBER $TRAVIS_SECURE_ENV_VARS"
  - test "$A" != "$FAIL"
deploy: {provider: script, script: "echo dep''loyed", on: {all_branches: true}}
jobs:
  include: [{stage: later, name: Last, env: A=3}]
`;
  beforeEach(() => project(config));

  test('runs the working tree, stage by stage, and sums up', async () => {
    shop.write('file', 'not committed\n');
    shop.write('ignored', '');
    shop.write('new', '');
    git('remote', 'add', 'origin', 'git@example.org:org/app.git');
    const before = git('status', '--porcelain');
    const { code, stdout, stderr } = await sluice(['ci', 'run']);
    expect(git('status', '--porcelain')).toBe(before);
    expect(stdout).toContain('A=1 GIVEN= TOKEN=\n');
    expect(stdout).toContain('A=3 GIVEN= TOKEN=\n');
    expect(stdout).toContain('not committed\n');
    expect(stdout).toMatch(/^new$/m);
    expect(stdout).not.toMatch(/^ignored$/m);
    expect(stdout).toContain('org/app topic push 1.2 false\n');
    expect(stdout).not.toContain('travis_fold:');
    expect(stdout).not.toContain('deployed\n');
    expect(stdout).toContain('deploy is left out');
    expect(stderr).toMatch(/^1\.1 +test +A=1 +passed/m);
    expect(stderr).toMatch(/^1\.3 +later +Last +passed/m);
    expect(stderr).toContain('The build has passed.');
    expect(code).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  test('a failure is exit code 1 and ends the build at its stage', async () => {
    const { code, stderr } = await sluice(['ci', 'run', '--env', 'FAIL=2', '--parallel', '2']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^1\.2 +test +A=2 +failed/m);
    expect(stderr).toMatch(/^1\.3 +later +Last +canceled/m);
    expect(stderr).toContain('The build has failed.');
  });

  test('one job, with variables, secrets masked, marks kept, deployed when told to', async () => {
    shop.write('.env', '# of the project\nTOKEN="hidden value"\n');
    const { code, stdout, stderr } = await sluice([
      ...['ci', 'run', '1.3', '--env', "GIVEN=it's $HOME", '--env-file', '.env'],
      ...['--raw', '--deploy', '--branch', 'main', '--event', 'api', '--repo', 'a/b'],
    ]);
    expect(code).toBe(0);
    expect(stderr).not.toContain('1.1');
    expect(stdout).toContain("A=3 GIVEN=it's $HOME TOKEN=[secure]\n");
    expect(stdout).toContain('a/b main api 1.3 true\n');
    expect(stdout).toContain('travis_fold:start:git.checkout\r');
    expect(stdout).toContain('deployed\n');
    expect(`${stdout}${stderr}`).not.toContain('hidden value');
  });

  test('wrong usage', async () => {
    expect((await sluice(['ci', 'run', '4'])).code).toBe(4);
    expect((await sluice(['ci', 'run', 'x'])).code).toBe(2);
    expect((await sluice(['ci', 'run', '--parallel', '0'])).code).toBe(2);
    expect((await sluice(['ci', 'run', '--env', '1=2'])).code).toBe(2);
    shop.write('.env', 'A=1\nmy password\n');
    const { code, stderr } = await sluice(['ci', 'run', '--env-file', '.env']);
    expect([code, stderr]).toEqual([2, '.env:2: expected NAME=value.\n']);
    expect((await sluice(['ci', 'run', '--file', 'nope.yml'])).code).toBe(1);
  });

  test('what the service would refuse is said, and run', async () => {
    project('language: shell\nscript: echo ran\nbranches: {only: main}\n');
    const { code, stdout, stderr } = await sluice(['ci', 'run']);
    expect(code).toBe(0);
    expect(stderr).toContain('The service would not build this: branch excluded.');
    expect(stdout).toContain('ran\n');
  });

  test('from standard input, with what it imports, encrypted values left out', async () => {
    shop.write('ci/base.yml', 'script: echo "imported $PLAIN"\n');
    const input = [
      'language: shell',
      'import: ci/base.yml',
      'env: {global: [PLAIN=1, {secure: abc}, {KEY: {secure: def}}]}',
    ];
    const { code, stdout } = await sluice(['ci', 'run', '-'], { input: input.join('\n') });
    expect(code).toBe(0);
    expect(stdout).toContain('imported 1\n');
    expect(stdout).toMatch(/Encrypted variables cannot be decrypted here.*KEY/);
    const missing = { input: 'import: nope.yml\n' };
    expect((await sluice(['ci', 'run', '--file', '-'], missing)).code).toBe(1);
  });

  test('outside a repository', async () => {
    rmSync(join(shop.directory, '.git'), { recursive: true });
    shop.write('.travis.yml', 'language: shell\nscript: cat file; git log --format=%s\n');
    const { code, stdout } = await sluice(['ci', 'run']);
    expect(code).toBe(0);
    expect(stdout).toContain('committed\nThe working tree\n');
    expect(existsSync(join(shop.directory, '.git'))).toBe(false);
  });

  test('a pull request, for a person who shares files with nobody', async () => {
    project(
      'language: shell\nif: type = pull_request AND branch = main AND head_branch = topic\n' +
        'script: echo "$TRAVIS_PULL_REQUEST $TRAVIS_BRANCH $TRAVIS_PULL_REQUEST_BRANCH"; cat file\n',
    );
    git('branch', 'main');
    shop.write('file', 'private\n');
    const before = process.umask(0o077);
    try {
      const { code, stdout, stderr } = await sluice(['ci', 'run', '--event', 'pull_request']);
      expect(code).toBe(0);
      expect(stderr).not.toContain('would not build');
      expect(stdout).toContain('1 main topic\nprivate\n');
    } finally {
      process.umask(before);
    }
  });

  test('Ctrl-C ends the job and leaves nothing behind', async () => {
    project('language: shell\nscript: echo begun; sleep 1000\nafter_script: echo never\n');
    const child = shop.start(['ci', 'run']);
    let log = '';
    for await (const chunk of child.stdout ?? []) {
      log += String(chunk);
      if (log.includes('\nbegun\n') && !child.killed) child.kill('SIGINT');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(1);
    expect(log).toContain('The job was canceled.');
    expect(log).not.toContain('\nnever\n');
    expect(leftovers()).toEqual([]);
  });
});

suite('ci run --batch-phases', () => {
  const run = (...configs: unknown[]) =>
    batch(
      ['ci', 'run', '--batch-phases', '--job-silence-seconds', '20'],
      configs.map((config, id) => ({ id, config })),
    ) as Promise<{ id: number; state?: string; output?: string; error?: string }[]>;

  beforeAll(() => project('language: shell\n'));

  test('every state, in order', async () => {
    const answers = await run(
      { script: 'sleep 0.5' },
      { script: ['false', 'echo still'], after_failure: 'echo after' },
      { install: 'false', script: 'echo never' },
      { script: 'exit 0', after_success: 'echo never' },
      { script: 'exit 3' },
      { script: 'set -e; false; echo never' },
      { script: 'cd /tmp && export B=2', after_success: 'echo "$PWD $B"' },
      { install: 'skip', script: 'skip' },
      {},
      { script: 'true', deploy: { provider: 'script', script: 'false' } },
    );
    expect(answers.map(({ id, state }) => [id, state])).toEqual(
      [
        ...['passed', 'failed', 'errored', 'passed', 'errored'],
        ...['failed', 'passed', 'passed', 'passed', 'errored'],
      ].map((state, id) => [id, state]),
    );
    expect(answers[1]?.output).toMatch(/\nstill\n[\s\S]*\nafter\n/);
    expect(answers[1]?.output).toContain('The command "false" exited with 1.');
    expect(answers[1]?.output).toContain('travis_fold:start:after_failure\r\u001b[0K');
    expect(answers[1]?.output).toContain('travis_time:start:');
    expect(answers[1]?.output).toContain('Done. Your build exited with 1.');
    expect(answers[2]?.output).not.toContain('\nnever\n');
    expect(answers[6]?.output).toContain('\n/tmp 2\n');
    expect(answers[0]?.output).toContain('Cloning is switched off');
  });

  test('a job with several rows of env, a file with several jobs, and a clone on request', async () => {
    const answers = await run(
      { env: [{ A: 'a b' }, { B: '2' }, { secure: 'abc' }], script: 'echo "<$A-$B>"' },
      { jobs: { include: [{ script: 'true' }, { script: 'false', allow_failure: true }] } },
      { git: { clone: true, depth: 3 }, script: 'cat file' },
      { script: 'cat file', git: { depth: 3 } },
    );
    expect(answers.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed', 'failed']);
    expect(answers[0]?.output).toContain('\n<a b-2>\n');
    expect(answers[1]?.output).toMatch(/exited with 0[\s\S]*exited with 1/);
    expect(answers[2]?.output).toContain('\ncommitted\n');
  });

  test('what is no configuration gets an error, the others go on', async () => {
    const answers = await run(1, { script: 'true' }, { if: 'false' }, null);
    expect(answers).toEqual([
      { id: 0, error: '"config" must be an object' },
      { id: 1, state: 'passed', output: expect.any(String) },
      { id: 2, error: expect.any(String) },
      { id: 3, error: '"config" must be an object' },
    ]);
    expect(leftovers()).toEqual([]);
  });

  test('an answer comes before the next question', async () => {
    const child = shop.start(['ci', 'run', '--batch-phases']);
    const asked = ['one', 'two', 'three'];
    let next = 0;
    const ask = () =>
      next < asked.length
        ? child.stdin?.write(
            `${JSON.stringify({ id: asked[next++], config: { script: 'true' } })}\n`,
          )
        : child.stdin?.end();
    ask();
    let output = '';
    for await (const chunk of child.stdout ?? []) {
      output += String(chunk);
      if (output.split('\n').length > next) ask();
    }
    expect(output.trimEnd().split('\n')).toHaveLength(3);
  });
});

test('ci toolchains', async () => {
  const { code, stdout } = await sluice(['ci', 'toolchains', '--json']);
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as { tool: string }[];
  expect(found).toContainEqual(
    expect.objectContaining({
      tool: 'node',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      bin: expect.any(String),
    }),
  );
  expect((await sluice(['ci', 'toolchains'])).stdout).toMatch(/^TOOL +VERSION +PROGRAM +FROM\n/);
});
