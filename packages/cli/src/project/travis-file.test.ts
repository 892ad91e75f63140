import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addSecureValues } from './travis-file.ts';

const add = (text: string, ...values: string[]) =>
  addSecureValues(text, 'env.global', values, { append: true });

describe('addSecureValues', () => {
  it('writes a bare map for the first value and a list from the second on', () => {
    const first = add('language: python\n', 'AAA');
    expect(parse(first)).toEqual({ language: 'python', env: { global: { secure: 'AAA' } } });
    expect(parse(add(first, 'BBB')).env.global).toEqual([{ secure: 'AAA' }, { secure: 'BBB' }]);
  });

  it('moves an env that was a list or a string to env.jobs', () => {
    expect(parse(add('env: A=1\n', 'X')).env).toEqual({ jobs: 'A=1', global: { secure: 'X' } });
    expect(parse(add('env:\n  - A=1\n  - A=2\n', 'X')).env).toEqual({
      jobs: ['A=1', 'A=2'],
      global: { secure: 'X' },
    });
  });

  it('keeps comments, order and what stands in global already', () => {
    const text = '# why\nscript: make # here\nenv:\n  global:\n    - A=1\n';
    const result = add(text, 'X');
    expect(result).toContain('# why\nscript: make # here\n');
    expect(parse(result).env.global).toEqual(['A=1', { secure: 'X' }]);
  });

  it('replaces a value elsewhere', () => {
    const text = 'deploy:\n  provider: pypi\n  password: old\n';
    const result = addSecureValues(text, 'deploy.password', ['X'], { append: false });
    expect(parse(result).deploy).toEqual({ provider: 'pypi', password: { secure: 'X' } });
  });

  it('starts an empty file, and refuses what is no mapping', () => {
    expect(parse(add('', 'X'))).toEqual({ env: { global: { secure: 'X' } } });
    expect(() => add('- a\n', 'X')).toThrow(/mapping at its top level/);
    expect(() => add('a: [\n', 'X')).toThrow(/not valid YAML/);
  });
});
