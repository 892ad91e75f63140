import type { Tool } from './types.ts';
import { versionNumbers } from './version.ts';

/** What a `.travis.yml` asks for, understood. */
export interface VersionRequest {
  flavour: string;
  /** Leading numbers that must agree; empty: any, the newest is meant. */
  numbers: number[];
  /** A word that is a version by itself: `stable`, `nightly`. */
  channel: string | null;
  /** Only an even major version will do (Node's long-term lines). */
  longTerm: boolean;
  /** A version that is not released, so that the newest release can only stand in for it. */
  unreleased: boolean;
}

const DEFAULT_FLAVOUR: Record<Tool, string> = {
  python: 'cpython',
  node: 'node',
  ruby: 'ruby',
  go: 'go',
  rust: 'rust',
  jdk: 'jdk',
  php: 'php',
};

const UNRELEASED =
  /^(nightly|master|main|tip|head|dev|latest-dev)$|-(dev|head|nightly)$|^(ruby|jruby)-head$/;
const NEWEST = new Set(['node', 'stable', 'latest', 'current', 'default', 'system', 'iojs']);
const RUST_CHANNEL = /^(stable|beta|nightly)(-.*)?$/;

/** Names of Node's long-term lines, which people write as `lts/hydrogen`. */
const NODE_LINES: Record<string, number> = {
  argon: 4,
  boron: 6,
  carbon: 8,
  dubnium: 10,
  erbium: 12,
  fermium: 14,
  gallium: 16,
  hydrogen: 18,
  iron: 20,
  jod: 22,
  krypton: 24,
};

/** Reads a version as people write it for Travis: `3.6`, `3.6-dev`, `pypy3`, `lts/*`, `v20`, `1.21.x`, `openjdk11`. */
export function parseRequest(tool: Tool, written: string): VersionRequest {
  const word = written.trim().toLowerCase();
  const request: VersionRequest = {
    flavour: DEFAULT_FLAVOUR[tool],
    numbers: [],
    channel: null,
    longTerm: false,
    unreleased: UNRELEASED.test(word),
  };
  if (tool === 'rust' && RUST_CHANNEL.test(word)) {
    return { ...request, channel: word, unreleased: false };
  }
  if (tool === 'node' && word.startsWith('lts/')) {
    const line = word.slice(4);
    const major = NODE_LINES[line];
    return major === undefined ? { ...request, longTerm: true } : { ...request, numbers: [major] };
  }
  if (NEWEST.has(word)) return request;
  let rest = word;
  const flavour =
    /^(pypy|jruby|truffleruby|rbx|mruby|ruby|openjdk|oraclejdk|jdk|go|python|php|node|v)-?/.exec(
      rest,
    );
  if (flavour) {
    const name = flavour[1] as string;
    rest = rest.slice(flavour[0].length);
    if (['pypy', 'jruby', 'truffleruby', 'rbx', 'mruby'].includes(name)) request.flavour = name;
  }
  return { ...request, numbers: versionNumbers(rest) ?? [] };
}
