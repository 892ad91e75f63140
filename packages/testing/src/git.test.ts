import { afterEach, expect, test } from 'vitest';
import { cloneRepository, createRepository, growHistory, type TestRepository } from './git.ts';

const made: TestRepository[] = [];
const keep = (repository: TestRepository) => {
  made.push(repository);
  return repository;
};

afterEach(async () => {
  for (const repository of made.splice(0)) await repository.remove();
});

test('the same calls make the same commits', async () => {
  const shas = [];
  for (let round = 0; round < 2; round += 1) {
    const repository = keep(await createRepository());
    await repository.commit('first', { 'a.txt': 'a\n', 'dir/b.txt': 'b\n' });
    await repository.branch('feature');
    await repository.commit('second', { 'a.txt': null });
    await repository.checkout('main');
    await repository.commit('third');
    shas.push(await repository.merge('feature'));
  }
  expect(shas[0]).toBe(shas[1]);
});

test('clone, push and a long history', async () => {
  const origin = keep(await createRepository({ bare: true }));
  const work = keep(await createRepository());
  await work.commit('first', { 'a.txt': 'a\n' });
  const head = await growHistory(work, 'main', 1_000, 10);
  await work.push(origin.path, 'main');
  const clone = keep(await cloneRepository(`file://${origin.path}`));
  expect(await clone.sha()).toBe(head);
  expect(await clone.git('rev-list', '--count', '--first-parent', 'HEAD')).toBe('1001');
  expect(await clone.git('rev-list', '--count', 'HEAD')).toBe('1101');
});
