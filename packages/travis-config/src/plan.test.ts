import { expect, describe as suite, test } from 'vitest';
import {
  describe,
  languages,
  lint,
  matrixKeys,
  plan,
  readConfig,
  selectNotifications,
  versionKey,
} from './index.ts';
import { levels, type MessageCode } from './messages.ts';

suite('issue 3, item 9: plan', () => {
  test('the form of plan --json', () => {
    const text = [
      'language: python',
      'python: [3.10, 3.11]',
      'env: {global: {secure: abc}, jobs: [A=1 B=2]}',
      'stages: [{name: test, if: branch = master}, deploy]',
      'jobs:',
      '  include: [{stage: deploy, script: ./deploy}]',
      '  allow_failures: [{python: 3.10}]',
      'script: make',
    ].join('\n');
    const { jobs, stages, messages, ...rest } = plan(
      text,
      { branch: 'master' },
      { defaults: false },
    );
    const common = { language: 'python', env: [{ secure: 'abc' }, { A: '1', B: '2' }] };
    expect(jobs).toEqual([
      { ...common, python: '3.11', script: ['make'], stage: 'test' },
      { ...common, python: '3.10', script: ['make'], stage: 'test', allow_failure: true },
      // 3.10 is the first version, which an included job inherits
      { ...common, python: '3.10', script: ['./deploy'], stage: 'deploy', allow_failure: true },
    ]);
    expect(stages).toEqual([{ name: 'test', if: 'branch = master' }, { name: 'deploy' }]);
    expect(messages).toEqual([]);
    expect(Object.keys(rest)).toEqual(['config']);
  });

  test('it is plain JSON', () => {
    const result = plan('language: go\nif: false\nnope: 1\n', {});
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(result.refused).toBe('condition');
    for (const message of result.messages) {
      expect(Object.keys(message)).toEqual(['level', 'key', 'code', 'args', 'line', 'column']);
    }
  });

  test('expansion does not change the configuration', () => {
    const text = 'rvm: [1, 2]\nenv: [A=1]\njobs: {include: [{stage: a}, {name: b}]}\n';
    const { config } = plan(text);
    expect(plan(text).config).toEqual(config);
    expect(config.jobs?.include).toEqual([{ stage: 'a' }, { name: 'b' }]);
  });
});

suite('readConfig', () => {
  test('no file is a build with defaults and a warning', () => {
    const result = readConfig(null);
    expect(result).toMatchObject({ ok: true, config: { language: 'ruby' } });
    const [first] = result.ok ? result.messages : [];
    expect(first).toMatchObject({ level: 'warn', key: 'root', code: 'empty', line: 1 });
    expect(first && describe(first)).toBe('there is no configuration, using the defaults');
  });

  test('errors are data', () => {
    expect(readConfig('a: 1\nb: [')).toMatchObject({
      ok: false,
      error: { code: 'invalid_yaml', line: 2 },
    });
  });
});

suite('lint', () => {
  test.each<[string, boolean]>([
    ['language: go\n', true],
    ['nonsense: 1\n', true],
    ['language: klingon\n', false],
    ['deploy: {provider: npm, api_key: plain}\n', false],
    ['- a\n', false],
    [`rvm: [${'x,'.repeat(300)}]\ngemfile: [${'x,'.repeat(300)}]\n`, false],
  ])('%.30j: %s', (text, ok) => {
    expect(lint(text).ok).toBe(ok);
  });

  test('an error has its place', () => {
    expect(lint('a: 1\nb: "open\n').error).toMatchObject({ code: 'invalid_yaml', line: 3 });
  });
});

suite('sentences', () => {
  test.each(Object.keys(levels) as MessageCode[])('%s', (code) => {
    const args = {
      key: 'KEY',
      value: 'VALUE',
      original: 'O',
      alias: 'A',
      condition: 'C',
      number: 1,
    };
    const sentence = describe({ level: levels[code], key: 'k', code, args, line: 1, column: 1 });
    expect(sentence.length).toBeGreaterThan(5);
    expect(sentence).not.toMatch(/\[object|^[A-Z]\w+ing\b/);
  });
});

suite('notifications', () => {
  test('those whose condition holds', () => {
    const text =
      'notifications:\n  slack:\n    - rooms: a\n    - rooms: b\n      if: branch = master\n';
    const result = readConfig(text);
    if (!result.ok) throw new Error('unreadable');
    expect(
      selectNotifications(result.config, { branch: 'master' }).notifications['slack'],
    ).toHaveLength(2);
    const { notifications, messages } = selectNotifications(result.config, { branch: 'dev' });
    expect(notifications['slack']).toEqual([{ rooms: ['a'] }]);
    expect(messages).toMatchObject([
      { code: 'skip_notification', args: { type: 'slack', number: 2 } },
    ]);
  });
});

suite('languages', () => {
  test('version keys are matrix keys', () => {
    for (const language of languages) {
      const key = versionKey(language);
      if (key !== null) expect(matrixKeys).toContain(key);
    }
    expect(versionKey('python')).toBe('python');
    expect(versionKey('java')).toBe('jdk');
    expect(versionKey('shell')).toBe(null);
    expect(versionKey('constructor')).toBe(null);
  });
});
