import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { putDeploy } from './deploy.ts';
import { addSecureValues, findSecureValues } from './secure.ts';

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

  it.each(['jobs', 'matrix'])('adds to the rows that stood in env under env.%s', (section) => {
    const result = addSecureValues('env: [A=1]\n', `env.${section}`, ['X'], { append: true });
    expect(parse(result)).toEqual({ env: { [section]: ['A=1', { secure: 'X' }] } });
  });

  it('takes an env without a value for none', () => {
    expect(parse(add('env:\nscript: make\n', 'X'))).toEqual({
      env: { global: { secure: 'X' } },
      script: 'make',
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

describe('findSecureValues', () => {
  it('tells the key and the line of each, once for an anchor', () => {
    const text = `language: python
env:
  global:
    - secure: AAA
    - &mine
      secure: "BBB"
deploy:
  - provider: pypi
    password:
      secure: CCC
    token: *mine
`;
    expect(findSecureValues(text)).toEqual([
      { key: 'env.global', ciphertext: 'AAA', line: 4 },
      { key: 'env.global', ciphertext: 'BBB', line: 6 },
      { key: 'deploy.password', ciphertext: 'CCC', line: 10 },
    ]);
  });

  it('leaves a key of that name alone that holds no text', () => {
    expect(findSecureValues('deploy:\n  secure: true\nscript: "secure: x"\n')).toEqual([]);
    expect(() => findSecureValues('a: [')).toThrow(/not valid YAML.*line 1/);
  });
});

describe('putDeploy', () => {
  const sluice = { provider: 'sluice', environment: 'test' };
  const isHeroku = (provider: string) => provider === 'heroku';

  it('adds the section, keeps comments and what is not replaced', () => {
    expect(putDeploy('# why\nscript: make\n', sluice, isHeroku)).toBe(
      '# why\nscript: make\ndeploy:\n  provider: sluice\n  environment: test\n',
    );
    const text = 'python: 3.10\ndeploy:\n  provider: script # ours\n  script: ./go\n';
    const both = putDeploy(text, sluice, isHeroku);
    expect(both).toContain('python: 3.10\n');
    expect(both).toContain('provider: script # ours');
    expect(parse(both).deploy).toEqual([{ provider: 'script', script: './go' }, sluice]);
    expect(parse(putDeploy(both, sluice, (name) => name !== 'script')).deploy).toHaveLength(2);
  });

  it('takes entries out without adding one', () => {
    const text = 'deploy: [heroku, {provider: script, script: x}]\nscript: make # all\n';
    const result = putDeploy(text, null, isHeroku);
    expect(parse(result).deploy).toEqual({ provider: 'script', script: 'x' });
    expect(putDeploy('deploy: heroku\nscript: make # all\n', null, isHeroku)).toBe(
      'script: make # all\n',
    );
  });

  it('replaces entries in all the forms that they have', () => {
    for (const deploy of ['heroku', '{provider: Heroku, app: x}', '[heroku, {provider: heroku}]']) {
      expect(parse(putDeploy(`deploy: ${deploy}\n`, sluice, isHeroku)).deploy).toEqual(sluice);
    }
  });
});
