import { describe, expect, test } from 'vitest';
import type { ConditionData } from '../conditions/index.ts';
import { plan } from '../plan.ts';

/** The jobs of a text, without defaults so that only what is written shows. */
function jobs(text: string, data: ConditionData = {}) {
  return plan(text, data, { defaults: false }).jobs;
}

const names = (text: string, data: ConditionData = {}) => jobs(text, data).map(({ name }) => name);

describe('spec 4, step 12: stages', () => {
  const result = (text: string, data: ConditionData = {}) => {
    const { jobs: list, stages } = plan(text, data, { defaults: false });
    return {
      jobs: list.map(({ stage, name }) => `${stage}:${name}`),
      stages: stages.map((s) => s.name),
    };
  };

  test('none without stages', () => {
    expect(plan('rvm: [1, 2]\n').stages).toEqual([]);
    expect(jobs('rvm: [1, 2]\n')[0]?.stage).toBe(undefined);
  });

  test('the default is test, in the spelling of the file', () => {
    const text = 'jobs: {include: [{name: a}, {name: b, stage: one}, {name: c}]}\n';
    expect(result(text)).toEqual({ jobs: ['test:a', 'one:b', 'one:c'], stages: ['test', 'one'] });
    expect(result(`stages: [one, Test]\n${text}`)).toEqual({
      jobs: ['one:b', 'one:c', 'Test:a'],
      stages: ['one', 'Test'],
    });
  });

  test('stages come in the order of the list, then of appearance', () => {
    const text =
      'stages: [one, two]\njobs: {include: [{stage: three, name: a}, {stage: two, name: b}, {stage: one, name: c}, {stage: four, name: d}]}\n';
    expect(result(text)).toEqual({
      jobs: ['one:c', 'two:b', 'three:a', 'four:d'],
      stages: ['one', 'two', 'three', 'four'],
    });
  });

  test('names compare without case', () => {
    const text =
      'stages: [Build]\njobs: {include: [{stage: build, name: a}, {stage: BUILD, name: b}]}\n';
    expect(result(text)).toEqual({ jobs: ['build:a', 'BUILD:b'], stages: ['Build'] });
  });

  test('stages without jobs are dropped', () => {
    expect(
      result('stages: [empty, one]\njobs: {include: [{stage: one, name: a}]}\n').stages,
    ).toEqual(['one']);
  });

  test('a stage goes with its jobs when its condition fails', () => {
    const text =
      'stages: [{name: one}, {name: two, if: branch = master}]\njobs: {include: [{stage: one, name: a}, {stage: two, name: b}]}\n';
    expect(result(text, { branch: 'dev' })).toEqual({ jobs: ['one:a'], stages: ['one'] });
    expect(result(text, { branch: 'master' }).jobs).toEqual(['one:a', 'two:b']);
    const { messages, stages } = plan(text, { branch: 'master' });
    expect(stages[1]).toEqual({ name: 'two', if: 'branch = master' });
    expect(messages.some(({ code }) => code === 'skip_stage')).toBe(false);
  });

  test('a stage sees the global variables, not those of its jobs', () => {
    const text = (condition: string) =>
      `env: {global: G=1}\nstages: [{name: test, if: ${condition}}]\njobs: {include: [{env: J=1, name: a}]}\n`;
    expect(result(text('env(G) = 1')).jobs).toEqual(['test:a']);
    expect(result(text('env(J) = 1')).jobs).toEqual([]);
  });
});

describe('spec 4, step 13: allow_failures', () => {
  const base =
    'rvm: [a, b]\nenv: {global: G=1, jobs: [A=1 B=1, A=2]}\njobs: {allow_failures: [%]}\n';
  const allowed = (entry: string, data: ConditionData = {}) =>
    jobs(base.replace('%', entry), data)
      .filter((job) => job.allow_failure === true)
      .map((job) => `${job['rvm']}${job.env?.[1]?.['A']}`);

  test.each<[string, string[]]>([
    ['{rvm: a}', ['a1', 'a2']],
    ['{rvm: a, env: A=2}', ['a2']],
    ['{env: A=1 B=1}', ['a1', 'b1']],
    ['{env: A=1}', []],
    ['{env: [G=1, A=2]}', ['a2', 'b2']],
    ['{}', ['a1', 'a2', 'b1', 'b2']],
    ['{if: env(A) = 2}', ['a2', 'b2']],
    ['{rvm: a, if: env(A) = 2}', ['a2']],
    ['{if: "= broken"}', []],
    ['{rvm: a, what: ever}', []],
    ['{what: ever}', []],
    ['{rvm: c}', []],
    ['', []],
    ['{rvm: a}, {env: A=2}', ['a1', 'a2', 'b2']],
    ['{branch: master}', ['a1', 'a2', 'b1', 'b2']],
    ['{branch: dev, rvm: a}', []],
  ])('%s', (entry, expected) => {
    expect(allowed(entry, { branch: 'master' }).sort()).toEqual(expected);
  });

  test('lists compare as a whole', () => {
    const text =
      'jobs: {include: [{script: [a, b]}, {script: a}], allow_failures: [{script: a}]}\n';
    expect(jobs(text).map((job) => job.allow_failure)).toEqual([undefined, true]);
  });

  test('a job may say it itself', () => {
    expect(jobs('jobs: {include: [{name: a, allow_failure: true}]}\n')[0]?.allow_failure).toBe(
      true,
    );
  });
});

describe('spec 4, step 14: order', () => {
  test('by stage, then may-fail jobs last, then as they were', () => {
    const text =
      'jobs:\n  include: [{name: a, stage: one}, {name: b}, {name: c, stage: two}, {name: d}]\n' +
      '  allow_failures: [{name: a}, {name: c}]\n';
    expect(names(text)).toEqual(['b', 'a', 'd', 'c']);
  });

  test('nothing left is an empty list', () => {
    expect(jobs('scala: 2\njdk: 8\njobs: {exclude: [{scala: 2, jdk: 8}]}\n')).toEqual([]);
  });
});

describe('spec 4, step 1: refusals', () => {
  const refused = (text: string, data: ConditionData) => plan(text, data).refused;

  test('the root condition', () => {
    expect(refused('if: branch = master\n', { branch: 'dev' })).toBe('condition');
    expect(refused('if: branch = master\n', { branch: 'master' })).toBe(undefined);
    expect(refused('if: "= broken"\n', {})).toBe('condition');
    expect(refused('if: env(A) = 1\nenv: {global: A=1}\n', {})).toBe(undefined);
    expect(refused('if: env(A) = 1\nenv: {jobs: A=1}\n', {})).toBe('condition');
  });

  test('the branches', () => {
    expect(refused('branches: {only: [master]}\n', { branch: 'dev' })).toBe('branch excluded');
    expect(refused('branches: master\n', { branch: 'master', type: 'pull_request' })).toBe(
      undefined,
    );
    expect(refused('script: x\n', { branch: 'gh-pages' })).toBe('branch excluded');
    expect(refused('branches: {only: /^v/}\n', { branch: 'v1', tag: 'v1' })).toBe(undefined);
    expect(refused('branches: {only: [master]}\n', { branch: 'master', tag: 'v1' })).toBe(
      'branch excluded',
    );
  });

  test('the message', () => {
    const commit_message = 'Fix [skip ci]';
    expect(refused('', { commit_message })).toBe('commit skipped');
    expect(refused('', { commit_message, type: 'push' })).toBe('commit skipped');
    expect(refused('', { commit_message, type: 'cron' })).toBe(undefined);
    expect(refused('', { commit_message, type: 'api' })).toBe(undefined);
  });

  test('the jobs are planned all the same', () => {
    expect(plan('if: false\nrvm: [1, 2]\n').jobs).toHaveLength(2);
  });
});
