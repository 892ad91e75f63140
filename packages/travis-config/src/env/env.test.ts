// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text, not templates
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportsOf, isSecureRow, shellValue, unquoted } from './shell.ts';
import { EnvSyntaxError, parseEnvString } from './string.ts';

describe('spec 3.2: env strings', () => {
  test.each<[string, Record<string, string>]>([
    ['A=1', { A: '1' }],
    ['A=', { A: '' }],
    ['A= B=2', { A: '', B: '2' }],
    ['A=1 B="x y"', { A: '1', B: '"x y"' }],
    ['  A=1\n\tB=2  ', { A: '1', B: '2' }],
    ["A='x y' B='it \"is\"'", { A: "'x y'", B: '\'it "is"\'' }],
    ['A="say \\"hi\\" now" B=1', { A: '"say \\"hi\\" now"', B: '1' }],
    ['A=foo\\"bar', { A: 'foo\\"bar' }],
    ['A=a\\ b C=d', { A: 'a\\ b', C: 'd' }],
    ['A=$B', { A: '$B' }],
    ['A=$(echo a b) B=1', { A: '$(echo a b)', B: '1' }],
    ['A=$(echo $(date "+%Y )")) B=1', { A: '$(echo $(date "+%Y )"))', B: '1' }],
    ['A=${B:-x y} C=1', { A: '${B:-x y}', C: '1' }],
    ['A=`pwd -P` B=1', { A: '`pwd -P`', B: '1' }],
    ['A=b=c', { A: 'b=c' }],
    ['A="x"y\'z w\'', { A: '"x"y\'z w\'' }],
    ['words are skipped A=1 here', { A: '1' }],
    ['OPTS="-O2 -g" CC=gcc-9 words', { OPTS: '"-O2 -g"', CC: 'gcc-9' }],
    ['no assignment at all', {}],
    ['', {}],
    ['A-B=1', {}],
    ['A=1 A=2', { A: '2' }],
  ])('%s', (text, expected) => {
    const found = parseEnvString(text);
    expect(Object.fromEntries(found.map(({ name, value }) => [name, value]))).toEqual(expected);
  });

  test.each(['A="', "A='b", 'A=`x', 'A=$(x', 'A=${x', 'A=foo"bar', 'A="\\"'])(
    '%s is never closed',
    (text) => {
      expect(() => parseEnvString(text)).toThrow(EnvSyntaxError);
    },
  );

  test('any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AB= "\'`$(){}\\\nä') }), (text) => {
        try {
          for (const { name, value } of parseEnvString(text)) {
            expect(name).toMatch(/^\w+$/);
            expect(text).toContain(`${name}=${value}`);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(EnvSyntaxError);
        }
      }),
    );
  });
});

describe('values as shell text', () => {
  test.each([
    ['a', 'a'],
    ['', ''],
    ['a b', '"a b"'],
    ['"a b"', '"a b"'],
    ["'a b'", "'a b'"],
    ['$A $B', '"$A $B"'],
    ['say "hi" now', '"say \\"hi\\" now"'],
    ["it's a", '"it\'s a"'],
    ['$(echo a b)', '$(echo a b)'],
    ['a\nb', '"a\nb"'],
    ['"open', '"\\"open"'],
  ])('%j becomes %j', (value, expected) => {
    expect(shellValue(value)).toBe(expected);
  });

  test('a shell text is always one word', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a b"\'x') }), (value) => {
        const text = shellValue(value);
        expect(parseEnvString(`A=${text}`)).toEqual([{ name: 'A', value: text }]);
      }),
    );
  });

  test('rows', () => {
    expect(isSecureRow({ secure: 'x' })).toBe(true);
    expect(isSecureRow({ secure: 'x', A: '1' })).toBe(false);
    expect(exportsOf({ A: 'x y', B: { secure: 'z' } })).toEqual([
      { name: 'A', value: '"x y"' },
      { name: 'B', value: { secure: 'z' } },
    ]);
    expect(exportsOf({ secure: 'x' })).toEqual([]);
  });

  test.each([
    ['"a"', 'a'],
    ["'a b'", 'a b'],
    ['"a', '"a'],
    ['"', '"'],
    ['a', 'a'],
    ['""a""', '"a"'],
  ])('one pair of quotes around %s is removed', (value, expected) => {
    expect(unquoted(value)).toBe(expected);
  });
});
