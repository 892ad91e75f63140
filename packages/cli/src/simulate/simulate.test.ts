import { describe, expect, it } from 'vitest';
import { printStorm, readStorm } from './format.ts';
import { generateStorm } from './generate.ts';
import { bestOf, createGraph } from './graph.ts';
import { splitWords } from './server.ts';
import { shrink, without } from './shrink.ts';

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);

describe('a storm', () => {
  it('is the same for the same seed, and crashes change nothing else', () => {
    for (const seed of SEEDS) {
      expect(generateStorm(seed, true)).toEqual(generateStorm(seed, true));
      const { actions, ...calm } = generateStorm(seed, false);
      const wild = generateStorm(seed, true);
      expect(wild).toMatchObject(calm);
      expect(wild.actions.filter((action) => action.do !== 'crash')).toEqual(actions);
    }
  });

  it('is read back as it was printed', () => {
    for (const seed of SEEDS) {
      const storm = generateStorm(seed, true);
      expect(readStorm(printStorm(storm))).toEqual({ ...storm, seed: null });
    }
  });

  it.each([
    ['commit c1 < c0', 'there is no earlier commit c0'],
    ['commit c1\ncommit c1', 'a new name'],
    ['commit C1', 'small letters'],
    ['5 push c1 main', 'there is no commit c1'],
    ['commit c1\n5 signal c1 v2', 'line 2'],
    ['what', 'line 1 of the storm: what'],
  ])('that is wrong names the line: %j', (text, words) => {
    expect(() => readStorm(text)).toThrow(words);
  });
});

describe('the order by history', () => {
  // main: a - b - m1(b, x) - m2(m1, y), where x and y left at a.
  const graph = createGraph(
    new Map([
      ['a', []],
      ['b', ['a']],
      ['x', ['a']],
      ['y', ['a']],
      ['m1', ['b', 'x']],
      ['m2', ['m1', 'y']],
      ['z', ['b']],
    ]),
  );

  it.each([
    ['m2', 'z', 'newer', 'on the branch beats off the branch'],
    ['b', 'a', 'newer', 'a descendant beats its ancestor'],
    ['y', 'x', 'newer', 'merged later'],
    ['x', 'b', 'newer', 'merged later'],
    ['x', 'm1', 'older', 'an ancestor'],
    ['b', 'b', 'equal', 'the same'],
  ] as const)('%s is to %s: %s (%s)', (a, b, order, _why) => {
    expect(graph.order(a, b, 'm2')).toBe(order);
    const other = { newer: 'older', older: 'newer', equal: 'equal' }[order];
    expect(graph.order(b, a, 'm2')).toBe(other);
  });

  it('has one best where there is a winner, and all of a circle', () => {
    const beats = (pairs: string) => (one: string, other: string) => pairs.includes(one + other);
    expect([...bestOf(['a', 'b', 'c'], beats('ba bc ca'))]).toEqual(['b']);
    expect(bestOf(['a', 'b', 'c', 'd'], beats('ab bc ca ad bd cd')).size).toBe(3);
  });
});

it('the shortest storm that fails keeps what it needs and nothing else', async () => {
  const storm = generateStorm(7, true);
  const [first] = storm.actions;
  const last = storm.actions.at(-1);
  if (first === undefined || last === undefined) throw new Error('an empty storm');
  const needed = [first, last];
  const shortest = await shrink(
    storm,
    async (candidate) => needed.every((action) => candidate.actions.includes(action)),
    10_000,
  );
  expect(shortest.actions).toEqual(needed);
  expect(without(storm, storm.actions).commits).toEqual([]);
});

it('the words of --server are split without a shell', () => {
  expect(splitWords(`script/server --data "a b"  --host='::1'`)).toEqual([
    ...['script/server', '--data', 'a b', '--host=::1'],
  ]);
});
