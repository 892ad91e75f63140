import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSource, type SourceRequest } from './source.ts';
import { findWorkingTree, slugOf } from './working-tree.ts';

let folder: string;
let project: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-source-'));
  project = join(folder, 'a project: 100%');
  mkdirSync(project);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  const more = ['-c', 'protocol.file.allow=always'];
  const options = { encoding: 'utf8', env: environment, stdio: 'pipe' } as const;
  return execFileSync('git', ['-C', directory, ...identity, ...more, ...args], options).trim();
}

function write(path: string, text: string, directory = project): void {
  mkdirSync(join(directory, path, '..'), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function commitAll(message: string): void {
  git(project, 'add', '-A');
  git(project, 'commit', '-qm', message);
}

/** Clones the source as a job would, far from the user's repository. */
async function cloned(changes: Partial<SourceRequest> = {}) {
  const tree = await findWorkingTree(project, environment);
  const path = join(folder, 'source.git');
  const source = await makeSource({
    tree,
    path,
    branch: tree.branch,
    tag: null,
    depth: 50,
    environment,
    ...changes,
  });
  const clone = join(folder, 'clone');
  git(
    folder,
    'clone',
    '-q',
    '--depth=50',
    `--branch=${changes.tag ?? tree.branch}`,
    `file://${path}`,
    clone,
  );
  git(clone, 'checkout', '-qf', source.sha);
  const read = (file: string) => readFileSync(join(clone, file), 'utf8');
  const files = readdirSync(clone)
    .filter((name) => name !== '.git')
    .sort();
  return { tree, source, clone, read, files };
}

/** Everything below a folder with time and size. Of an object that is used again git renews the time, and that is all. */
function fingerprint(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mtimeMs, size } = statSync(join(directory, name));
      return /objects\/..\/./.test(name) ? `${name} ${size}` : `${name} ${mtimeMs} ${size}`;
    });
}

test('a clean working tree is the commit that is checked out, with its history and tags', async () => {
  git(project, 'init', '-qb', 'topic/one');
  write('a', '1');
  commitAll('First');
  git(project, 'tag', 'v1');
  write('a', '2');
  commitAll('Second\n\nBody');
  const { source, clone, tree } = await cloned();
  expect(source).toEqual({
    sha: git(project, 'rev-parse', 'HEAD'),
    message: 'Second\n\nBody',
    isChanged: false,
  });
  expect(tree).toMatchObject({ branch: 'topic/one', slug: 'local/a-project--100-' });
  expect(git(clone, 'describe', '--tags')).toMatch(/^v1-1-g/);
});

test('uncommitted changes are in, ignored files are not, and the repository stays as it was', async () => {
  git(project, 'init', '-qb', 'main');
  write('.gitignore', 'secret\n');
  write('changed', 'old');
  write('gone', 'x');
  commitAll('First');
  write('changed', 'new');
  write('secret', 'password');
  write('untracked', 'u');
  write('staged', 's');
  git(project, 'add', 'staged');
  rmSync(join(project, 'gone'));
  const before = fingerprint(project);
  const { read, files, source, clone } = await cloned();
  expect(fingerprint(project)).toEqual(before);
  expect(files).toEqual(['.gitignore', 'changed', 'staged', 'untracked']);
  expect([read('changed'), read('staged'), read('untracked')]).toEqual(['new', 's', 'u']);
  expect(source).toMatchObject({ isChanged: true, message: 'First' });
  expect(git(clone, 'rev-parse', 'HEAD^')).toBe(git(project, 'rev-parse', 'HEAD'));
  git(clone, 'fsck', '--no-dangling');
});

test('a file whose content another branch has is there too', async () => {
  git(project, 'init', '-qb', 'main');
  write('a', '1');
  commitAll('First');
  git(project, 'checkout', '-qb', 'other');
  write('b', 'only on the other branch');
  commitAll('Other');
  git(project, 'checkout', '-q', 'main');
  write('c', 'only on the other branch');
  expect((await cloned()).read('c')).toBe('only on the other branch');
});

test('a change in the moment after a commit, of the same size, is seen', async () => {
  const moment = 1_700_000_000;
  git(project, 'init', '-qb', 'main');
  // Of a file's times only the one that a test can set shall count.
  git(project, 'config', 'core.trustctime', 'false');
  write('a', 'one');
  utimesSync(join(project, 'a'), moment, moment);
  commitAll('First');
  utimesSync(join(project, '.git/index'), moment, moment);
  write('a', 'two');
  utimesSync(join(project, 'a'), moment, moment);
  expect((await cloned()).read('a')).toBe('two');
});

test('a folder without a repository, and one before its first commit', async () => {
  write('.gitignore', 'left-out\n');
  write('left-out', '');
  write('deep/file', 'text');
  const { files, tree, read } = await cloned();
  expect(tree).toMatchObject({ repository: null, branch: 'main' });
  expect(files).toEqual(['.gitignore', 'deep']);
  expect(read('deep/file')).toBe('text');
  expect(readdirSync(project).sort()).toEqual(['.gitignore', 'deep', 'left-out']);

  rmSync(join(folder, 'source.git'), { recursive: true });
  rmSync(join(folder, 'clone'), { recursive: true });
  git(project, 'init', '-qb', 'trunk');
  const unborn = await cloned();
  expect(unborn.tree.branch).toBe('trunk');
  expect(unborn.files).toEqual(['.gitignore', 'deep']);
});

test('submodules come in with their own uncommitted state', async () => {
  const library = join(folder, 'library');
  mkdirSync(library);
  git(library, 'init', '-qb', 'main');
  write('lib', '1', library);
  git(library, 'add', '-A');
  git(library, 'commit', '-qm', 'Library');
  git(project, 'init', '-qb', 'main');
  git(project, 'submodule', '--quiet', 'add', library, 'vendor/lib');
  commitAll('First');
  write('vendor/lib/lib', '2');
  write('vendor/lib/new', '3');
  const { read, clone } = await cloned();
  expect([read('vendor/lib/lib'), read('vendor/lib/new')]).toEqual(['2', '3']);
  git(clone, 'submodule', 'update', '--init', '--recursive', '--quiet');
});

test('a tag build, from a subfolder, inside a hook', async () => {
  git(project, 'init', '-qb', 'main');
  write('sub/a', '1');
  commitAll('First');
  const hook = { ...environment, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' };
  const tree = await findWorkingTree(join(project, 'sub'), hook);
  expect(tree.root).toBe(project);
  const { clone } = await cloned({ tree, tag: 'v2', environment: hook });
  expect(git(clone, 'describe', '--tags', '--exact-match')).toBe('v2');
});

test.each([
  ['git@example.org:org/app.git', 'org/app'],
  ['https://example.org/org/app', 'org/app'],
  ['ssh://git@example.org:22/group/sub/app.git/', 'sub/app'],
  ['/srv/git/app', 'git/app'],
  ['app', null],
  ['../..', null],
  [null, null],
])('the slug of %s is %s', (url, slug) => {
  expect(slugOf(url)).toBe(slug);
});
