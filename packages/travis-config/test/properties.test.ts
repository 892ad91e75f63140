import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError, expand, lint, parse, plan } from '../src/index.ts';
import { stopwatch } from './cpu.ts';
import { anyText, configText, mutatedText } from './generators.ts';
import { checkPlan, rawSize } from './invariants.ts';

const data = { branch: 'master', type: 'push', commit_message: 'Fix it', env: { FOO: '1' } };

/** Runs a text through everything; any error but ConfigError is a crash. */
function survives(text: string): void {
  const elapsedMs = stopwatch();
  try {
    checkPlan(text, data, true);
    checkPlan(text, {}, false);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(lint(text).ok).toBe(false);
  }
  expect(elapsedMs()).toBeLessThan(2_000);
}

test('no text crashes or hangs', () => {
  fc.assert(fc.property(anyText, survives), { numRuns: 1_000 });
}, 60_000);

test('no configuration crashes or breaks a promise', () => {
  fc.assert(fc.property(configText, survives), { numRuns: 600 });
}, 60_000);

test('no damaged file crashes', () => {
  fc.assert(fc.property(mutatedText, survives), { numRuns: 300 });
}, 60_000);

test('without anything that drops jobs, the size is the product plus the included', () => {
  const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
  fc.assert(
    fc.property(values, values, values, fc.nat(3), (rvm, gemfile, env, included) => {
      const include = Array.from({ length: included }, (_, index) => ({ name: `n${index}` }));
      const rows = env.map((value) => `A=${value}`);
      const text = JSON.stringify({ rvm, gemfile, env: { jobs: rows }, jobs: { include } });
      const { config } = parse(text, { defaults: false });
      const sizes = [rvm, gemfile, rows].map((axis) => axis.length).filter((length) => length > 0);
      const product = sizes.length > 0 ? sizes.reduce((a, b) => a * b, 1) : 0;
      const isDropped = product === 1 && included > 0;
      expect(rawSize(config)).toBe(product + included);
      expect(expand(config).jobs).toHaveLength(Math.max(1, (isDropped ? 0 : product) + included));
    }),
  );
});

test('the order of keys in the file changes no job', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...shuffled], { minLength: shuffled.length }), (entries) => {
      const { jobs } = plan(entries.join(''), data);
      expect(jobs).toEqual(plan(shuffled.join(''), data).jobs);
    }),
  );
});

const shuffled = [
  'language: ruby\n',
  'rvm: [1, 2]\n',
  'gemfile: [a, b]\n',
  'os: [linux, osx]\n',
  'env: {global: G=1, jobs: [A=1, A=2]}\n',
  'jobs: {exclude: [{rvm: 1, gemfile: a}], include: [{stage: x, rvm: 3}]}\n',
  'script: make\n',
  'stages: [x, test]\n',
];
