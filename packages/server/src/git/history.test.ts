import { tmpdir } from 'node:os';
import { createRepository, growHistory, type TestRepository } from '@sluice/testing/git';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHistory } from './history.ts';
import { createGitProcesses } from './process.ts';
import type { History } from './types.ts';

const { PATH: searchPath = '' } = process.env;
const git = createGitProcesses({ home: tmpdir(), searchPath });
const historyOf = (repository: TestRepository) => createHistory(git, `${repository.path}/.git`);

describe('a small history with merges', () => {
  // main:  a - b - m1 - c - m2       f1: b - x1 - x2 (m1)   f2: a - y1 (m2)   side: c - z
  const sha: Record<string, string> = {};
  let repository: TestRepository;
  let history: History;
  const of = (name: string) => sha[name] ?? '';

  beforeAll(async () => {
    repository = await createRepository();
    sha['a'] = await repository.commit('a');
    await repository.branch('f2');
    sha['y1'] = await repository.commit('y1');
    await repository.checkout('main');
    sha['b'] = await repository.commit('b');
    await repository.branch('f1');
    sha['x1'] = await repository.commit('x1');
    sha['x2'] = await repository.commit('x2');
    await repository.checkout('main');
    sha['m1'] = await repository.merge('f1');
    sha['c'] = await repository.commit('c');
    await repository.branch('side');
    sha['z'] = await repository.commit('z');
    await repository.checkout('main');
    sha['m2'] = await repository.merge('f2');
    await repository.tag('light');
    await repository.tag('annotated', 'a release');
    await repository.git('tag', '-a', '-m', 'tag of a tag', 'nested', 'annotated');
    await repository.git('tag', 'a-tree', 'HEAD^{tree}');
    history = historyOf(repository);
  });
  afterAll(() => repository.remove());

  test('where each commit came onto the branch', async () => {
    const expected = { a: 0, b: 1, x1: 2, x2: 2, m1: 2, c: 3, y1: 4, m2: 4 };
    for (const [name, firstParentIndex] of Object.entries(expected)) {
      expect(await history.mergedAt(of(name), 'main'), name).toEqual({ firstParentIndex });
    }
    expect(await history.mergedAt(of('z'), 'main')).toBeNull();
    expect(await history.mergedAt(of('z'), 'side')).toEqual({ firstParentIndex: 4 });
    expect(await history.mergedAt(of('a'), 'nowhere')).toBeNull();
    expect(await history.mergedAt('f'.repeat(40), 'main')).toBeNull();
  });

  test('ancestors', async () => {
    expect(await history.isAncestor(of('x1'), of('m2'))).toBe(true);
    expect(await history.isAncestor(of('m2'), of('x1'))).toBe(false);
    expect(await history.isAncestor(of('y1'), of('c'))).toBe(false);
    expect(await history.isAncestor(of('c'), of('c'))).toBe(true);
    expect(await history.isAncestor('f'.repeat(40), of('c'))).toBe(false);
    expect(await history.isAncestor(of('c'), '--help')).toBe(false);
  });

  test('which of many are here is one question', async () => {
    const absent = 'f'.repeat(40);
    const tree = await repository.git('rev-parse', 'HEAD^{tree}');
    const asked = [of('a'), absent, of('m2'), tree, '--help', ''];
    expect([...(await historyOf(repository).presentAmong(asked))]).toEqual([of('a'), of('m2')]);
    expect([...(await history.presentAmong([absent]))]).toEqual([]);
  });

  test('a moved branch changes the answers at once', async () => {
    await repository.git('branch', '-f', 'moving', of('c'));
    expect(await history.mergedAt(of('y1'), 'moving')).toBeNull();
    await repository.git('branch', '-f', 'moving', of('m2'));
    expect(await history.mergedAt(of('y1'), 'moving')).toEqual({ firstParentIndex: 4 });
    await repository.git('branch', '-D', 'moving');
    expect(await history.head('moving')).toBeNull();
  });

  test('commits between live and head come newest first', async () => {
    expect(await history.commitsBetween(of('m1'), of('m2'), 10)).toEqual([
      of('m2'),
      of('y1'),
      of('c'),
    ]);
    expect(await history.commitsBetween(null, of('b'), 10)).toEqual([of('b'), of('a')]);
    expect(await history.commitsBetween('f'.repeat(40), of('b'), 1)).toEqual([of('b')]);
    expect(await history.commitsBetween(of('b'), of('b'), 10)).toEqual([]);
  });

  test('names resolve to commits, tags peeled', async () => {
    const head = of('m2');
    expect(await history.resolve(head)).toEqual({ kind: 'commit', sha: head });
    expect(await history.resolve(head.toUpperCase())).toEqual({ kind: 'commit', sha: head });
    expect(await history.resolve(head.slice(0, 7))).toEqual({ kind: 'commit', sha: head });
    expect(await history.resolve('main')).toEqual({ kind: 'branch', sha: head });
    for (const name of ['light', 'annotated', 'nested', 'refs/tags/nested']) {
      expect(await history.resolve(name), name).toEqual({ kind: 'tag', sha: head });
    }
    const tagObject = await repository.git('rev-parse', 'nested');
    expect(await history.resolve(tagObject)).toEqual({ kind: 'commit', sha: head });
    expect(await history.present(tagObject)).toBe(false);
  });

  test('what names nothing is unknown, never an option, a path or an expression', async () => {
    const { sentinel } = { sentinel: '/tmp/sluice-should-not-exist' };
    for (const text of [
      ...[
        '',
        ' ',
        'nope',
        'HEAD',
        'a-tree',
        'refs/heads/nope',
        'f'.repeat(40),
        of('a').slice(0, 6),
      ],
      ...['main~1', 'main^', 'main^{tree}', 'main:a', ':/first', '@', '@{-1}', 'main..side', '-'],
      ...['--help', `--output=${sentinel}`, '-x', 'a\nb', 'a\0b', '../main', 'main;id', '$(id)'],
    ]) {
      expect(await history.resolve(text), JSON.stringify(text)).toEqual({ kind: 'unknown' });
      expect(await history.head(text === 'main' ? '' : text)).toBeNull();
      if (!/^[0-9a-f]+$/.test(text)) expect(await history.present(text)).toBe(false);
    }
  });

  test('a name with two meanings is ambiguous until it is spelled out', async () => {
    await repository.git('tag', 'side', of('a'));
    expect(await history.resolve('side')).toEqual({
      kind: 'ambiguous',
      candidates: ['refs/heads/side', 'refs/tags/side'],
    });
    expect(await history.resolve('refs/tags/side')).toEqual({ kind: 'tag', sha: of('a') });
    await repository.git('tag', '-f', 'side', of('z'));
    expect(await history.resolve('side')).toEqual({ kind: 'branch', sha: of('z') });
    await repository.git('tag', '-d', 'side');

    const prefix = of('c').slice(0, 9);
    await repository.git('branch', prefix, of('a'));
    expect(await history.resolve(prefix)).toMatchObject({ kind: 'ambiguous' });
    await repository.git('branch', '-D', prefix);
  });
});

test('random histories: mergedAt agrees with the definition, checked commit by commit', async () => {
  const step = fc.record({ kind: fc.constantFrom('commit', 'branch', 'merge'), at: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const repository = await createRepository();
      try {
        await repository.commit('root');
        const names = ['main'];
        for (const [index, { kind, at }] of steps.entries()) {
          await repository.checkout(names[at % names.length] ?? 'main');
          if (kind === 'commit') await repository.commit(`commit ${index}`);
          else if (kind === 'branch') {
            names.push(`branch-${index}`);
            await repository.branch(`branch-${index}`);
            await repository.commit(`on branch ${index}`);
          } else
            await repository.tryGit('merge', '-q', '--no-ff', names[index % names.length] ?? '');
        }
        const history = historyOf(repository);
        const line = (
          await repository.git('rev-list', '--first-parent', '--reverse', 'main')
        ).split('\n');
        const below = new Map<string, Set<string>>();
        for (const commit of line) {
          below.set(commit, new Set((await repository.git('rev-list', commit)).split('\n')));
        }
        for (const commit of (await repository.git('rev-list', '--all')).split('\n')) {
          const index = line.findIndex((each) => below.get(each)?.has(commit));
          const expected = index < 0 ? null : { firstParentIndex: index };
          expect(await history.mergedAt(commit, 'main')).toEqual(expected);
        }
      } finally {
        await repository.remove();
      }
    }),
    { numRuns: 8 },
  );
});

test('100,000 commits: first answers within seconds, known ones at once', async () => {
  const repository = await createRepository();
  try {
    const root = await repository.commit('root');
    const head = await growHistory(repository, 'main', 100_000, 50);
    const side = await repository.git('rev-parse', 'main~1000^2').catch(() => '');
    const middle = await repository.git('rev-parse', 'main~50000');
    await repository.git('commit-graph', 'write', '--reachable');
    const history = historyOf(repository);
    const started = performance.now();
    expect(await history.isAncestor(root, head)).toBe(true);
    expect(await history.mergedAt(root, 'main')).toEqual({ firstParentIndex: 0 });
    expect(await history.mergedAt(middle, 'main')).toEqual({ firstParentIndex: 50_000 });
    if (side !== '') await history.mergedAt(side, 'main');
    const first = performance.now() - started;
    const again = performance.now();
    for (let round = 0; round < 50; round += 1) await history.mergedAt(middle, 'main');
    // Known answers come from memory: each costs a fraction of what the first ones did.
    expect((performance.now() - again) / 50).toBeLessThan(first);
    expect(await history.commitsBetween(null, head, 3)).toHaveLength(3);
  } finally {
    await repository.remove();
  }
});
