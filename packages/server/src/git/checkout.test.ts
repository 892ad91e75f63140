import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/git';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkout } from './checkout.ts';
import { readCommit, readCommits, readFile as readFileAt } from './objects.ts';
import { createGitProcesses } from './process.ts';

const { PATH: searchPath = '' } = process.env;
const git = createGitProcesses({ home: tmpdir(), searchPath });
let repository: TestRepository;
let directory: string;

beforeEach(async () => {
  repository = await createRepository();
  directory = await mkdtemp(join(tmpdir(), 'sluice-checkout-'));
  return async () => {
    await repository.remove();
    await rm(directory, { recursive: true, force: true });
  };
});

const bare = () => join(repository.path, '.git');
const out = (...parts: string[]) => join(directory, 'out', ...parts);

/** A tree written object by object, as a hostile client could; `git add` would refuse it. */
async function hostileCommit(entries: readonly string[]): Promise<string> {
  const input = `${entries.join('\n')}\n`;
  const tree = await runGit(repository.path, ['mktree', '--missing'], input);
  return repository.git('commit-tree', '-m', 'hostile', tree.stdout.trim());
}

test('writes exactly the files of the commit, modes and links kept, and leaves no index behind', async () => {
  await repository.git('config', 'core.symlinks', 'true');
  await mkdir(join(repository.path, 'bin'));
  await writeFile(join(repository.path, 'bin', 'run'), '#!/bin/sh\n', { mode: 0o755 });
  await runGit(repository.path, ['init', '-q']);
  const { symlink } = await import('node:fs/promises');
  await symlink('/etc/passwd', join(repository.path, 'link'));
  const sha = await repository.commit('first', { 'a b/ü.txt': 'text', 'line\nbreak': 'x' });
  await repository.commit('second', { 'later.txt': 'not here' });

  await checkout(git, bare(), sha, out());
  expect((await readdir(out())).sort()).toEqual(['a b', 'bin', 'line\nbreak', 'link']);
  expect(await readFile(out('a b', 'ü.txt'), 'utf8')).toBe('text');
  expect((await lstat(out('bin', 'run'))).mode & 0o111).not.toBe(0);
  expect(await readlink(out('link'))).toBe('/etc/passwd');
  expect((await readdir(bare())).filter((name) => name.includes('checkout-'))).toEqual([]);
});

test('nothing lands outside the directory, whatever the tree says', async () => {
  const blob = await runGit(repository.path, ['hash-object', '-w', '--stdin'], 'gotcha');
  const link = await runGit(repository.path, ['hash-object', '-w', '--stdin'], directory);
  const [file, target] = [blob.stdout.trim(), link.stdout.trim()];
  const inner = await runGit(repository.path, ['mktree'], `100644 blob ${file}\tescaped\n`);
  const subtree = inner.stdout.trim();
  const hostile = [
    [`040000 tree ${subtree}\t..`],
    [`040000 tree ${subtree}\t.git`],
    [`120000 blob ${target}\ttrap`, `040000 tree ${subtree}\ttrap`],
    [`100644 blob ${file}\t../escaped`],
  ];
  for (const entries of hostile) {
    const sha = await hostileCommit(entries).catch(() => null);
    if (sha !== null) await checkout(git, bare(), sha, out()).catch(() => undefined);
    expect(await readdir(directory), entries.join()).not.toContain('escaped');
    await rm(out(), { recursive: true, force: true });
  }
});

test('submodules, unknown commits and full directories are refused', async () => {
  const sha = await repository.commit('first', { 'a.txt': 'a' });
  const withSubmodule = await hostileCommit([`160000 commit ${sha}\tvendor`]);
  await expect(checkout(git, bare(), withSubmodule, out())).rejects.toMatchObject({
    code: 'invalid',
    reason: 'submodules',
    message: expect.stringContaining('vendor'),
  });
  for (const unknown of ['f'.repeat(40), 'main', '--help', '']) {
    await expect(checkout(git, bare(), unknown, out())).rejects.toMatchObject({
      code: 'not_found',
    });
  }
  await mkdir(out(), { recursive: true });
  await writeFile(out('kept'), 'kept');
  await expect(checkout(git, bare(), sha, out())).rejects.toMatchObject({ code: 'conflict' });
  expect(await readdir(out())).toEqual(['kept']);
});

test('reads files of a commit, regular ones only', async () => {
  const { symlink } = await import('node:fs/promises');
  await symlink('.travis.yml', join(repository.path, 'link'));
  const sha = await repository.commit('first', {
    '.travis.yml': 'language: python\n',
    'dir/ü*.txt': 'star',
    'dir/üx.txt': 'x',
  });
  const at = (path: string) => readFileAt(git, bare(), sha, path);
  expect(await at('.travis.yml')).toBe('language: python\n');
  expect(await at('dir/ü*.txt')).toBe('star');
  for (const path of ['nope', 'dir', 'link', '--help', ':(glob)**', 'dir/nope']) {
    expect(await at(path), path).toBeNull();
  }
  expect(await readFileAt(git, bare(), 'f'.repeat(40), '.travis.yml')).toBeNull();
  for (const path of ['', '/etc/passwd', '../x', 'dir/../x', 'dir/', './x', 'a\0b']) {
    await expect(at(path), path).rejects.toMatchObject({ code: 'invalid' });
  }
});

test('tells what a commit says, odd messages included', async () => {
  const first = await repository.commit('first');
  const message = 'Subject [skip ci]\n\n$(id) `ls` "quotes"\n\n-- dashes\nünïcode ☃';
  const sha = await repository.commit(message);
  expect(await readCommit(git, bare(), sha)).toMatchObject({
    sha,
    message,
    parents: [first],
    subject: 'Subject [skip ci]',
    author: { name: 'Test Author', email: 'author@example.com' },
    committer: { name: 'Test Committer', email: 'committer@example.com' },
    committedAt: expect.stringMatching(/^2023-11-14T22:1\d:\d\d(Z|\+00:00)$/),
  });
  await repository.tag('v1', 'release');
  const tagObject = await repository.git('rev-parse', 'v1');
  expect((await readCommit(git, bare(), tagObject))?.sha).toBe(sha);
  expect(await readCommit(git, bare(), 'f'.repeat(40))).toBeNull();
  expect(await readCommit(git, bare(), 'main')).toBeNull();
});

test('tells what many commits say at once, in the order of the question', async () => {
  const first = await repository.commit('first\n\nwith a body\n\n');
  const second = await repository.commit('second');
  const asked = [first, 'f'.repeat(40), second, 'main', first];
  const found = await readCommits(git, bare(), asked);
  expect(found.map(({ sha }) => sha)).toEqual([first, second]);
  for (const commit of found) expect(commit).toEqual(await readCommit(git, bare(), commit.sha));
  expect(await readCommits(git, bare(), ['f'.repeat(40)])).toEqual([]);
});

test('a machine without git gives one clear error', async () => {
  const none = createGitProcesses({ home: tmpdir(), searchPath: '/nonexistent' });
  await expect(none.run(['version'])).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'git_missing',
    remedy: expect.stringContaining('Install git'),
  });
});

afterEach(() => git.killAll());
