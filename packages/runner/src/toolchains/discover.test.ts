import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discoverToolchains } from './discover.ts';

let home: string;

function program(path: string): void {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, '#!/bin/sh\nexit 0\n');
  chmodSync(full, 0o755);
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-toolchains-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('discoverToolchains', () => {
  it('finds what version managers keep, and not what is half installed or named by a person', async () => {
    program('.pyenv/versions/3.6.15/bin/python3');
    program('.pyenv/versions/pypy3.9-7.3.11/bin/pypy3');
    program('.pyenv/versions/my-project/bin/python3');
    mkdirSync(join(home, '.pyenv/versions/3.9.0'), { recursive: true });
    program('.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/bin/python3');
    program('.local/share/mise/installs/python/3.11.4/bin/python');
    symlinkSync('3.11.4', join(home, '.local/share/mise/installs/python/3.11'));
    program('.asdf/installs/python/3.8.18/bin/python3');
    program('.nvm/versions/node/v18.19.0/bin/node');
    program('.local/share/fnm/node-versions/v20.1.0/installation/bin/node');
    program('.rbenv/versions/3.2.2/bin/ruby');
    program('.rbenv/versions/jruby-9.4.5.0/bin/ruby');
    program('sdk/go1.21.5/bin/go');
    program('.rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/rustc');
    program('.sdkman/candidates/java/17.0.9/bin/java');
    const found = await discoverToolchains({ home, path: '' });
    const here = found
      .filter((one) => one.program.startsWith(home))
      .map((one) => `${one.tool} ${one.flavour} ${one.version} ${one.source}`);
    expect(here).toEqual([
      'python cpython 3.12.1 uv',
      'python cpython 3.11.4 mise',
      'python pypy 3.9 pyenv',
      'python cpython 3.8.18 asdf',
      'python cpython 3.6.15 pyenv',
      'node node 20.1.0 fnm',
      'node node 18.19.0 nvm',
      'ruby jruby 9.4.5.0 rbenv',
      'ruby ruby 3.2.2 rbenv',
      'go go 1.21.5 go',
      'rust rust stable rustup',
      'jdk jdk 17.0.9 sdkman',
    ]);
  });

  it('asks programs on PATH for their version, and leaves shims alone', async () => {
    program('.pyenv/shims/python3');
    const found = await discoverToolchains({ home, path: `${home}/.pyenv/shims:/usr/bin` });
    expect(found.map((one) => one.program).filter((path) => path.includes('shims'))).toEqual([]);
    const system = found.filter((one) => one.source === 'PATH' && one.tool === 'python');
    for (const one of system) expect(one.version).toMatch(/^\d+\.\d+\.\d+/);
  });
});
