import { tmpdir } from 'node:os';
import { createRepository, type TestRepository } from '@sluice/testing/git';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistory } from './history.ts';
import { createGitProcesses, type GitProcesses } from './process.ts';

const { PATH: searchPath = '' } = process.env;
const git = createGitProcesses({ home: tmpdir(), searchPath });
const place = (repository: TestRepository) => `${repository.path}/.git`;

test('a branch that grows, is rewritten and turned around: the same answers as from scratch', async () => {
  const step = fc.record({
    kind: fc.constantFrom('commit', 'commit', 'merge', 'turn', 'rewrite', 'side'),
    back: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const repository = await createRepository();
      try {
        await repository.commit('root');
        await repository.git('branch', 'side');
        const following = createHistory(git, place(repository));
        for (const [index, { kind, back }] of steps.entries()) {
          await repository.checkout(kind === 'side' ? 'side' : 'main');
          if (kind === 'commit' || kind === 'side') await repository.commit(`${kind} ${index}`);
          else if (kind === 'rewrite') {
            await repository.tryGit('reset', '-q', '--hard', `HEAD~${back}`);
            await repository.commit(`instead ${index}`);
          } else if (kind === 'turn') {
            await repository.git('checkout', '-q', '-B', 'turned', 'side');
            await repository.tryGit('merge', '-q', '--no-ff', 'main');
            await repository.git('branch', '-f', 'main', 'turned');
          } else await repository.tryGit('merge', '-q', '--no-ff', 'side');
          const commits = (await repository.git('rev-list', '--all')).split('\n');
          const fresh = createHistory(git, place(repository));
          for (const commit of commits.slice(0, 6)) {
            const expected = await fresh.mergedAt(commit, 'main');
            expect(await following.mergedAt(commit, 'main')).toEqual(expected);
            const other = commits[(index * 7) % commits.length] ?? commit;
            expect(await following.isAncestor(commit, other)).toBe(
              (await repository.tryGit('merge-base', '--is-ancestor', commit, other)).status === 0,
            );
          }
        }
      } finally {
        await repository.remove();
      }
    }),
    { numRuns: 6 },
  );
});

test('a new head costs one git process, whatever the number of commits in play', async () => {
  let processes = 0;
  const counting: GitProcesses = {
    ...git,
    run: (...args) => {
      processes += 1;
      return git.run(...args);
    },
    text: (...args) => {
      processes += 1;
      return git.text(...args);
    },
  };
  const repository = await createRepository();
  try {
    const history = createHistory(counting, place(repository));
    const commits = [await repository.commit('root')];
    await history.mergedAt(commits[0] ?? '', 'main');
    for (let index = 0; index < 5; index += 1) {
      commits.push(await repository.commit(`commit ${index}`));
      processes = 0;
      for (const [position, commit] of commits.entries()) {
        expect(await history.present(commits.at(-1) ?? '')).toBe(true);
        expect(await history.mergedAt(commit, 'main')).toEqual({ firstParentIndex: position });
        expect(await history.isAncestor(commit, commits.at(-1) ?? '')).toBe(true);
      }
      // One more: whether the new commit is there was asked before the branch was.
      expect(processes).toBeLessThanOrEqual(2);
    }
  } finally {
    await repository.remove();
  }
});
