import { type ReleaseCommand, RuntimeFailure } from '../runtime.ts';
import type { Procfile } from './procfile.ts';

/** How to run an image, kept as its `plan`. Paths in it are absolute unless said otherwise. */
export interface Plan {
  readonly processes: readonly PlannedProcess[];
  readonly releaseCommands: readonly ReleaseCommand[];
  /** Directories to put before the system's on PATH, the first first. */
  readonly path: readonly string[];
  /** What else of the machine it needs to read: toolchains in unusual places. */
  readonly readable: readonly string[];
}

export interface PlannedProcess {
  readonly type: string;
  readonly how:
    | { readonly kind: 'command'; readonly command: string }
    /** Relative to the checkout. */
    | { readonly kind: 'static'; readonly directory: string };
}

/** Facts about a checkout, gathered once. */
export interface SourceFacts {
  /** Names in its root directory. */
  readonly names: ReadonlySet<string>;
  readonly procfile: Procfile | null;
  readonly packageJson: PackageJson | null;
  /** Those of `STATIC_DIRECTORIES` that hold an index.html. */
  readonly staticDirectories: readonly string[];
}

export interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>;
  readonly nodeVersion: string | null;
}

/** Where built or plain pages lie, the first that has an index.html wins. */
export const STATIC_DIRECTORIES = ['.', 'dist', 'build', 'public', '_site', 'out'] as const;

const PYTHON_FILES = [
  'requirements.txt',
  'runtime.txt',
  '.python-version',
  'Pipfile',
  'pyproject.toml',
  'setup.py',
  'manage.py',
];

export function isPython(facts: SourceFacts): boolean {
  return (
    PYTHON_FILES.some((name) => facts.names.has(name)) ||
    [...facts.names].some((name) => name.endsWith('.py'))
  );
}

export function isNode(facts: SourceFacts): boolean {
  return facts.packageJson !== null;
}

/**
 * What runs, and how. Procfile first; where it has no `web`, the `start` script of package.json; then static pages.
 * Throws `RuntimeFailure` `no_start_command` when nothing says it.
 */
export function planProcesses(facts: SourceFacts): PlannedProcess[] {
  const named = [...(facts.procfile?.processes ?? [])]
    .filter(([type]) => type !== 'release')
    .map(([type, command]): PlannedProcess => ({ type, how: { kind: 'command', command } }));
  if (named.some((process) => process.type === 'web')) return named;
  if (facts.packageJson?.scripts['start'] !== undefined) {
    return [{ type: 'web', how: { kind: 'command', command: 'npm start' } }, ...named];
  }
  const [directory] = facts.staticDirectories;
  if (directory !== undefined)
    return [{ type: 'web', how: { kind: 'static', directory } }, ...named];
  throw new RuntimeFailure(
    'no_start_command',
    facts.procfile === null
      ? 'Nothing in this commit says how to run it. Add a Procfile with a line "web: <command>" (the command must listen ' +
          'on the port in $PORT), a "start" script in package.json, or an index.html.'
      : 'The Procfile has no "web" process. Add a line "web: <command>"; the command must listen on the port in $PORT.',
  );
}

export function planReleaseCommands(facts: SourceFacts): ReleaseCommand[] {
  const command = facts.procfile?.processes.get('release');
  return command === undefined ? [] : [{ label: 'Procfile release', command }];
}
