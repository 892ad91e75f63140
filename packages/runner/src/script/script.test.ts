import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payloadOf } from '../../test/support/payload.ts';
import { deployConditions } from './deploy/conditions.ts';
import { buildScript, type JobPlace } from './index.ts';
import { quote } from './shell.ts';

const PLACE: JobPlace = {
  home: '/home/travis',
  buildRoot: '/home/travis/build',
  user: 'travis',
  locale: 'C.UTF-8',
  dist: 'bookworm',
  commandsDir: null,
  basePath: '/usr/bin',
};

function scriptOf(payload: ReturnType<typeof payloadOf>): string {
  const limits = { processes: 100, memoryBytes: 1e9, nice: 5 };
  return buildScript({ payload, place: PLACE, choice: null, limits });
}

const parses = (script: string) => execFileSync('bash', ['-n'], { input: script });

describe('quote', () => {
  it('gives bash back exactly what went in', () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 60 })
      .map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (words) => {
        const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
        const output = execFileSync('bash', ['-c', script]).toString();
        expect(output).toBe(words.map((word) => `${Buffer.from(word).toString()}\0`).join(''));
      }),
      { numRuns: 60 },
    );
  });
});

describe('buildScript', () => {
  it('is a script that bash can read, whatever the configuration holds', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(`'`, '"', '`', '$(', 'if', 'done', '\n', '<<EOF', '} ; {', '\\', '(('),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant({ a: 1 }),
    );
    const value = fc.oneof(wild, fc.array(wild, { maxLength: 4 }));
    const keys = [
      'install',
      'script',
      'after_success',
      'before_deploy',
      'cache',
      'services',
      'python',
      'npm_args',
      'compiler',
    ];
    const config = fc.record(
      {
        language: fc.constantFrom(
          'python',
          'node_js',
          'ruby',
          'go',
          'rust',
          'php',
          'java',
          'c',
          'cpp',
          'generic',
          '__proto__',
        ),
        ...Object.fromEntries(keys.map((key) => [key, value])),
        git: fc.record(
          { depth: wild, submodules: wild, autocrlf: wild, sparse_checkout: wild },
          { requiredKeys: [] },
        ),
        deploy: fc.array(
          fc.record({
            provider: wild,
            script: value,
            on: fc.record({ condition: value, branch: value }),
          }),
        ),
      },
      { requiredKeys: ['language'] },
    );
    fc.assert(
      fc.property(config, fc.string({ unit: 'binary', maxLength: 30 }), (settings, text) => {
        const payload = payloadOf(settings, {
          build: { branch: text, message: text, tag: text },
          stage: text,
        });
        payload.clone = {
          url: `https://git.example.org/${encodeURIComponent(text)}`,
          token: 'tok',
          ref: `refs/heads/${text}`,
        };
        parses(scriptOf(payload));
      }),
      { numRuns: 100 },
    );
  });

  it('names the token in no command and no URL', () => {
    const payload = payloadOf({ git: {} });
    payload.clone = {
      url: 'https://git.example.org/org/app.git',
      token: 'THE-TOKEN',
      ref: 'refs/heads/main',
    };
    const script = scriptOf(payload);
    expect(script).not.toContain('THE-TOKEN');
    expect(script).toContain('GIT_CONFIG_KEY_0=http.https://git.example.org/.extraHeader');
    const encoded = Buffer.from('x-job:THE-TOKEN').toString('base64');
    expect(script.split(encoded)).toHaveLength(2);
  });

  it.each([
    [{}, 'git clone --depth=50 --branch=main --'],
    [{ depth: false }, 'git clone --branch=main --'],
    [{ depth: 3, quiet: true }, 'git clone --depth=3 --branch=main --quiet --'],
    [{ depth: 'x; id' }, 'git clone --depth=50 --branch=main --'],
    [{ autocrlf: 'input' }, 'git clone -c core.autocrlf=input --depth=50'],
  ])('clones as `git: %j` says', (git, command) => {
    expect(scriptOf(payloadOf({ git }))).toContain(command);
  });

  it.each([
    ['go', ['go get -v -t ./...', 'go test -v ./...']],
    ['rust', ['cargo build --verbose', 'cargo test --verbose']],
    ['php', ['vendor/bin/phpunit', 'phpunit']],
    ['java', ['./gradlew assemble', 'gradle check', './mvnw test -B', 'ant test']],
    ['ruby', ['bundle install --jobs=3 --retry=3 --deployment', 'bundle exec rake', 'rake']],
    [
      'node_js',
      ['yarn --frozen-lockfile', 'npm ci', 'npm install', 'yarn test', 'npm test', 'make test'],
    ],
    ['cpp', ['./configure && make && make test']],
  ])('knows the defaults of %s', (language, commands) => {
    const script = scriptOf(payloadOf({ language }));
    for (const command of commands) expect(script).toContain(quote(command));
  });

  it('fetches the merge of a pull request', () => {
    const payload = payloadOf({ git: {} });
    payload.clone.ref = 'refs/pull/4/merge';
    expect(scriptOf(payload)).toContain(
      "git fetch --depth=50 origin '+refs/pull/4/merge:refs/sluice/build'".replaceAll("'", ''),
    );
  });
});

describe('deployConditions (spec/travis.md 7.2)', () => {
  const unmet = (on: unknown, changes: Parameters<typeof payloadOf>[1] = {}, config = {}) =>
    deployConditions({ provider: 'script', on }, payloadOf({ python: ['3.6'], ...config }, changes))
      .unmet;

  it.each([
    [undefined, true],
    [{ branch: 'main' }, true],
    [{ branch: ['a', 'main'] }, true],
    ['main', true],
    [{ branch: 'other' }, false],
    [{ all_branches: true, branch: 'other' }, true],
    [{ repo: 'org/app' }, true],
    [{ repo: 'org/other' }, false],
    [{ tags: true }, false],
    [{ tags: false }, true],
    [{ tags: false, branch: 'other' }, false],
    [{ python: '3.6' }, true],
    [{ python: '3.7' }, false],
    [{ node: '18' }, false],
    [{ os: 'linux' }, true],
    [{ os: 'osx' }, false],
  ])('on %j: %s', (on, holds) => {
    expect(unmet(on).length === 0).toBe(holds);
  });

  it('lets master count as the default branch, and needs no branch for a tag', () => {
    expect(unmet(undefined, { build: { branch: 'master' } })).toEqual([]);
    expect(unmet(undefined, { build: { branch: 'feature' } })).toHaveLength(1);
    expect(unmet({ tags: true }, { build: { branch: 'v1', tag: 'v1' } })).toEqual([]);
  });
});
