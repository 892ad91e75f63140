import type { Tool } from './types.ts';

/** A directory that holds one directory for each installed version. */
export interface Place {
  tool: Tool;
  source: string;
  /** Relative to the home directory, or absolute. */
  directory: string;
  /** From the version's directory to the programs. */
  bin: string;
  /** Which of a version directory's names count, and where in them flavour and version stand. */
  name: RegExp;
}

const PYTHON = /^(?<flavour>pypy)?(?<version>\d+\.\d+(?:\.\d+)?(?:[abrc]+\d+|-dev)?)(?:[-_].*)?$/;
const PLAIN = /^v?(?<version>\d+(?:\.\d+)*)$/;
const RUBY = /^(?:(?<flavour>jruby|truffleruby)-|ruby-)?(?<version>\d+(?:\.\d+)*)(?:-p\d+)?$/;
const JDK = /^.*?(?<version>\d+(?:\.\d+)*).*$/;
const RUST = /^(?<version>stable|beta|nightly(?:-\d{4}-\d{2}-\d{2})?|\d+(?:\.\d+)*)-.*$/;
const UV = /^(?:cpython|(?<flavour>pypy))-(?<version>\d+\.\d+(?:\.\d+)?[abrc0-9]*)-.*$/;

/** Where the usual version managers keep what they install (issue 2, item 2). */
export const PLACES: readonly Place[] = [
  { tool: 'python', source: 'pyenv', directory: '.pyenv/versions', bin: 'bin', name: PYTHON },
  { tool: 'python', source: 'uv', directory: '.local/share/uv/python', bin: 'bin', name: UV },
  {
    tool: 'python',
    source: 'mise',
    directory: '.local/share/mise/installs/python',
    bin: 'bin',
    name: PYTHON,
  },
  { tool: 'python', source: 'asdf', directory: '.asdf/installs/python', bin: 'bin', name: PYTHON },
  { tool: 'node', source: 'nvm', directory: '.nvm/versions/node', bin: 'bin', name: PLAIN },
  {
    tool: 'node',
    source: 'fnm',
    directory: '.local/share/fnm/node-versions',
    bin: 'installation/bin',
    name: PLAIN,
  },
  {
    tool: 'node',
    source: 'fnm',
    directory: '.fnm/node-versions',
    bin: 'installation/bin',
    name: PLAIN,
  },
  { tool: 'node', source: 'volta', directory: '.volta/tools/image/node', bin: 'bin', name: PLAIN },
  { tool: 'node', source: 'n', directory: '/usr/local/n/versions/node', bin: 'bin', name: PLAIN },
  {
    tool: 'node',
    source: 'mise',
    directory: '.local/share/mise/installs/node',
    bin: 'bin',
    name: PLAIN,
  },
  { tool: 'node', source: 'asdf', directory: '.asdf/installs/nodejs', bin: 'bin', name: PLAIN },
  { tool: 'ruby', source: 'rbenv', directory: '.rbenv/versions', bin: 'bin', name: RUBY },
  { tool: 'ruby', source: 'rvm', directory: '.rvm/rubies', bin: 'bin', name: RUBY },
  {
    tool: 'ruby',
    source: 'mise',
    directory: '.local/share/mise/installs/ruby',
    bin: 'bin',
    name: RUBY,
  },
  { tool: 'ruby', source: 'asdf', directory: '.asdf/installs/ruby', bin: 'bin', name: RUBY },
  { tool: 'go', source: 'go', directory: 'sdk', bin: 'bin', name: /^go(?<version>\d+(?:\.\d+)*)$/ },
  { tool: 'go', source: 'goenv', directory: '.goenv/versions', bin: 'bin', name: PLAIN },
  {
    tool: 'go',
    source: 'mise',
    directory: '.local/share/mise/installs/go',
    bin: 'bin',
    name: PLAIN,
  },
  { tool: 'go', source: 'asdf', directory: '.asdf/installs/golang', bin: 'go/bin', name: PLAIN },
  { tool: 'rust', source: 'rustup', directory: '.rustup/toolchains', bin: 'bin', name: RUST },
  { tool: 'jdk', source: 'sdkman', directory: '.sdkman/candidates/java', bin: 'bin', name: PLAIN },
  { tool: 'jdk', source: 'system', directory: '/usr/lib/jvm', bin: 'bin', name: JDK },
  {
    tool: 'jdk',
    source: 'mise',
    directory: '.local/share/mise/installs/java',
    bin: 'bin',
    name: JDK,
  },
  { tool: 'jdk', source: 'asdf', directory: '.asdf/installs/java', bin: 'bin', name: JDK },
  { tool: 'php', source: 'phpenv', directory: '.phpenv/versions', bin: 'bin', name: PLAIN },
];

/** The program that proves an installation, first that exists. */
export const PROGRAMS: Record<Tool, readonly string[]> = {
  python: ['python3', 'python', 'pypy3', 'pypy'],
  node: ['node'],
  ruby: ['ruby'],
  go: ['go'],
  rust: ['rustc'],
  jdk: ['javac', 'java'],
  php: ['php'],
};

/** Programs on PATH by versioned and plain name, and how each says its version. */
export const ON_PATH: readonly { tool: Tool; name: RegExp; flavour?: string; ask: string[] }[] = [
  { tool: 'python', name: /^python(\d+(\.\d+)?)?$/, ask: ['--version'] },
  { tool: 'python', name: /^pypy3?(\.\d+)?$/, flavour: 'pypy', ask: ['--version'] },
  { tool: 'node', name: /^node(js)?(-?\d+)?$/, ask: ['--version'] },
  { tool: 'ruby', name: /^ruby(\d+\.\d+)?$/, ask: ['--version'] },
  { tool: 'go', name: /^go(\d+\.\d+)?$/, ask: ['version'] },
  { tool: 'rust', name: /^rustc$/, ask: ['--version'] },
  { tool: 'jdk', name: /^javac$/, ask: ['-version'] },
  { tool: 'php', name: /^php(\d+\.\d+)?$/, ask: ['--version'] },
];

/**
 * Directories under the home of whoever runs Sluice that jobs may read: toolchains, nothing with credentials (so `.cargo/bin`
 * and not `.cargo`, where a registry's token lies).
 */
export const TOOLCHAIN_ROOTS: readonly string[] = [
  '.pyenv',
  '.local/share/uv',
  '.local/share/mise',
  '.asdf',
  '.nvm/versions',
  '.local/share/fnm',
  '.fnm',
  '.volta/tools',
  '.rbenv',
  '.rvm',
  'sdk',
  '.goenv',
  '.rustup',
  '.cargo/bin',
  '.sdkman/candidates',
  '.phpenv',
];
