import { expect, test } from 'vitest';
import { ConfigError, parse, plan } from '../src/index.ts';
import { stopwatch } from './cpu.ts';

const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** What someone might push to bring the service down; each has an answer within a second. */
const hostile: { [name: string]: string } = {
  'an alias bomb': `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${times(
    30,
    (n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]\n`,
  )}`,
  'an alias bomb of maps': `a0: &a0 {k: v}\n${times(
    60,
    (n) => `a${n + 1}: &a${n + 1} {x: *a${n}, y: *a${n}}\n`,
  )}`,
  'a merge bomb': `a: &a {${times(4000, (n) => `k${n}: 1, `)}}\n${times(4000, (n) => `b${n}: {<<: *a}\n`)}`,
  '10 MB': times(1_000_000, () => 'a: bcdefg\n'),
  '10 MB in one line': `script: ${'x'.repeat(10_000_000)}`,
  '10 MB of three-byte characters': `script: ${'€'.repeat(900_000)}`,
  'a million jobs': `rvm: [${times(100, (n) => `r${n}, `)}]\ngemfile: [${times(100, (n) => `g${n}, `)}]\nenv: [${times(100, (n) => `A=${n}, `)}]\n`,
  'deep brackets': `a: ${'['.repeat(500_000)}`,
  'deep braces': `a: ${'{a: '.repeat(100_000)}`,
  'deep dashes': '- '.repeat(400_000),
  'deep indentation': times(1000, (n) => `${' '.repeat(n)}a:\n`),
  'deep explicit keys': '? '.repeat(400_000),
  'many commas': `a: [${','.repeat(900_000)}]`,
  'commas up to the limit': `a: [${','.repeat(59_000)}]`,
  'many anchors': `a: ${'&a '.repeat(300_000)}`,
  'anchors up to the limit': `a: ${'&a '.repeat(29_000)}`,
  'many tags': `a: ${'! '.repeat(300_000)}`,
  'tags up to the limit': `a: ${'! '.repeat(29_000)}`,
  'an endless quote': `a: "${'x\n'.repeat(400_000)}`,
  'many documents': '---\n'.repeat(200_000),
  'many directives': '%a\n'.repeat(300_000),
  'directives up to the limit': '%a\n'.repeat(19_000),
  'many tabs': '\t'.repeat(900_000),
  'zero bytes': '\0'.repeat(900_000),
  'many duplicates': 'a: 1\n'.repeat(10_000),
  'many unknown keys': times(10_000, (n) => `unknown${n}: 1\n`),
  'many near misses': times(10_000, (n) => `before_instal${n % 10}${n}: 1\n`),
  'a long key': `${'k'.repeat(900_000)}: 1\n`,
  'long unknown values': `os: [${times(9_000, (n) => `linuxx${n}, `)}]`,
  'a long env string': `env: ${'A="b c" '.repeat(100_000)}`,
  'an open env string': `env: A=${'$('.repeat(400_000)}`,
  'a long condition': `if: ${'branch = a OR '.repeat(60_000)}true`,
  'a deep condition': `if: ${'('.repeat(9_000)}true${')'.repeat(9_000)}`,
  'a catastrophic expression': 'if: commit_message =~ /^(a+)+\\1$/\n',
  'a catastrophic branch': 'branches: {only: ["/^(([a-z])+.)+[A-Z]([a-z])+$/"]}\n',
  'many catastrophic jobs': `jobs: {include: [${times(2_000, (n) => `{name: n${n}, if: commit_message =~ /^(a+)+\\1${n}$/},`)}]}`,
  'brackets at the left': `a: [\n${'x,\n'.repeat(10_000)}]\n`,
  'bad brackets at the left': `a: [\n${'x: [\n'.repeat(60)}]\n`,
};

test.each(Object.entries(hostile))('%s', (_, text) => {
  const data = { branch: 'a'.repeat(9_999), commit_message: `${'a'.repeat(300)}!`, type: 'push' };
  const elapsedMs = stopwatch();
  try {
    const { messages } = plan(text, data);
    expect(messages.length).toBeLessThanOrEqual(4_000);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/^ConfigError: [A-Z].*\.$/);
  }
  expect(elapsedMs()).toBeLessThan(1_000);
});

test('the named ones are errors, and clear ones', () => {
  const code = (name: string) => {
    try {
      plan(hostile[name] ?? '');
    } catch (error) {
      return error instanceof ConfigError ? error.code : String(error);
    }
    return 'none';
  };
  expect(code('an alias bomb')).toBe('too_many_nodes');
  expect(() => parse(hostile['an alias bomb'] ?? '')).toThrow(/once its aliases are expanded/);
  expect(code('an alias bomb of maps')).toBe('too_many_nodes');
  expect(code('10 MB')).toBe('too_large');
  expect(code('10 MB in one line')).toBe('too_large');
  expect(code('a million jobs')).toBe('matrix_too_large');
  expect(code('deep brackets')).toBe('too_deep');
});

test('a catastrophic condition is reported, and the build refused', () => {
  const commit_message = `${'a'.repeat(300)}!`;
  const { refused, messages } = plan(hostile['a catastrophic expression'] ?? '', {
    commit_message,
  });
  expect(refused).toBe('condition');
  expect(messages.find(({ code }) => code === 'invalid_condition')?.args['message']).toMatch(
    /too long/,
  );
});

test('a large but honest file is read', () => {
  const text = `script:\n${times(5_000, (n) => `  - make target-${n}\n`)}`;
  expect(parse(text).config.script).toHaveLength(5_000);
});
