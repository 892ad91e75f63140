import { expect, test } from 'vitest';
import { parseDotenv } from './dotenv.ts';

const values = (text: string) =>
  Object.fromEntries(parseDotenv(text).assignments.map(({ name, value }) => [name, value]));

test('reads what people paste', () => {
  const text = [
    '# a comment',
    'PLAIN=value',
    'export EXPORTED = spaced out ',
    'EMPTY=',
    'COMMENTED=value # why',
    'HASH=a#b',
    "SINGLE=' kept \\n $AS '",
    'DOUBLE="line\\none \\"quoted\\" \\\\ \\d"',
    'URL=postgres://user:p=ss@host/db?x=1',
    'LAST="two',
    'lines"  # after',
    '\tINDENTED=yes\r',
  ].join('\n');
  expect(parseDotenv(text).problems).toEqual([]);
  expect(values(text)).toEqual({
    PLAIN: 'value',
    EXPORTED: 'spaced out',
    EMPTY: '',
    COMMENTED: 'value',
    HASH: 'a#b',
    SINGLE: ' kept \\n $AS ',
    DOUBLE: 'line\none "quoted" \\ \\d',
    URL: 'postgres://user:p=ss@host/db?x=1',
    LAST: 'two\nlines',
    INDENTED: 'yes',
  });
});

test('says which line is wrong and goes on with the others', () => {
  const { assignments, problems } = parseDotenv(
    'no assignment\n1ST=x\nGOOD=1\nGOOD=2\nOPEN="never\nAFTER=2',
  );
  expect(problems).toEqual([
    { line: 1, problem: 'noEquals' },
    { line: 2, problem: 'name' },
    { line: 4, problem: 'twice' },
    { line: 5, problem: 'quote' },
  ]);
  expect(assignments).toEqual([
    { name: 'GOOD', value: '1' },
    { name: 'AFTER', value: '2' },
  ]);
});
