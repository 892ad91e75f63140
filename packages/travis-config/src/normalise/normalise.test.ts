import { describe, expect, test } from 'vitest';
import { parse } from '../parse.ts';

/** The configuration without defaults, and the messages as `level key code`. */
function normal(text: string) {
  const { config, messages } = parse(text, { defaults: false });
  return { config, codes: messages.map(({ level, key, code }) => `${level} ${key} ${code}`) };
}

type Row = [text: string, config: unknown, ...codes: string[]];

function rows(table: Row[]) {
  test.each(table.map(([text, config, ...codes]) => ({ text, config, codes })))(
    '$text',
    ({ text, config, codes }) => {
      const found = normal(text);
      expect(found.config).toEqual(config);
      expect(found.codes).toEqual(codes);
    },
  );
}

describe('spec 1.2: casts by place', () => {
  rows([
    ['python: 3.10', { python: ['3.10'] }],
    ['python: [2.0, 3, 3.10-dev]', { python: ['2.0', '3', '3.10-dev'] }],
    ['node_js: node', { node_js: ['node'] }],
    ['rvm: 010', { rvm: ['010'] }],
    [
      'env: {global: {A: 1.10, B: true, C: , D: 007}}',
      { env: { global: [{ A: '1.10', B: 'true', C: '', D: '007' }] } },
    ],
    ['git: {depth: 5}', { git: { depth: 5 } }],
    ["git: {depth: '5'}", { git: { depth: 5 } }],
    ['git: {depth: false}', { git: { depth: false } }],
    ['git: {depth: x}', {}, 'error git.depth invalid_type'],
    [
      'git: {submodules: off, quiet: yes, lfs_skip_smudge: On}',
      { git: { submodules: false, quiet: true, lfs_skip_smudge: true } },
    ],
    ['git: {submodules: maybe}', {}, 'error git.submodules invalid_type'],
    [
      'git: {autocrlf: input, sparse_checkout: dir}',
      { git: { autocrlf: 'input', sparse_checkout: 'dir' } },
    ],
    ['filter_secrets: no', { filter_secrets: false }],
    ['image: node:22', { image: 'node:22' }],
    ['runner: {gpu: a100, big: true}', { runner: { gpu: 'a100', big: 'true' } }],
    ['if: true', { if: 'true' }],
  ]);
});

describe('spec 1.3: templates, 1.5: keys', () => {
  rows([
    ['_a: {script: x}\n.b: 1\nlanguage: go', { language: 'go' }],
    ['base: &b {script: x}\nscript: y', { script: ['y'] }, 'warn root deprecated_key'],
    ['install_a: &a [x]\ninstall: *a', { install: ['x'] }, 'warn root deprecated_key'],
    ['deploy_x: &d {provider: npm}\nscript: y', { script: ['y'] }, 'warn root deprecated_key'],
    ['x-template: {a: 1}\nscript: y', { script: ['y'] }],
    ['unknown: 1\nscript: x', { script: ['x'] }, 'warn root unknown_key'],
    ['before-install: x', { before_install: ['x'] }, 'info root underscore_key'],
    ['beforeInstall: x', { before_install: ['x'] }, 'info root underscore_key'],
    ['Script: x', { script: ['x'] }, 'info root underscore_key'],
    ['" script ": x', { script: ['x'] }, 'warn root strip_key'],
    ['script*: x', { script: ['x'] }, 'warn root clean_key'],
    ['scirpt: x', { script: ['x'] }, 'warn root find_key'],
    ['langauge: go', { language: 'go' }, 'warn root find_key'],
    [
      'notification: {email: false}',
      { notifications: { email: [{ enabled: false }] } },
      'warn root find_key',
    ],
    ['lang: go', {}, 'warn root unknown_key'],
    ['script: a\nscripts: b', { script: ['a'] }, 'warn root unknown_key'],
    ['ruby: 2.5', { rvm: ['2.5'] }, 'info root alias_key'],
    ['branch: master', { branches: { only: ['master'] } }, 'info root alias_key'],
    ['virtualization: lxd', { virt: 'lxd' }, 'info root alias_key'],
    [
      'matrix: {fast_failure: true}',
      { jobs: { fast_finish: true } },
      'info root alias_key',
      'info jobs alias_key',
    ],
    [
      'matrix: {fast_finish: true}\njobs: [{script: a}]',
      { jobs: { fast_finish: true } },
      'info root alias_key',
      'error root overwrite',
    ],
    [
      'jobs: [{script: a}]\nmatrix: {fast_finish: true}',
      { jobs: { fast_finish: true } },
      'info root alias_key',
      'error root overwrite',
    ],
    [
      'jobs: {allowed_failures: {rvm: 2.3}}',
      { jobs: { allow_failures: [{ rvm: '2.3' }] } },
      'info jobs alias_key',
    ],
    [
      'jobs: {env: A=1, include: [{os: linux}]}',
      { jobs: { include: [{ os: 'linux' }] } },
      'warn jobs unknown_key',
    ],
    ['sudo: required', { sudo: 'required' }, 'warn root deprecated_key'],
    ['sudo: false', { sudo: false }, 'warn root deprecated_key'],
    ['__proto__: {a: 1}\nscript: x', { script: ['x'] }],
    ['constructor: 1\ntoString: 2', {}, 'warn root unknown_key', 'warn root unknown_key'],
  ]);

  test('a message tells where', () => {
    const { messages } = parse('script: x\njobs:\n  include:\n    - os: linux\n      instal: y\n');
    expect(messages.find(({ code }) => code === 'find_key')).toEqual({
      level: 'warn',
      key: 'jobs.include',
      code: 'find_key',
      args: { original: 'instal', key: 'install' },
      line: 5,
      column: 7,
    });
  });
});

describe('spec 2: values', () => {
  rows([
    ['language: golang', { language: 'go' }, 'info language alias_value'],
    ['language: C++', { language: 'cpp' }, 'info language downcase', 'info language alias_value'],
    ['language: Python', { language: 'python' }, 'info language downcase'],
    ['language: [go]', { language: 'go' }, 'warn language unexpected_seq'],
    ['language: pyhton', { language: 'python' }, 'warn language find_value'],
    ['language: node_js - 9', { language: 'node_js' }, 'warn language clean_value'],
    ['language: klingon', {}, 'error language unknown_value'],
    ['language: generic', { language: 'generic' }],
    ['language: bash', { language: 'shell' }, 'info language alias_value'],
    ['language: {a: 1}', {}, 'error language invalid_type'],
    [
      'os: [ubuntu, macos, win]',
      { os: ['linux', 'osx', 'windows'] },
      'info os alias_value',
      'info os alias_value',
      'info os alias_value',
    ],
    ['os: unknown', { os: ['unknown'] }, 'error os unknown_value'],
    ['arch: x86_64', { arch: ['amd64'] }, 'info arch alias_value'],
    [
      'arch: [arm64, ppc, x86]',
      { arch: ['arm64', 'ppc64le', 'i386'] },
      'info arch alias_value',
      'info arch alias_value',
    ],
    ['dist: noble', { dist: 'noble' }],
    ['dist: TRUSTY', { dist: 'trusty' }, 'info dist downcase'],
    ['dist: future', { dist: 'future' }, 'error dist unknown_value'],
    [
      'conditions: v0\nif: branch = x',
      { conditions: 'v0', if: 'branch = x' },
      'warn conditions deprecated_value',
    ],
    ['conditions: v1', { conditions: 'v1' }],
    ['if: branch IS master', { if: 'branch IS master' }, 'error if invalid_condition'],
    ['services: redis', { services: ['redis-server'] }, 'info services alias_value'],
    ['branches: [only: main, except: dev]', { branches: { only: ['main'], except: ['dev'] } }],
    ['services: postgres', { services: ['postgresql'] }, 'info services alias_value'],
    ['services: [docker, xvfb]', { services: ['docker', 'xvfb'] }],
    ['vm: {size: large}', { vm: { size: 'large' } }],
    ['version: ~> 1.0', { version: '~> 1.0' }],
    ['stages: [a, {name: b, if: true}]', { stages: [{ name: 'a' }, { name: 'b', if: 'true' }] }],
    ['stages: a', { stages: [{ name: 'a' }] }],
    ['stages: [{if: true}]', {}, 'error stages required'],
    ['branches: [master, /^v/]', { branches: { only: ['master', '/^v/'] } }],
    [
      'branches: {exclude: dev, only: []}',
      { branches: { except: ['dev'] } },
      'info branches alias_key',
      'warn branches.only empty',
    ],
    [
      'workspaces: {create: {name: w, paths: a}, use: w}',
      { workspaces: { create: { name: 'w', paths: ['a'] }, use: ['w'] } },
    ],
    ['virtualenv: {system_site_packages: true}', { virtualenv: { system_site_packages: true } }],
    ['language: c\npython: 3', { language: 'c', python: ['3'] }, 'warn python unsupported'],
    ['os: osx\ndist: xenial', { os: ['osx'], dist: 'xenial' }, 'warn dist unsupported'],
    ['os: linux\nosx_image: x', { os: ['linux'], osx_image: ['x'] }, 'warn osx_image unsupported'],
  ]);
});

describe('spec 2: phases', () => {
  rows([
    ['script: make', { script: ['make'] }],
    ['script: [a, [b, c]]', { script: ['a', 'b', 'c'] }],
    ['script:', {}],
    ['script: []', {}],
    ["script: ''", {}],
    ['script: false', { script: ['false'] }],
    ['install: true', { install: ['true'] }],
    ['install: skip', { install: ['skip'] }],
    ['script: 1', { script: ['1'] }, 'warn script clean_value'],
    ['script:\n  - echo "a: b"', { script: ['echo "a: b"'] }, 'warn script clean_value'],
    ['script:\n  - "echo a: b"', { script: ['echo a: b'] }],
    ['script:\n  secure: abc', {}, 'error script invalid_type'],
    ['script: |\n  a\n  b\n', { script: ['a\nb\n'] }],
    [
      'script: {one: two, three: four}',
      { script: ['one: two\nthree: four'] },
      'warn script clean_value',
    ],
  ]);
});

describe('spec 3.1: env', () => {
  rows([
    ['env: A=1', { env: { jobs: [{ A: '1' }] } }],
    ['env: A=', { env: { jobs: [{ A: '' }] } }],
    ['env: A=1 B="x y"', { env: { jobs: [{ A: '1', B: '"x y"' }] } }],
    ['env: [A=1 B=2, C=3]', { env: { jobs: [{ A: '1', B: '2' }, { C: '3' }] } }],
    ['env: {A: 1, B: 2}', { env: { jobs: [{ A: '1', B: '2' }] } }],
    ['env:\n  A=1\n  B=2', { env: { jobs: [{ A: '1', B: '2' }] } }],
    [
      'env: [{A: 1}, {secure: s}, B=2]',
      { env: { jobs: [{ A: '1' }, { secure: 's' }, { B: '2' }] } },
    ],
    ['env: {secure: s}', { env: { jobs: [{ secure: 's' }] } }],
    ['env: {secure: s, A: 1}', { env: { jobs: [{ secure: 's', A: '1' }] } }],
    ['env: [null, "", A=1]', { env: { jobs: [{}, {}, { A: '1' }] } }],
    ['env: {global: {secure: s}}', { env: { global: [{ secure: 's' }] } }],
    ['env: {global: [{secure: s}, A=1]}', { env: { global: [{ secure: 's' }, { A: '1' }] } }],
    ['env: {global: {A: {secure: s}}}', { env: { global: [{ A: { secure: 's' } }] } }],
    ['env: {matrix: [A=1]}', { env: { jobs: [{ A: '1' }] } }, 'info env alias_key'],
    [
      'env: {matrix: A=1, jobs: A=2}',
      { env: { jobs: [{ A: '1' }] } },
      'info env alias_key',
      'error env overwrite',
    ],
    ['env: {global: A=1, B: 2}', { env: { global: [{ A: '1' }], jobs: [{ B: '2' }] } }],
    ['env: {global: A=1, secure: s}', { env: { global: [{ A: '1' }], jobs: [{ secure: 's' }] } }],
    ['env: {global: A=1 B=2}', { env: { global: [{ A: '1', B: '2' }] } }],
    [
      'env:\n  - global: [A=1]\n  - jobs: [B=2]',
      { env: { global: [{ A: '1' }], jobs: [{ B: '2' }] } },
    ],
    ['env: A="', { env: { jobs: [{}] } }, 'error env.jobs invalid_env_var'],
    ['env: nonsense', { env: { jobs: [{}] } }, 'error env.jobs invalid_env_var'],
    ['env: true', {}, 'error env.jobs invalid_type'],
    ['env: {A: [x, y]}', { env: { jobs: [{ A: 'x' }] } }, 'warn env.jobs.A unexpected_seq'],
    ['env: {A: []}', { env: { jobs: [{ A: '' }] } }],
    ['env: {A: {B: 1}}', { env: { jobs: [{}] } }, 'error env.jobs.A invalid_type'],
    ['env:', {}],
    ['env: {global: , jobs: A=1}', { env: { jobs: [{ A: '1' }] } }],
    [
      'jobs: {include: {env: {global: A=1, jobs: [B=1]}}}',
      { jobs: { include: [{ env: [{ A: '1' }, { B: '1' }] }] } },
    ],
    [
      'jobs: {include: {env: [A=1, {B: 2}]}}',
      { jobs: { include: [{ env: [{ A: '1' }, { B: '2' }] }] } },
    ],
    ['env: {on: 1, yes: 2}', { env: { jobs: [{ on: '1', yes: '2' }] } }],
  ]);
});

describe('spec 2: jobs', () => {
  rows([
    ['jobs: [{rvm: 2.3}, {rvm: 2.4}]', { jobs: { include: [{ rvm: '2.3' }, { rvm: '2.4' }] } }],
    ['jobs: {rvm: 2.3}', { jobs: { include: [{ rvm: '2.3' }] } }],
    ['jobs: {stage: x, script: y}', { jobs: { include: [{ stage: 'x', script: ['y'] }] } }],
    [
      'jobs: {include: {name: n, python: [3.6, 3.7]}}',
      { jobs: { include: [{ name: 'n', python: '3.6' }] } },
      'warn jobs.include.python unexpected_seq',
    ],
    ['jobs: {include: true}', {}, 'error jobs.include invalid_type'],
    [
      'jobs: {include: [{unknown: 1}, {name: a}]}',
      { jobs: { include: [{}, { name: 'a' }] } },
      'warn jobs.include unknown_key',
    ],
    [
      'jobs: {include: [{name: a}, {name: a}]}',
      { jobs: { include: [{ name: 'a' }, { name: 'a' }] } },
      'info jobs.include duplicate',
    ],
    ['jobs: {exclude: {env: A=1 B=2}}', { jobs: { exclude: [{ env: [{ A: '1', B: '2' }] }] } }],
    ['jobs: {allow_failures: [{}]}', { jobs: { allow_failures: [{}] } }],
    [
      'jobs: {allow_failures: {branch: master}}',
      { jobs: { allow_failures: [{ branch: 'master' }] } },
      'warn jobs.allow_failures deprecated_key',
    ],
    [
      'jobs: {include: [{language: c, compiler: gcc, python: 3}]}',
      { jobs: { include: [{ language: 'c', compiler: 'gcc', python: '3' }] } },
      'warn jobs.include.python unsupported',
    ],
    ['jobs: []', {}, 'warn jobs.include empty'],
  ]);
});

describe('defaults', () => {
  test.each<[string, unknown]>([
    ['', { language: 'ruby', os: ['linux'], dist: 'focal' }],
    ['os: osx', { language: 'objective-c', os: ['osx'] }],
    ['os: [osx, linux]', { language: 'ruby', os: ['osx', 'linux'], dist: 'focal' }],
    ['language: objective-c', { language: 'objective-c', os: ['osx'] }],
    ['os: windows\nlanguage: shell', { language: 'shell', os: ['windows'] }],
    ['dist: jammy\nlanguage: go', { language: 'go', os: ['linux'], dist: 'jammy' }],
    ['language: klingon', { language: 'ruby', os: ['linux'], dist: 'focal' }],
  ])('%j', (text, expected) => {
    expect(parse(text).config).toEqual(expected);
  });

  test('the distribution is the installation’s', () => {
    expect(parse('', { dist: 'noble' }).config.dist).toBe('noble');
  });

  test('each default is a message', () => {
    const { messages } = parse('language: go');
    expect(messages.map(({ code, args }) => [code, args['key']])).toEqual([
      ['default', 'os'],
      ['default', 'dist'],
    ]);
  });
});
