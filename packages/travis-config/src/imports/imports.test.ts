import { describe, expect, test } from 'vitest';
import { parse, parseParts } from '../parse.ts';
import type { MergeMode } from '../types.ts';
import { importsOf } from './imports.ts';
import { parseImportSource } from './source.ts';

describe('spec 10: sources', () => {
  test.each<[string, ReturnType<typeof parseImportSource>]>([
    ['a.yml', { repository: null, path: 'a.yml', ref: null }],
    ['./ci/a.yml', { repository: null, path: 'ci/a.yml', ref: null }],
    ['ci/../b.yaml', { repository: null, path: 'b.yaml', ref: null }],
    ['a.yml@v1.0', { repository: null, path: 'a.yml', ref: 'v1.0' }],
    ['o/r:a.json', { repository: 'o/r', path: 'a.json', ref: null }],
    ['o/r.js:x/a.yml@feature/x', { repository: 'o/r.js', path: 'x/a.yml', ref: 'feature/x' }],
    ['../a.yml', null],
    ['a/../../b.yml', null],
    ['/etc/passwd', null],
    ['a.txt', null],
    ['', null],
    ['o:a.yml', null],
    ['http://x/a.yml', null],
  ])('%s', (source, expected) => {
    expect(parseImportSource(source)).toEqual(expected);
  });

  test('what is wanted, by condition', () => {
    const { config, positions } = parse(
      'import:\n  - a.yml\n  - source: b.yml\n    if: branch = master\n  - source: ../c.yml\n  - source: d.yml\n    mode: merge\n',
    );
    const { imports, messages } = importsOf(config, { branch: 'dev' }, positions);
    expect(imports).toMatchObject([
      { path: 'a.yml', mode: 'deep_merge_append' },
      { path: 'd.yml', mode: 'merge' },
    ]);
    expect(messages).toMatchObject([
      { code: 'skip_import', args: { source: 'b.yml', condition: 'branch = master' }, line: 3 },
      { code: 'invalid_format', args: { value: '../c.yml' }, line: 5 },
    ]);
  });
});

describe('spec 10: merging', () => {
  const main = 'script: [main]\nlanguage: go\nenv: {global: [M=1]}\naddons: {hostname: main}\n';
  const other =
    'script: [other]\nlanguage: c\nenv: {global: [O=1]}\naddons: {hostname: other, chrome: beta}\nos: osx\n';
  const merged = (mode: MergeMode) =>
    parseParts([{ text: main }, { text: other, mode, source: 'other.yml' }], { defaults: false })
      .config;

  test('the importer wins on scalars, in every mode', () => {
    for (const mode of [
      'deep_merge_append',
      'deep_merge_prepend',
      'deep_merge',
      'merge',
    ] as const) {
      expect(merged(mode)).toMatchObject({ language: 'go', os: ['osx'] });
    }
  });

  test('lists', () => {
    expect(merged('deep_merge_append').script).toEqual(['main', 'other']);
    expect(merged('deep_merge_prepend').script).toEqual(['other', 'main']);
    expect(merged('deep_merge').script).toEqual(['main']);
    expect(merged('merge').script).toEqual(['main']);
    expect(merged('deep_merge_append').env?.global).toEqual([{ M: '1' }, { O: '1' }]);
  });

  test('maps', () => {
    expect(merged('deep_merge').addons).toEqual({ hostname: 'main', chrome: 'beta' });
    expect(merged('merge').addons).toEqual({ hostname: 'main' });
  });

  test('each result is the importer of the next', () => {
    const parts = [
      { text: 'import: [a.yml, b.yml]\n' },
      { text: 'script: [a]\nimport: c.yml\n', source: 'a.yml' },
      { text: 'script: [b]\nos: osx\n', source: 'b.yml' },
    ];
    const { config } = parseParts(parts, { defaults: false });
    expect(config).toEqual({
      import: [{ source: 'a.yml' }, { source: 'b.yml' }],
      script: ['a', 'b'],
      os: ['osx'],
    });
  });

  test('messages name the imported file', () => {
    const parts = [{ text: 'language: go\n' }, { text: '\nnonsense: 1\n', source: 'a.yml' }];
    expect(parseParts(parts, { defaults: false }).messages).toMatchObject([
      { code: 'unknown_key', line: 2, column: 1, source: 'a.yml' },
    ]);
  });

  test('an empty main file takes what it imports', () => {
    const parts = [{ text: '' }, { text: 'language: go\n', source: 'a.yml' }];
    expect(parseParts(parts, { defaults: false }).config).toEqual({ language: 'go' });
  });
});
