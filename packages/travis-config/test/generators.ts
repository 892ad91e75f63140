import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

const directory = join(import.meta.dirname, 'corpus');
const corpus = readdirSync(directory)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => readFileSync(join(directory, name), 'utf8'));

const words = [
  ...['language', 'os', 'env', 'jobs', 'matrix', 'include', 'exclude', 'allow_failures', 'stages'],
  ...['script', 'install', 'deploy', 'provider', 'on', 'if', 'cache', 'addons', 'apt', 'global'],
  ...['notifications', 'email', 'import', 'branches', 'only', 'secure', 'python', 'rvm', 'name'],
  ...[
    'branch = master',
    'A=1 B="x y"',
    '3.10',
    'true',
    'no',
    '~',
    '<<',
    '*a',
    '&a',
    '!t',
    '%',
    '|',
  ],
  ...[
    '>',
    '-',
    '- ',
    ': ',
    ':',
    '\n',
    '\n  ',
    '\n    ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"',
    "'",
    '#',
    '\t',
  ],
  ...[
    '__proto__',
    'constructor',
    '\u0000',
    '\uFEFF',
    '\ud800',
    '😀',
    '\r\n',
    '---\n',
    '...\n',
    '?',
  ],
];

/** Text made of what YAML and Travis give a meaning to, and of anything else. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

const scalar = fc.constantFrom<unknown>(
  ...[null, true, false, 0, 1, 3.1, -2, '', 'a', 'linux', 'osx', 'windows', 'python', 'go', 'ruby'],
  ...[
    'A=1',
    'A=1 B=2',
    'A="',
    'true',
    'no',
    'skip',
    'script',
    'npm',
    'master',
    '/^v/',
    'test',
    'Test',
  ],
  ...[
    'branch = master',
    'env(A) = 1',
    '= x',
    'false',
    'always',
    'pip',
    'a.yml',
    'v0',
    '~/x',
    'amd64',
  ],
);

const keys = fc.constantFrom(
  ...[
    'language',
    'os',
    'dist',
    'arch',
    'python',
    'rvm',
    'ruby',
    'gemfile',
    'go',
    'compiler',
    'jdk',
  ],
  ...[
    'env',
    'global',
    'jobs',
    'matrix',
    'include',
    'exclude',
    'allow_failures',
    'fast_finish',
    'stages',
  ],
  ...[
    'stage',
    'name',
    'if',
    'allow_failure',
    'script',
    'install',
    'before_install',
    'deploy',
    'on',
  ],
  ...[
    'provider',
    'cache',
    'directories',
    'addons',
    'apt',
    'packages',
    'sources',
    'services',
    'git',
  ],
  ...[
    'depth',
    'branches',
    'only',
    'except',
    'notifications',
    'email',
    'slack',
    'rooms',
    'on_success',
  ],
  ...[
    'import',
    'source',
    'mode',
    'secure',
    'A',
    'B',
    'conditions',
    'version',
    'sudo',
    'vm',
    'timeout',
  ],
  ...[
    '_private',
    '.x',
    'x-y',
    'unknown',
    'scirpt',
    'before-script',
    'enabled',
    'workspaces',
    '__proto__',
  ],
);

const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('any'), { maxLength: 3 }) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.tuple(keys, tie('any')), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries)),
    },
  ),
})).any;

/** Configurations with the right words in the wrong places. JSON is YAML. */
export const configText: fc.Arbitrary<string> = fc
  .array(fc.tuple(keys, value), { maxLength: 8 })
  .map((entries) => JSON.stringify(Object.fromEntries(entries), null, 1));

/** A corpus file with a piece cut out, doubled, moved or replaced. */
export const mutatedText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.array(
      fc.tuple(
        fc.nat(2_000),
        fc.nat(30),
        fc.oneof(
          fc.constantFrom('', ...words),
          fc.constantFrom(...corpus).map((text) => text.slice(0, 60)),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, cuts]) =>
    cuts.reduce((result, [at, length, piece]) => {
      const start = at % (result.length + 1);
      return result.slice(0, start) + piece + result.slice(start + length);
    }, text),
  );
