import { strict as assert } from 'node:assert';
import type { TestRepository } from './git.ts';

/**
 * Makes a history on top of a repository's first commit, with `main` at its end and checked out. Answers what is asked for,
 * and what must be live once all of it has ended (spec/ordering.md 3).
 */
export type HistoryShape = (
  origin: TestRepository,
) => Promise<{ readonly ask: readonly string[]; readonly live: string }>;

/** The shapes of history that are easily got wrong, each with the newest by ancestry. */
export const historyShapes: Readonly<Record<string, HistoryShape>> = {
  'a merge commit, its sides and itself': async (origin) => {
    await origin.branch('side');
    const side = await origin.commit('side', { side: '1' });
    await origin.checkout('main');
    const main = await origin.commit('main', { main: '1' });
    const merged = await origin.merge('side');
    return { ask: [merged, side, main], live: merged };
  },
  'two sides whose merges came in the other order than their commits': async (origin) => {
    await origin.branch('early');
    const early = await origin.commit('early', { early: '1' });
    await origin.branch('late', 'main');
    const late = await origin.commit('late', { late: '1' });
    await origin.checkout('main');
    await origin.merge('late');
    await origin.merge('early');
    return { ask: [late, early], live: early };
  },
  'a squash, with the branch that it came from as a second request': async (origin) => {
    const first = await origin.sha();
    await origin.branch('topic');
    await origin.commit('one', { topic: '1' });
    await origin.commit('two', { topic: '2' });
    await origin.checkout('main');
    await origin.git('merge', '-q', '--squash', 'topic');
    await origin.git('commit', '-q', '-m', 'squashed');
    const squashed = await origin.sha();
    return { ask: [squashed, first], live: squashed };
  },
  'an octopus': async (origin) => {
    for (const name of ['a', 'b', 'c']) {
      await origin.branch(name, 'main');
      await origin.commit(name, { [name]: '1' });
    }
    await origin.checkout('main');
    await origin.git('merge', '-q', '--no-ff', '-m', 'octopus', 'a', 'b', 'c');
    const octopus = await origin.sha();
    return { ask: [await origin.sha('b'), octopus, await origin.sha('a')], live: octopus };
  },
  'a revert is newer than what it reverts': async (origin) => {
    const first = await origin.sha();
    const wrong = await origin.commit('wrong', { base: '2' });
    await origin.git('revert', '--no-edit', wrong);
    const reverted = await origin.sha();
    return { ask: [reverted, wrong, first], live: reverted };
  },
  'a history that was unrelated until it was merged': async (origin) => {
    const first = await origin.sha();
    await origin.git('checkout', '-q', '--orphan', 'other');
    const other = await origin.commit('other root', { other: '1' });
    await origin.checkout('main');
    await origin.git('merge', '-q', '--allow-unrelated-histories', '-m', 'joined', 'other');
    const joined = await origin.sha();
    return { ask: [other, joined, first], live: joined };
  },
  'clocks that are wrong by a day, the newest commit dated first': async (origin) => {
    const first = await origin.sha();
    const at = async (days: number, name: string) => {
      const date = new Date(Date.now() + days * 86_400_000).toISOString();
      await origin.commit(name, { [name]: '1' });
      await origin.git('commit', '-q', '--amend', '--no-edit', `--date=${date}`);
    };
    await at(1, 'ahead');
    await at(-1, 'behind');
    await origin.git('rebase', '-q', '--committer-date-is-author-date', first);
    const [ahead, behind] = [await origin.sha('main~1'), await origin.sha('main')];
    const dates = (await origin.git('log', '-2', '--format=%ct')).split('\n').map(Number);
    assert((dates[1] ?? 0) - (dates[0] ?? 0) > 86_400, 'the newest commit is dated first');
    return { ask: [ahead, behind], live: behind };
  },
};
