/** A set of files to be judged: all paths, and the texts of those that tell something. Pure: nothing is read here. */
export interface Project {
  readonly paths: readonly string[];
  has(path: string): boolean;
  /** The first path that matches, shallow ones first. */
  find(pattern: RegExp): string | null;
  /** Null when there is no such file or its text was not read. */
  text(path: string): string | null;
  /** A JSON object; null when it is none, or no file. */
  json(path: string): Readonly<Record<string, unknown>> | null;
}

export function createProject(
  paths: readonly string[],
  texts: ReadonlyMap<string, string>,
): Project {
  const all = [...new Set([...paths, ...texts.keys()])].sort(
    (one, other) => depth(one) - depth(other) || (one < other ? -1 : 1),
  );
  const there = new Set(all);
  const text = (path: string) => texts.get(path) ?? null;
  return {
    paths: all,
    has: (path) => there.has(path),
    find: (pattern) => all.find((path) => pattern.test(path)) ?? null,
    text,
    json: (path) => {
      const source = text(path);
      return source === null ? null : readObject(source);
    },
  };
}

const depth = (path: string): number => path.split('/').length;

export function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line (from 1) on which `pattern` first matches; null when it does not. */
export function lineOf(text: string | null, pattern: RegExp): number | null {
  const index = (text ?? '').split('\n').findIndex((line) => pattern.test(line));
  return index < 0 ? null : index + 1;
}

/** Root files whose texts tell something; of what lies deeper only a few are read. */
const TELLING = new Set([
  ...['.travis.yml', 'Procfile', 'app.json', 'heroku.yml', 'Aptfile', 'static.json', 'Dockerfile'],
  ...['package.json', '.nvmrc', '.node-version', 'tox.ini', 'setup.cfg', 'setup.py', 'pytest.ini'],
  ...['requirements.txt', 'requirements-dev.txt', 'requirements-test.txt', 'dev-requirements.txt'],
  ...['test-requirements.txt', 'requirements/dev.txt', 'requirements/test.txt', 'pyproject.toml'],
  ...[
    'Pipfile',
    'runtime.txt',
    '.python-version',
    '.flake8',
    'Gemfile',
    '.ruby-version',
    'Rakefile',
  ],
  ...['go.mod', 'Cargo.toml', 'rust-toolchain', 'rust-toolchain.toml', 'composer.json', 'pom.xml'],
  ...[
    'build.gradle',
    'build.gradle.kts',
    'Makefile',
    'makefile',
    'system.properties',
    '.tool-versions',
  ],
]);
const PYTHON_ENTRY =
  /^(?:[\w-]+\/)?(?:app|main|wsgi|asgi|application|server|run|__init__|settings)\.py$/;
const NODE_ENTRY = /^(?:server|index|app|main)\.[cm]?js$/;
const PYTHON_TEST = /(?:^|\/)(?:test_\w+|\w+_test|tests)\.py$/;
const MOST_ENTRIES = 24;

/** Which of a repository's files must be read to judge it. */
export function tellingPaths(paths: readonly string[]): string[] {
  const root = paths.filter((path) => TELLING.has(path));
  const entries = paths
    .filter((path) => PYTHON_ENTRY.test(path) || NODE_ENTRY.test(path))
    .sort((one, other) => depth(one) - depth(other));
  const tests = paths.filter((path) => PYTHON_TEST.test(path)).slice(0, 3);
  return [...new Set([...root, ...entries.slice(0, MOST_ENTRIES), ...tests])];
}
