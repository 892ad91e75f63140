import { expect, suite, test } from 'vitest';
import { useWorkshop } from './support/sluice.ts';

const shop = useWorkshop();
const { sluice, batch } = shop;
const json = (text: string): unknown => JSON.parse(text);

suite('config lint', () => {
  test('names file, line and column; remarks alone are no failure', async () => {
    shop.write('.travis.yml', 'language: python\nscrpt: make\n');
    const { code, stdout } = await sluice(['config', 'lint']);
    expect(stdout).toMatch(/^\.travis\.yml:2:1: warn: root: .*script/m);
    expect(code).toBe(0);
  });

  test('an error is exit code 1, from standard input too', async () => {
    const { code, stdout } = await sluice(['config', 'lint', '-'], {
      input: 'language: klingon\n',
    });
    expect(stdout).toMatch(/^<stdin>:1:\d+: error: language: .*klingon/m);
    expect(code).toBe(1);
    const unreadable = await sluice(['config', 'lint', '-'], { input: 'a: 1\nb: [\n' });
    expect(unreadable.stdout).toMatch(/^<stdin>:\d+:\d+: error: /);
    expect(unreadable.code).toBe(1);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await sluice(['config', 'lint', 'nope.yml']);
    expect(code).toBe(1);
    expect(stderr).toContain('nope.yml');
  });

  test('--json', async () => {
    const input = 'nonsense: 1\n';
    const { code, stdout } = await sluice(['config', 'lint', '-', '--json'], { input });
    expect(code).toBe(0);
    const { ok, messages } = json(stdout) as { ok: boolean; messages: object[] };
    expect(ok).toBe(true);
    const expected = ['level', 'key', 'code', 'args', 'line', 'column'];
    for (const message of messages) expect(Object.keys(message)).toEqual(expected);
    expect(messages).toContainEqual({
      level: 'warn',
      key: 'root',
      code: 'unknown_key',
      args: { key: 'nonsense', value: 1 },
      line: 1,
      column: 1,
    });
    const broken = await sluice(['config', 'lint', '-', '--json'], { input: 'b: "x\n' });
    expect([broken.code, json(broken.stdout)]).toMatchObject([
      1,
      { ok: false, error: { code: 'invalid_yaml' } },
    ]);
  });
});

const file = `language: python
python: [3.10, 3.11]
env:
  global: {secure: abc}
  jobs: [A=1 B=2]
stages: [{name: test, if: branch = main}, deploy]
jobs:
  include: [{stage: deploy, script: ./deploy}]
  allow_failures: [{python: 3.10}]
script: make
`;

suite('config plan', () => {
  test('--json is exactly what issue 3 says', async () => {
    const args = ['config', 'plan', '-', '--json', '--no-defaults', '--branch', 'main'];
    const { code, stdout } = await sluice(args, { input: file });
    expect(code).toBe(0);
    const { config, messages, jobs, stages, ...rest } = json(stdout) as Record<string, unknown>;
    expect(rest).toEqual({});
    expect(messages).toEqual([]);
    expect(config).toMatchObject({ python: ['3.10', '3.11'], script: ['make'] });
    expect(stages).toEqual([{ name: 'test', if: 'branch = main' }, { name: 'deploy' }]);
    const env = [{ secure: 'abc' }, { A: '1', B: '2' }];
    const may = { allow_failure: true };
    expect(jobs).toEqual([
      { language: 'python', env, python: '3.11', script: ['make'], stage: 'test' },
      { language: 'python', env, python: '3.10', script: ['make'], stage: 'test', ...may },
      { language: 'python', env, python: '3.10', script: ['./deploy'], stage: 'deploy', ...may },
    ]);
  });

  test('the table', async () => {
    shop.write('plan.yml', file);
    const { stdout } = await sluice(['config', 'plan', 'plan.yml', '--branch', 'main']);
    const [head, first] = stdout.split('\n');
    expect(head).toMatch(/^JOB +STAGE +NAME +WITH/);
    expect(first).toMatch(/^1 +test +python=3.11$/);
    expect(stdout).toMatch(/^2 .*python=3.10 +may fail$/m);
  });

  test.each([
    ['if: branch = main\n', ['--branch', 'dev'], 'condition'],
    ['branches: {only: main}\n', ['--branch', 'dev'], 'branch excluded'],
    ['language: go\n', ['--commit-message', 'x [skip ci]'], 'commit skipped'],
    ['if: env(A) = "1"\n', ['--env', 'A=2', '--env', 'B=1'], 'condition'],
    ['if: type = cron AND tag = v1\n', ['--event', 'cron', '--tag', 'v1'], undefined],
    ['if: env(A) = "1" AND fork = true\n', ['--env', 'A=1', '--data', '{"fork":true}'], undefined],
  ])('%s with %j is refused: %s', async (input, args, refused) => {
    const { stdout } = await sluice(['config', 'plan', '-', '--json', ...args], { input });
    const answer = json(stdout) as { refused?: string; jobs: unknown[] };
    expect(answer.refused).toBe(refused);
    expect(answer.jobs).toHaveLength(1);
    const table = await sluice(['config', 'plan', '-', ...args], { input });
    if (refused !== undefined) expect(table.stderr).toContain(`not build this: ${refused}.`);
  });

  test('what cannot be planned is exit code 1 with its place', async () => {
    const input = 'a: 1\n b: 2\n';
    const { code, stderr } = await sluice(['config', 'plan', '-'], { input });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^<stdin>:\d+:\d+: /);
    const machine = await sluice(['config', 'plan', '-', '--json'], { input });
    expect([machine.code, json(machine.stdout)]).toMatchObject([
      1,
      { error: { code: 'invalid_yaml', line: expect.any(Number) } },
    ]);
  });

  test.each([[['--data', 'x']], [['--data', '[]']], [['--frobnicate']]])(
    '%j is wrong usage',
    async (args) => {
      expect((await sluice(['config', 'plan', '-', ...args])).code).toBe(2);
    },
  );

  test('a matrix from which everything is excluded', async () => {
    const input = 'os: linux\njobs: {exclude: [{os: linux}]}\n';
    const { code, stdout, stderr } = await sluice(['config', 'plan', '-'], { input });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('The matrix is empty');
  });

  test('--batch: one line in, one line out, in order, bad ones too', async () => {
    const answers = await batch(
      ['config', 'plan', '--batch'],
      [
        { id: 1, input: 'if: branch = main\n', data: { branch: 'main' }, defaults: false },
        { id: 'two', input: 'if: branch = main\n', data: { branch: 'dev' } },
        { id: 3, input: 'a: [' },
        { id: 4 },
        { id: 5, input: 'go: [1, 2]\n', data: 'nonsense' },
      ],
    );
    const [first] = answers;
    expect(first).toEqual({
      id: 1,
      config: { if: 'branch = main' },
      messages: [],
      jobs: [{ if: 'branch = main' }],
      stages: [],
    });
    expect(answers[1]).toMatchObject({
      id: 'two',
      refused: 'condition',
      jobs: [{ language: 'ruby', os: 'linux' }],
    });
    expect(answers[2]).toMatchObject({ id: 3, error: expect.stringMatching(/line 1, column/) });
    expect(answers[3]).toEqual({ id: 4, error: '"input" must be a text' });
    expect(answers[4]).toMatchObject({ id: 5, error: expect.stringContaining('object') });
  });

  test('--batch: a line ends at a line feed, not at what else Unicode calls a line', async () => {
    const id = 'a\u2028b\u2029c\u0085d';
    const input = `script: echo "${id}"\n`;
    const text = `\uFEFF${JSON.stringify({ id, input })}\r\n\r\n${JSON.stringify({ id: 2, input })}`;
    const { code, stdout } = await sluice(['config', 'plan', '--batch'], { input: text });
    const answers = stdout.split('\n').flatMap((line) => (line === '' ? [] : [json(line)]));
    expect(code).toBe(0);
    expect(answers).toMatchObject([
      { id, jobs: [{ script: [`echo "${id}"`] }] },
      { id: 2, jobs: [{ script: [`echo "${id}"`] }] },
    ]);
  });

  test('thousands of files in one process', async () => {
    const lines = Array.from({ length: 3000 }, (_, id) => ({
      id,
      input: `language: go\ngo: [1.${id}, 2.0]\nenv: [A=1, A=2]\n`,
    }));
    const startedAt = performance.now();
    const answers = (await batch(['config', 'plan', '--batch'], lines)) as { jobs: unknown[] }[];
    expect(answers.map((answer) => answer.jobs.length)).toEqual(lines.map(() => 4));
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });
});

suite('config eval', () => {
  test.each([
    ['branch = main', '{"branch":"main"}', 'true'],
    ['branch = main', '{"branch":"dev"}', 'false'],
    ['tag IS present', undefined, 'false'],
    ['env(A) = "1"', '{"env":{"A":1}}', 'true'],
    ['env(A) = "1" AND env(B) = "2"', '{"env":[{"A":"1"},{"B":"2"}]}', 'true'],
    ['env(A) = "x y" AND env(B) = 2', '{"env":["A=\\"x y\\"","B=2"]}', 'true'],
    ['env(A) = "1"', '{"env":"A=1"}', 'true'],
    ['env(A) IS blank', '{"env":{"A":{"secure":"abc"}}}', 'true'],
  ])('%s with %s is %s', async (condition, data, result) => {
    const args = ['config', 'eval', condition, ...(data === undefined ? [] : ['--data', data])];
    expect(await sluice(args)).toMatchObject({ code: 0, stdout: `${result}\n` });
  });

  test('a parse error is exit code 2', async () => {
    for (const condition of ['branch = ', '$BRANCH = main', 'branch =~ /(/', 'true) x']) {
      const { code, stdout, stderr } = await sluice(['config', 'eval', condition]);
      expect([condition, code, stdout]).toEqual([condition, 2, '']);
      expect(stderr.trim()).not.toBe('');
    }
    expect((await sluice(['config', 'eval'])).code).toBe(2);
    expect((await sluice(['config', 'eval', 'true', '--data', '{'])).code).toBe(2);
  });

  test('from standard input', async () => {
    const input = 'branch = main\n  AND type = push\n';
    const args = ['config', 'eval', '-', '--data', '{"branch":"main","type":"push"}'];
    expect(await sluice(args, { input })).toMatchObject({ code: 0, stdout: 'true\n' });
  });

  test('--batch', async () => {
    const answers = await batch(
      ['config', 'eval', '--batch'],
      [
        { id: 1, condition: 'branch = main', data: { branch: 'main' } },
        { id: 2, condition: 'env(A) = b', data: { env: ['A=b'] } },
        { id: 3, condition: 'NOT branch = main', data: null },
        { id: 4, condition: 'branch = ' },
        { id: 5, condition: 7 },
        ...Array.from({ length: 2000 }, (_, id) => ({ id, condition: `tag = v${id}` })),
      ],
    );
    expect(answers.slice(0, 3)).toEqual([
      { id: 1, result: true },
      { id: 2, result: true },
      { id: 3, result: true },
    ]);
    expect(answers[3]).toEqual({ id: 4, error: expect.any(String) });
    expect(answers[4]).toEqual({ id: 5, error: '"condition" must be a text' });
    expect(answers.at(-1)).toEqual({ id: 1999, result: false });
  });
});

test('lint --batch', async () => {
  const answers = await batch(
    ['config', 'lint', '--batch'],
    [
      { id: 1, input: 'language: go\n' },
      { id: 2, input: 'language: klingon\n' },
      { id: 3, input: 'a: [' },
      { id: 4, input: null },
    ],
  );
  expect(answers).toMatchObject([
    { id: 1, ok: true },
    { id: 2, ok: false },
    { id: 3, ok: false, error: { code: 'invalid_yaml', line: 1 } },
    { id: 4, error: '"input" must be a text' },
  ]);
});
