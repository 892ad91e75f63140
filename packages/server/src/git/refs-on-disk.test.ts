import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterEach, expect, test } from 'vitest';
import { headBranch, refsOnDisk } from './refs-on-disk.ts';

let repository: TestRepository;
afterEach(() => repository.remove());

/** What git itself says. */
async function refsOfGit(): Promise<Map<string, string>> {
  const text = await repository.git('for-each-ref', '--format=%(refname) %(objectname)');
  return new Map(text.split('\n').map((line) => line.split(' ') as [string, string]));
}

test('loose, packed, both, and moved after packing: as git reads them', async () => {
  repository = await createRepository();
  await repository.commit('one');
  await repository.tag('v1', 'annotated');
  await repository.branch('feature/deep/er');
  const folder = join(repository.path, '.git');
  expect(await refsOnDisk(folder)).toEqual(await refsOfGit());

  await repository.git('pack-refs', '--all');
  expect(await refsOnDisk(folder)).toEqual(await refsOfGit());

  await repository.commit('two');
  await repository.git('branch', 'later');
  expect(await refsOnDisk(folder)).toEqual(await refsOfGit());

  await repository.git('branch', '-D', 'later');
  await repository.git('tag', '-d', 'v1');
  expect(await refsOnDisk(folder)).toEqual(await refsOfGit());
});

test('what only git should read is left to it', async () => {
  repository = await createRepository();
  await repository.commit('one');
  const folder = join(repository.path, '.git');
  await repository.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  expect(await refsOnDisk(folder)).toBeNull();
  await repository.git('symbolic-ref', '--delete', 'refs/heads/alias');
  await writeFile(join(folder, 'refs/heads/torn'), '12');
  expect(await refsOnDisk(folder)).toBeNull();
});

test('HEAD names a branch, also one without a commit, or none', async () => {
  repository = await createRepository({ branch: 'trunk' });
  const folder = join(repository.path, '.git');
  expect(await headBranch(folder)).toBe('trunk');
  await repository.commit('one');
  await repository.git('checkout', '-q', '--detach');
  expect(await headBranch(folder)).toBeNull();
});
