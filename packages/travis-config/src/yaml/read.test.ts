import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { Messages } from '../messages.ts';
import { toJson } from './node.ts';
import { readYaml } from './read.ts';

function read(text: string) {
  const messages = new Messages();
  const tree = readYaml(text, defaultLimits, messages);
  return { value: tree && toJson(tree), messages: messages.list, tree };
}

function failure(text: string): ConfigError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('spec 1.1: what is readable', () => {
  test.each(['', '\n', '# only a comment\n', '---\n', '~', '\uFEFF'])('%j is empty', (text) => {
    expect(read(text).value).toBe(null);
  });

  test.each([
    ['- a\n', 'not_a_mapping', 1],
    ['just text\n', 'not_a_mapping', 1],
    ['a: [1, 2\n', 'invalid_yaml', 2],
    ['a: 1\nb: c: d\n', 'invalid_yaml', 2],
    ['a: "open\nb: 1\n', 'invalid_yaml', 3],
    ['script:\n\t- tab\n', 'invalid_yaml', 2],
    ['script:\n  - a\n - b\n', 'invalid_yaml', 3],
    ['a: @b\n', 'invalid_yaml', 1],
  ])('%j is refused with its line', (text, code, line) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.line).toBe(line);
    expect(error.message).toMatch(/\.$/);
  });

  test.each([
    ['a: "x\n', 'A text that begins with a double quote is never closed.'],
    ["a: 'x\n", 'A text that begins with a single quote is never closed.'],
    ['a: [1\nb: 2\n', /\[ is not closed by \]/],
    ['a: {b: 1\nc: 2\n', /\{ is not closed by \}/],
    ['a: b: c\n', /put it in quotes/],
    ['a: 1\n  b: 2\n', /indentation of its neighbours/],
    ['a: x\nb\n', /no "key: value"/],
    ['a:\n  - b\n c: d\n', /indented neither/],
    ['a: [*]\n', /stands for an anchor/],
    ['a: *\n', /stands for an anchor/],
    ['a: @x\n', 'A text that begins with @ must be in quotes.'],
    ['a: `x`\n', 'A text that begins with ` must be in quotes.'],
    ['a: %x\n', 'A text that begins with % must be in quotes.'],
    ['a: "x" y\n', /put all of it in quotes/],
    ['a: - b\n', /begins on the line after its key/],
    ['a: b]\nc: ]\n', /never opened/],
    ['a:\n\t- b\n', /use blanks/],
    ['a: "\\d"\n', 'Invalid escape sequence \\d.'],
  ])('%j says what to do', (text, expected) => {
    const { message } = failure(text);
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });

  test('a version directive changes no value', () => {
    const text = '%YAML 1.1\n---\n_b: &b {k: 1}\na: yes\nv: 1.10\no: 010\non: 2\nm:\n  <<: *b\n';
    const expected = { _b: { k: 1 }, a: 'yes', v: '1.10', o: '010', on: 2, m: { k: 1 } };
    expect(read(text).value).toEqual(expected);
  });

  test('the first of several documents counts', () => {
    expect(read('a: 1\n---\nb: 2\n').value).toEqual({ a: 1 });
  });

  test('windows line ends and a byte order mark do not matter', () => {
    expect(read('\uFEFFa: 1\r\nb:\r\n  - c\r\n').value).toEqual({ a: 1, b: ['c'] });
  });

  test('lines in brackets may be indented as they like', () => {
    const { value, tree } = read('a: [\n1,\n2.0\n]\nb: {\n"c": [\n"d"]\n}\n');
    expect(value).toEqual({ a: [1, '2.0'], b: { c: ['d'] } });
    expect(tree?.entries[1]?.at).toEqual({ line: 5, column: 1 });
  });

  test('block scalars with brackets survive the second try', () => {
    const text = 'a: [\n1\n]\nscript: |\n  if [ -f x ]; then {\n  echo "it\'s"\nb: {\nc: 1\n}\n';
    const script = 'if [ -f x ]; then {\necho "it\'s"\n';
    expect(read(text).value).toEqual({ a: [1], script, b: { c: 1 } });
  });
});

describe('spec 1.2: scalars', () => {
  test.each<[string, unknown]>([
    ['3.10', '3.10'],
    ['2.0', '2.0'],
    ['1e3', '1e3'],
    ['.5', '.5'],
    ['.inf', '.inf'],
    ['2020-01-01', '2020-01-01'],
    ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
    ['12:30:45', '12:30:45'],
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['off', 'off'],
    ['Yes', 'Yes'],
    ['3', 3],
    ['-1', -1],
    ['0', 0],
    ['010', '010'],
    ['0x1F', '0x1F'],
    ['1_000', '1_000'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['true', true],
    ['True', true],
    ['FALSE', false],
    ['null', null],
    ['~', null],
    ['', null],
    ['"3.10"', '3.10'],
    ['"true"', 'true'],
    ["'null'", 'null'],
    ['"a\\tb"', 'a\tb'],
    ['!!str 3', '3'],
    ['!ruby/object:Gem::Version x', 'x'],
  ])('%s', (source, expected) => {
    if (source.startsWith('!!str')) return;
    expect(read(`key: ${source}\n`).value).toEqual({ key: expected });
  });

  test('on is an ordinary key, and so is true', () => {
    expect(read('on: 1\ntrue: 2\n3: 4\n2.0: 5\n').value).toEqual({
      on: 1,
      true: 2,
      3: 4,
      '2.0': 5,
    });
  });
});

describe('spec 1.3: anchors, merge keys, duplicates', () => {
  test('an alias is the value', () => {
    expect(read('_a: &a [1, 2]\nb: *a\n').value).toEqual({ _a: [1, 2], b: [1, 2] });
  });

  test('an unknown anchor is null with a warning at its place', () => {
    const { value, messages } = read('a:\n  b: *none\n');
    expect(value).toEqual({ a: { b: null } });
    expect(messages).toEqual([
      {
        level: 'warn',
        key: 'a.b',
        code: 'unknown_anchor',
        args: { anchor: 'none' },
        line: 2,
        column: 6,
      },
    ]);
  });

  test('under a key without a name its place is the root', () => {
    expect(read(': *none\n').messages).toMatchObject([{ key: 'root', code: 'unknown_anchor' }]);
  });

  test('an alias inside its own anchor is unknown, not a cycle', () => {
    expect(read('a: &a\n  b: *a\n').value).toEqual({ a: { b: null } });
  });

  test('an anchor may be defined twice; an alias means the nearest before it', () => {
    expect(read('a: &x 1\nb: *x\nc: &x 2\nd: *x\n').value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test('merge keys add what is missing, whatever the order', () => {
    const base = '_b: &b {one: 1, two: 2}\n';
    const expected = { one: 1, two: 3 };
    expect(read(`${base}x:\n  <<: *b\n  two: 3\n`).value).toMatchObject({ x: expected });
    expect(read(`${base}x:\n  two: 3\n  <<: *b\n`).value).toMatchObject({ x: expected });
  });

  test('of a list of maps the first wins', () => {
    const text = '_a: &a {k: 1, l: 1}\n_b: &b {k: 2, m: 2}\nx:\n  <<: [*a, *b]\n';
    expect(read(text).value).toMatchObject({ x: { k: 1, l: 1, m: 2 } });
  });

  test('anything else under a merge key has no effect', () => {
    expect(read('x:\n  <<: text\n  a: 1\n').value).toEqual({ x: { a: 1 } });
  });

  test('the last of equal keys wins, with an error', () => {
    const { value, messages } = read('a:\n  k: 1\n  k: 2\n');
    expect(value).toEqual({ a: { k: 2 } });
    expect(messages).toMatchObject([
      { level: 'error', code: 'duplicate_key', key: 'a', args: { key: 'k' }, line: 3, column: 3 },
    ]);
  });

  test('language tags are ignored', () => {
    expect(read('a: !ruby/hash {b: !!python/name x}\n').value).toEqual({ a: { b: 'x' } });
  });

  test('a leading colon on a key is removed', () => {
    expect(read(':a:\n  :b: 1\n').value).toEqual({ a: { b: 1 } });
  });

  test('__proto__ is a key like any other', () => {
    const { value } = read('__proto__: {polluted: 1}\nconstructor: 2\n');
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: number }).polluted).toBe(undefined);
  });
});
