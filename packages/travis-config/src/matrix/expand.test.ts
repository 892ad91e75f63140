import { describe, expect, test } from 'vitest';
import type { ConditionData } from '../conditions/index.ts';
import { plan } from '../plan.ts';

/** The jobs of a text, without defaults so that only what is written shows. */
function jobs(text: string, data: ConditionData = {}) {
  return plan(text, data, { defaults: false }).jobs;
}

const names = (text: string, data: ConditionData = {}) => jobs(text, data).map(({ name }) => name);

describe('spec 4, steps 2 and 3: axes', () => {
  test('the order of the axes is fixed, the last varies fastest', () => {
    const text = 'env: [A=1, A=2]\nrvm: [2.2, 2.3]\ngemfile: g\nos: [linux, osx]\nlanguage: ruby\n';
    expect(jobs(text).map(({ os, rvm, env }) => [os, rvm, env?.[0]?.['A']])).toEqual([
      ['linux', '2.2', '1'],
      ['linux', '2.2', '2'],
      ['linux', '2.3', '1'],
      ['linux', '2.3', '2'],
      ['osx', '2.2', '1'],
      ['osx', '2.2', '2'],
      ['osx', '2.3', '1'],
      ['osx', '2.3', '2'],
    ]);
  });

  test('os, arch, compiler come before versions, jdk before scala', () => {
    const text = 'language: scala\nscala: [a, b]\njdk: [x, y]\narch: [amd64, arm64]\n';
    expect(jobs(text).map((job) => `${job.arch} ${job['jdk']} ${job['scala']}`)).toEqual([
      'amd64 x a',
      'amd64 x b',
      'amd64 y a',
      'amd64 y b',
      'arm64 x a',
      'arm64 x b',
      'arm64 y a',
      'arm64 y b',
    ]);
  });

  test('keys the language does not support are no axes', () => {
    expect(jobs('language: c\npython: [2.7, 3.6]\ncompiler: [gcc, clang]\n')).toEqual([
      { language: 'c', compiler: 'gcc' },
      { language: 'c', compiler: 'clang' },
    ]);
  });

  test('env.global is no axis', () => {
    expect(jobs('env: {global: [A=1, B=2]}\n')).toEqual([{ env: [{ A: '1' }, { B: '2' }] }]);
  });

  test('an empty row of env counts', () => {
    expect(jobs('env:\n  -\n  - A=1\n')).toEqual(
      [{}, { env: [{}] }, { env: [{ A: '1' }] }].slice(1),
    );
  });
});

describe('spec 4, step 4: include', () => {
  test('included jobs follow the expanded ones', () => {
    const text = 'rvm: [2.2, 2.3]\njobs: {include: [{rvm: 2.4, env: B=1}]}\nenv: {jobs: A=1}\n';
    expect(jobs(text)).toEqual([
      { rvm: '2.2', env: [{ A: '1' }] },
      { rvm: '2.3', env: [{ A: '1' }] },
      { rvm: '2.4', env: [{ B: '1' }] },
    ]);
  });

  test('a single job of single values is dropped', () => {
    expect(jobs('os: linux\njobs: {include: [{os: osx, env: A=1}]}\n')).toEqual([
      { os: 'osx', env: [{ A: '1' }] },
    ]);
    expect(names('rvm: 2.5\nenv: A=1\njobs: {include: [{name: one}, {name: two}]}\n')).toEqual([
      'one',
      'two',
    ]);
  });

  test('it stays when an axis has two values', () => {
    expect(jobs('os: [linux, osx]\njobs: {include: [{env: A=1}]}\n')).toEqual([
      { os: 'linux' },
      { os: 'osx' },
      { os: 'linux', env: [{ A: '1' }] },
    ]);
  });

  test('it stays when nothing is included', () => {
    expect(jobs('rvm: 2.5\njobs: {fast_finish: true}\n')).toEqual([{ rvm: '2.5' }]);
  });

  test('an unsupported axis leaves no job behind', () => {
    const text = 'language: shell\ncompiler: [gcc, clang]\nmatrix: {include: {env: A=1}}\n';
    expect(jobs(text)).toEqual([{ language: 'shell', env: [{ A: '1' }] }]);
  });

  test('the stage carries on within include', () => {
    const text =
      'jobs:\n  include:\n  - {script: a}\n  - {stage: x, script: b}\n  - {script: c}\n  - {stage: y, script: d}\n';
    expect(jobs(text).map(({ stage }) => stage)).toEqual(['test', 'x', 'x', 'y']);
  });

  test('no matrix at all is one job', () => {
    expect(jobs('script: make\n')).toEqual([{ script: ['make'] }]);
    expect(jobs('')).toEqual([{}]);
  });
});

describe('spec 4, step 6: inheritance', () => {
  test('whole keys are inherited, nothing is merged', () => {
    const text =
      'addons: {apt: [a], hostname: h}\ncache: pip\njobs: {include: [{addons: {apt: [b]}}, {cache: false}]}\n';
    expect(jobs(text)).toEqual([
      { addons: { apt: { packages: ['b'] } }, cache: { pip: true } },
      { addons: { apt: { packages: ['a'] }, hostname: 'h' }, cache: false },
    ]);
  });

  test('what is about the build stays at the root', () => {
    const text =
      'version: ~> 1.0\nnotifications: {email: false}\nimport: a.yml\nstages: [test]\njobs: {fast_finish: true}\nlanguage: go\n';
    expect(jobs(text)).toEqual([{ language: 'go', stage: 'test' }]);
  });

  test('of a matrix key a job gets the first value', () => {
    const text = 'rvm: [2.4, 2.5]\njobs: {include: [{rvm: 2.2}, {name: str}]}\n';
    expect(jobs(text).slice(2)).toEqual([{ rvm: '2.2' }, { rvm: '2.4', name: 'str' }]);
  });
});

describe('spec 4, step 7: env', () => {
  test('a job without env gets the first row', () => {
    const text = 'env: {global: F=1, jobs: [B=1, B=2]}\njobs: {include: [{name: x}, {env: C=1}]}\n';
    expect(jobs(text).map(({ env }) => env)).toEqual([
      [{ F: '1' }, { B: '1' }],
      [{ F: '1' }, { B: '2' }],
      [{ F: '1' }, { B: '1' }],
      [{ F: '1' }, { C: '1' }],
    ]);
  });

  test('identical entries are removed, different ones of a name stay in order', () => {
    const text = 'env: {global: [A=1, A=1, B=1]}\njobs: {include: [{env: [B=1, A=2]}]}\n';
    expect(jobs(text)[0]?.env).toEqual([{ A: '1' }, { B: '1' }, { A: '2' }]);
  });

  test('secrets stay as they are', () => {
    const text = 'env: {global: {secure: abc}, matrix: [{secure: def}, "A=1 B=2"]}\n';
    expect(jobs(text).map(({ env }) => env)).toEqual([
      [{ secure: 'abc' }, { secure: 'def' }],
      [{ secure: 'abc' }, { A: '1', B: '2' }],
    ]);
  });
});

describe('spec 4, step 8: exclude', () => {
  const base = 'rvm: [2.2, 2.3]\nenv: {global: G=1, jobs: [A=1 B=1, A=2]}\n';

  test('every key must be equal', () => {
    expect(jobs(`${base}jobs: {exclude: [{rvm: 2.2, env: A=2}]}\n`)).toHaveLength(3);
    expect(jobs(`${base}jobs: {exclude: [{rvm: 2.2}]}\n`)).toHaveLength(2);
  });

  test('env must be the full row, without the global ones', () => {
    expect(jobs(`${base}jobs: {exclude: [{env: A=1}]}\n`)).toHaveLength(4);
    expect(jobs(`${base}jobs: {exclude: [{env: A=1 B=1}]}\n`)).toHaveLength(2);
    expect(jobs(`${base}jobs: {exclude: [{env: [G=1, A=2]}]}\n`)).toHaveLength(4);
  });

  test('inherited keys count, included jobs are excluded too', () => {
    const text =
      'dist: jammy\nrvm: [2.2, 2.3]\njobs: {include: [{rvm: 2.4}], exclude: [{dist: jammy, rvm: 2.4}]}\n';
    expect(jobs(text)).toHaveLength(2);
  });

  test('conditions', () => {
    expect(jobs(`${base}jobs: {exclude: [{rvm: 2.2, if: false}]}\n`)).toHaveLength(4);
    expect(jobs(`${base}jobs: {exclude: [{rvm: 2.2, if: env(A) = 2}]}\n`)).toHaveLength(3);
    expect(jobs(`${base}jobs: {exclude: [{if: env(A) = 2}]}\n`)).toHaveLength(2);
    expect(jobs(`${base}jobs: {exclude: [{if: '= broken'}]}\n`)).toHaveLength(4);
  });

  test('a stage compares by name, none counts as test', () => {
    const text =
      'jobs:\n  include: [{name: a}, {name: b, stage: Deploy}]\n  exclude: [{stage: deploy}]\n';
    expect(names(text)).toEqual(['a']);
    expect(names(text.replace('[{stage: deploy}]', '[{stage: test}]'))).toEqual(['b']);
  });

  test('the stage carried on within include counts', () => {
    const text =
      'jobs:\n  include: [{name: a, stage: x}, {name: b}, {name: c, stage: y}]\n  exclude: [{stage: x}]\n';
    expect(names(text)).toEqual(['c']);
  });

  test('keys without effect still count: they go afterwards', () => {
    const text = 'os: [linux, osx]\ndist: xenial\njobs: {exclude: [{os: osx, dist: xenial}]}\n';
    expect(jobs(text)).toEqual([{ os: 'linux', dist: 'xenial' }]);
  });

  test('an unknown key can never be equal', () => {
    expect(jobs(`${base}jobs: {exclude: [{rvm: 2.2, what: ever}]}\n`)).toHaveLength(4);
  });
});

describe('spec 4, steps 9 and 10: unsupported keys, duplicates', () => {
  test('keys the system does not know go, and what becomes equal is one job', () => {
    expect(jobs('os: [linux, osx]\nosx_image: [x9, x10]\n')).toEqual([
      { os: 'linux' },
      { os: 'osx', osx_image: 'x9' },
      { os: 'osx', osx_image: 'x10' },
    ]);
    expect(jobs('os: [linux, windows]\narch: [amd64, arm64]\n')).toEqual([
      { os: 'linux', arch: 'amd64' },
      { os: 'linux', arch: 'arm64' },
      { os: 'windows' },
    ]);
    expect(jobs('os: [linux, osx]\ndist: xenial\n')).toEqual([
      { os: 'linux', dist: 'xenial' },
      { os: 'osx' },
    ]);
  });

  test("keys go by the job's own language", () => {
    const text =
      'language: python\npython: [3.8, 3.9]\njobs: {include: [{language: node_js, node_js: 18}]}\n';
    expect(jobs(text)[2]).toEqual({ language: 'node_js', node_js: '18' });
  });

  test('an included job equal to an expanded one disappears', () => {
    expect(jobs('rvm: [2.2, 2.3]\njobs: {include: [{rvm: 2.2}]}\n')).toHaveLength(2);
  });

  test('this is before allow_failure is set by allow_failures', () => {
    const text = 'rvm: [2.2, 2.3]\njobs: {include: [{rvm: 2.2}], allow_failures: [{rvm: 2.2}]}\n';
    expect(jobs(text)).toEqual([{ rvm: '2.3' }, { rvm: '2.2', allow_failure: true }]);
  });
});

describe('spec 4, step 11: job conditions', () => {
  const text =
    'jobs: {include: [{name: a}, {name: b, if: branch = master}, {name: c, if: "= x"}]}\n';

  test('a false or invalid condition leaves the job out', () => {
    expect(names(text, { branch: 'master' })).toEqual(['a', 'b']);
    expect(names(text, { branch: 'dev' })).toEqual(['a']);
  });

  test('it is remarked on', () => {
    const { messages } = plan(text, { branch: 'dev' });
    const skipped = messages.find(({ code }) => code === 'skip_job');
    expect(skipped).toMatchObject({
      level: 'info',
      key: 'jobs.include',
      args: { number: 2, condition: 'branch = master' },
    });
    expect(messages.find(({ code }) => code === 'invalid_condition')?.key).toBe('jobs.include.if');
  });

  test("a condition of the job's own counts even when it reads as the root's does", () => {
    const condition = 'if: env(A) = 1';
    const include = `include: [{name: a, env: A=2, ${condition}}, {name: b, env: A=2}]`;
    expect(names(`env: {global: A=1}\n${condition}\njobs: {${include}}\n`)).toEqual(['b']);
  });

  test("the job's own env, language, os and dist are seen, and the settings' variables", () => {
    const own =
      'language: go\nos: [linux, osx]\nenv: {global: G=1}\njobs: {include: [{name: a, env: A="x y", dist: jammy, if: %}]}\n';
    const kept = (condition: string) =>
      names(own.replace('%', `'${condition}'`), { env: { S: 'on' } }).includes('a');
    expect(kept('env(A) = "x y"')).toBe(true);
    expect(kept('env(G) = 1')).toBe(true);
    expect(kept('env(S) = on')).toBe(true);
    expect(kept('os = linux AND language = go AND dist = jammy')).toBe(true);
    expect(kept('env(T) IS present')).toBe(false);
  });
});

describe('spec 4, steps 6 and 9: other languages', () => {
  test("a job in another language gets the root's first version of it", () => {
    const text =
      'language: python\npython: [3.7, 3.8]\nnode_js: [8, 10]\njobs: {include: [{language: node_js}]}\n';
    expect(jobs(text)).toEqual([
      { language: 'python', python: '3.7' },
      { language: 'python', python: '3.8' },
      { language: 'node_js', node_js: '8' },
    ]);
  });
});
