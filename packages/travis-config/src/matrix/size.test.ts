import { describe, expect, test } from 'vitest';
import { stopwatch } from '../../test/cpu.ts';
import { ConfigError } from '../errors.ts';
import { plan } from '../plan.ts';

describe('size', () => {
  const axis = (key: string, count: number) =>
    `${key}: [${Array.from({ length: count }, (_, index) => `v${index}`).join(', ')}]\n`;

  test.each<[string, string]>([
    ['a million jobs', axis('rvm', 100) + axis('gemfile', 100) + axis('jdk', 100)],
    ['a billion jobs', axis('rvm', 1_000) + axis('gemfile', 1_000) + axis('jdk', 1_000)],
    ['many included', `jobs: {include: [${'{},'.repeat(10_001)}]}`],
    ['a large root', `script: [${'x,'.repeat(10_000)}]\n${axis('rvm', 5_000)}`],
    ['a long text', `script: "${'x'.repeat(500_000)}"\n${axis('rvm', 5_000)}`],
    ['many excludes', `${axis('rvm', 5_000)}jobs: {exclude: [${'{if: false},'.repeat(4_000)}]}`],
  ])('%s: a clear error within a second', (_, text) => {
    const elapsedMs = stopwatch();
    expect(() => plan(text)).toThrow(ConfigError);
    expect(() => plan(text)).toThrow(/job/);
    expect(elapsedMs()).toBeLessThan(2000);
  });

  test('the limit is a setting', () => {
    const limits = { maxJobs: 3 };
    expect(() => plan(axis('rvm', 4), {}, { limits })).toThrow(/has 4 jobs .*at most 3/);
    expect(plan(axis('rvm', 3), {}, { limits }).jobs).toHaveLength(3);
  });

  test('many jobs with a slow condition are done within a second', () => {
    const text = `${axis('rvm', 2_000)}jobs: {exclude: [{if: commit_message !~ /^(a+)+(b|\\1)*$/}]}\n`;
    const elapsedMs = stopwatch();
    const { jobs: list, messages } = plan(text, { commit_message: `${'a'.repeat(500)}!` });
    expect(list).toHaveLength(2_000);
    expect(messages.find(({ code }) => code === 'invalid_condition')).toBeDefined();
    expect(elapsedMs()).toBeLessThan(1000);
  });
});
