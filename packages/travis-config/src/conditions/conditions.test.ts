// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text, not templates
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stopwatch } from '../../test/cpu.ts';
import {
  type ConditionData,
  ConditionError,
  type Expression,
  evaluateCondition,
  type Operand,
  parseCondition,
  printCondition,
} from './index.ts';

const data: ConditionData = {
  branch: 'master',
  type: 'push',
  repo: 'owner/name',
  os: 'linux',
  fork: false,
  commit_message: 'Fix the thing\n\nat last',
  env: { FOO: 'foo', QUOTED: '"a b"', YES: 'true', NO: 'FALSE', EMPTY: '', N: 1 },
};

const holds = (condition: string, given: ConditionData = data) =>
  evaluateCondition(parseCondition(condition), given);

describe('spec 13: meaning', () => {
  test.each<[string, boolean]>([
    // bare operands
    ['1', true],
    ['0', true],
    ['""', true],
    ['true', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['tag', false],
    ['branch', true],
    ['fork', false],
    ['env(FOO)', true],
    ['env(NO)', false],
    ['env(MISSING)', false],
    ['env(EMPTY)', true],
    // equality
    ['branch = master', true],
    ['branch=master', true],
    ['branch == master', true],
    ['branch != master', false],
    ['branch = Master', false],
    ['tag = ""', false],
    ['tag = env(MISSING)', true],
    ['tag != v1', true],
    ['fork = false', true],
    ['fork = "FALSE"', true],
    ['env(YES) = true', true],
    ['env(YES) = "TRUE"', true],
    ['env(N) = 1', true],
    ['env(QUOTED) = "a b"', true],
    ["env(FOO) = 'foo'", true],
    ['ENV(FOO) = foo', true],
    ['1=1', true],
    ['repo = owner/name', true],
    ['branches = branches', true],
    ['Branch = Branch', true],
    ['Branch = master', false],
    // predicates
    ['branch IS present', true],
    ['branch is blank', false],
    ['tag IS blank', true],
    ['tag IS NOT present', true],
    ['fork IS blank', true],
    ['env(EMPTY) IS blank', true],
    ['env(N) IS present', true],
    ['env(YES) IS true', true],
    ['env(FOO) IS true', true],
    ['env(NO) IS false', true],
    ['tag IS NOT true', true],
    ['branch IS PRESENT', true],
    // lists
    ['branch IN (dev, master)', true],
    ['branch IN (dev,master)', true],
    ['branch in(dev)', false],
    ['branch NOT IN (dev)', true],
    ['branch not in (master)', false],
    ['env(FOO) IN (env(BAR), concat(f, oo))', true],
    ['tag IN (env(MISSING))', true],
    // functions
    ['concat(branch, -, env(FOO)) = master-foo', true],
    ['concat(a, tag, b) = ab', true],
    ['CONCAT("a b", c) = "a bc"', true],
    ['env(concat(F, OO)) = foo', true],
    ['env (FOO) = foo', true],
    // regular expressions
    ['branch =~ ^mas', true],
    ['branch =~ /^MAS/', false],
    ['branch =~ /(?i)^MAS/', true],
    ['branch ~= ster$', true],
    ['branch !~ ^dev', true],
    ['tag =~ .*', false],
    ['tag !~ .*', true],
    ['tag =~ /^$/', false],
    ['branch =~ env(MISSING)', false],
    ['branch !~ env(MISSING)', true],
    ['commit_message =~ /the thing/', true],
    ['commit_message =~ /^at last$/', true],
    ['repo =~ /owner\\/name/', true],
    ['env(FOO) =~ env(FOO)', true],
    ['env(FOO) =~ concat("^", env(FOO), "$")', true],
    ['(branch =~ ^mas)', true],
    ['((branch =~ ^ma[s])) AND true', true],
    // logic
    ['true OR true AND false', true],
    ['(true OR true) AND false', false],
    ['NOT false AND false', false],
    ['NOT (false AND false)', true],
    ['NOT branch = dev AND type = push', true],
    ['not not true', true],
    ['! false', true],
    ['!(branch = dev)', true],
    ['NOT(branch = dev)', true],
    ['branch = dev || type = push', true],
    ['branch = master && type = push', true],
    ['branch||tag', true],
    ['(branch = master)AND(type = push)', true],
    ['branch = dev or branch = master', true],
    ['branch = dev \\\n OR type = push', true],
    ['  true  ', true],
  ])('%s: %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });
});

describe('spec 13: parse errors', () => {
  test.each([
    '',
    '   ',
    '= foo',
    'branch =',
    'branch = master dev',
    'branch IS master',
    'type IS push',
    'branch IN ()',
    'branch IN dev',
    'branch IN (a b)',
    'branch IN (a,)',
    'branch = IN (master)',
    'branch = master NOT type = push',
    'branch = type = push',
    'tag NOT present',
    'tag =~',
    'tag =~ (a)',
    'tag =~ [z-a]',
    'foo !~ /[z-a]/',
    '(branch = master',
    'branch = master)',
    'branch = master AND',
    // the closing parenthesis is the condition's, spec 13
    'branch =~ ^(mas|dev) OR true',
    '$TAG = x',
    'env($TAG) IS present',
    'branch = ${BRANCH}',
    'branch =~ $BRANCH',
    '"open',
    'env(',
    'unknown(foo)',
    'tag IS presently',
    'NOT',
    '!',
    '()',
    'a , b',
    `${'('.repeat(300)}true${')'.repeat(300)}`,
    `${'NOT '.repeat(5000)}true`,
    'concat('.repeat(3000),
    'x'.repeat(30_000),
  ])('%j', (condition) => {
    expect(() => parseCondition(condition)).toThrow(ConditionError);
  });

  test('shell syntax gets a hint', () => {
    expect(() => parseCondition('$TRAVIS_TAG IS present')).toThrow(/env\(NAME\)/);
  });

  test('hints at slashes where a closing parenthesis was cut off an expression', () => {
    expect(() => parseCondition('tag =~ ^(v1|v2)')).toThrow(/between slashes/);
    expect(() => parseCondition('tag =~ ^(v1')).not.toThrow(/between slashes/);
    expect(holds('branch =~ /^(master|dev)/')).toBe(true);
  });

  test('a catastrophic expression has an answer within a second', () => {
    const elapsedMs = stopwatch();
    expect(holds('commit_message =~ /^(a+)+$/', { commit_message: `${'a'.repeat(9999)}!` })).toBe(
      false,
    );
    expect(() =>
      holds('commit_message =~ /^(a+)+\\1$/', { commit_message: `${'a'.repeat(999)}!` }),
    ).toThrow(ConditionError);
    expect(elapsedMs()).toBeLessThan(1000);
  });
});

describe('issue 3, item 9: forms of env', () => {
  test.each<[string, ConditionData['env']]>([
    ['a map', { A: '1', B: 'x y' }],
    ['a list of maps', [{ A: '1' }, { B: 'x y' }]],
    ['a list of texts', ['A=1', 'B="x y"']],
    ['a list of both', [{ A: '0' }, 'A=1 B="x y"']],
    ['a text', "A=1 B='x y'"],
  ])('%s', (_, env) => {
    expect(holds('env(A) = 1 AND env(B) = "x y" AND env(C) IS blank', { env: env ?? null })).toBe(
      true,
    );
  });

  test('encrypted values are never seen', () => {
    const env = [{ secure: 'abc' }, { TOKEN: { secure: 'abc' } }];
    expect(holds('env(TOKEN) IS blank AND env(secure) IS blank', { env })).toBe(true);
  });

  test('names of Object.prototype are missing like others', () => {
    expect(holds('env(constructor) IS blank AND env(__proto__) IS blank', {})).toBe(true);
  });
});

const text = fc.string({ unit: fc.constantFrom(...'ab /-._$|&é'), maxLength: 6 });
const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc.constantFrom<Operand>(
    { kind: 'variable', name: 'branch' },
    { kind: 'variable', name: 'tag' },
    { kind: 'variable', name: 'type' },
  ),
  fc
    .constantFrom('FOO', 'true', 'false', '', 'NOT', 'a"b', "it's", 'env', 'branch')
    .map((value): Operand => ({ kind: 'value', text: value })),
  text.map((value): Operand => ({ kind: 'value', text: value })),
  fc
    .constantFrom('FOO', 'BAR')
    .map((name): Operand => ({ kind: 'call', name: 'env', args: [{ kind: 'value', text: name }] })),
  fc.array(text, { maxLength: 3 }).map(
    (parts): Operand => ({
      kind: 'call',
      name: 'concat',
      args: parts.map((part) => ({ kind: 'value', text: part })),
    }),
  ),
);
const pattern = fc.constantFrom('^a', 'b$', '[ab]+', '.*', 'x|y', 'a\\/b', '\\Aa');
const expression = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    operand.map((one): Expression => ({ kind: 'bare', operand: one })),
    fc
      .tuple(operand, fc.boolean(), operand)
      .map(([left, negated, right]): Expression => ({ kind: 'equal', left, negated, right })),
    fc.tuple(operand, fc.boolean(), fc.constantFrom('present', 'blank', 'true', 'false')).map(
      ([one, negated, predicate]): Expression => ({
        kind: 'is',
        operand: one,
        negated,
        predicate,
      }),
    ),
    fc
      .tuple(operand, fc.boolean(), fc.array(operand, { minLength: 1, maxLength: 3 }))
      .map(([one, negated, list]): Expression => ({ kind: 'in', operand: one, negated, list })),
    fc.tuple(operand, fc.boolean(), pattern, fc.boolean()).map(
      ([one, negated, source, slashes]): Expression => ({
        kind: 'match',
        operand: one,
        negated,
        pattern: { kind: 'regex', source, slashes },
      }),
    ),
    tie('any').map((inner): Expression => ({ kind: 'not', expression: inner })),
    fc
      .tuple(fc.constantFrom('and', 'or'), tie('any'), tie('any'))
      .map(([kind, left, right]): Expression => ({ kind, left, right })),
  ),
})).any;

describe('properties', () => {
  test('printing and parsing again changes nothing', () => {
    const given = fc.record({
      branch: fc.constantFrom('a', 'b', 'master', null),
      tag: fc.constantFrom('a/b', '', 'true', null),
      type: fc.constantFrom('push', 'cron'),
      env: fc.constantFrom({ FOO: 'a' }, { FOO: 'false', BAR: 'b' }, {}),
    });
    fc.assert(
      fc.property(expression, given, (tree, values) => {
        const printed = printCondition(tree);
        const again = parseCondition(printed);
        expect(evaluateCondition(again, values)).toBe(evaluateCondition(tree, values));
        expect(printCondition(again)).toBe(printed);
      }),
      { numRuns: 2000 },
    );
  });

  test('what can be parsed is printed with its meaning; nothing else than a ConditionError is thrown', () => {
    const words = fc.constantFrom(
      ...[
        'branch',
        'tag',
        '=',
        '!=',
        '=~',
        '!~',
        '(',
        ')',
        'IN',
        'NOT',
        // the closing parenthesis is the condition's, spec 13
        'branch =~ ^(mas|dev) OR true',
        'OR',
        'IS',
        'present',
      ],
      ...[
        'env',
        'concat',
        ',',
        '"a"',
        "'",
        '/a/',
        '^a',
        '\\',
        '$',
        '!',
        '||',
        '&&',
        'x',
        ' ',
        '\n',
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.boolean(), (parts, spaced) => {
        const source = parts.join(spaced ? ' ' : '');
        try {
          const tree = parseCondition(source);
          const again = parseCondition(printCondition(tree));
          expect(evaluateCondition(again, data)).toBe(evaluateCondition(tree, data));
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
