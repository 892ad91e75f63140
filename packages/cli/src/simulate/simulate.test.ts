import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { printStorm, readStorm } from './format.ts';
import { generateStorm, LARGE, type Size, SMALL } from './generate.ts';
import { bestOf, createGraph } from './graph.ts';
import { startKills } from './kills.ts';
import { createRandom } from './random.ts';
import type { StormRecord } from './record.ts';
import { createStormRepository } from './repository.ts';
import { readSeeds } from './seeds.ts';
import { type OwnServer, splitWords } from './server.ts';
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

it('no time to look for a shorter storm leaves the storm as it was', async () => {
  const storm = generateStorm(7, true);
  const shortest = await shrink(storm, () => Promise.reject(new Error('was asked')), 0);
  expect(shortest).toEqual(storm);
});

it('a storm that was shortened until no commit is left has an empty repository', async () => {
  const repository = await createStormRepository([]);
  try {
    expect([...(await repository.parents()).values()].flat()).toEqual([]);
  } finally {
    await repository.remove();
  }
});

describe('many storms', () => {
  it('of a small size are the same ones each time, in less time and with fewer commits', () => {
    const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
    const all = (size: Size) => SEEDS.map((seed) => generateStorm(seed, false, size));
    expect(all(SMALL)).toEqual(all(SMALL));
    const commits = (size: Size) => sum(all(size).map((storm) => storm.commits.length));
    const spans = (size: Size) => sum(all(size).map((storm) => storm.actions.at(-1)?.at ?? 0));
    expect(commits(SMALL) * 2).toBeLessThan(commits(LARGE));
    expect(spans(SMALL) * 3).toBeLessThan(spans(LARGE));
  });

  it.each([
    ['7', [7]],
    ['1..3', [1, 2, 3]],
    ['5, 1..2,2..3', [5, 1, 2, 3]],
  ])('%s are the seeds %j', (text, seeds) => {
    expect(readSeeds(text)).toEqual(seeds);
  });

  it.each([
    ['', 'is no seed and no range like 1..200'],
    ['1..', 'is no seed'],
    ['3..1', 'ends before it begins'],
    ['0..100000', 'more than 100000 seeds'],
  ])('"%s" is refused: %s', (text, words) => {
    expect(() => readSeeds(text)).toThrow(words);
  });
});

describe('kills that many storms share', () => {
  const record = (begunAt: number, endedAt: number): StormRecord => ({
    ...{ storm: generateStorm(1, false), graph: createGraph(new Map()), begunAt, endedAt },
    ...{ deeds: [], pages: [], requests: 0, crowds: [], deployments: [], builds: [] },
    ...{ liveCommit: null, onHold: false, restless: null },
  });

  it('strike the storms that are under way and no others, and are part of their history', async () => {
    const times: { sentAt: number; answeredAt: number }[] = [];
    const server: OwnServer = {
      url: '',
      crash: async () => {
        const sentAt = Date.now();
        await pause(5);
        times.push({ sentAt, answeredAt: Date.now() });
      },
      stop: () => Promise.resolve(),
      words: () => '',
    };
    const kills = startKills(server, createRandom(1), { from: 1, to: 5 });
    await expect.poll(() => times.length).toBeGreaterThan(1);
    await kills.stop();
    const [first, second] = times;
    if (first === undefined || second === undefined) throw new Error('no kills');
    const struck = kills.addTo(record(first.sentAt - 10, first.answeredAt));
    expect(struck.deeds.map(({ action }) => action.do)).toEqual(['crash']);
    const [at] = struck.storm.actions.filter((action) => action.do === 'crash').map((a) => a.at);
    expect(at).toBeGreaterThanOrEqual(10);
    expect(readStorm(printStorm(struck.storm)).actions).toEqual(struck.storm.actions);
    const untouched = kills.addTo(record(first.sentAt - 10, first.sentAt - 5));
    expect(untouched.storm).toEqual(generateStorm(1, false));
  });

  it('a server that does not come back is told', async () => {
    const server: OwnServer = {
      url: '',
      crash: () => Promise.reject(new Error('the server ended with exit code 1')),
      stop: () => Promise.resolve(),
      words: () => '',
    };
    const kills = startKills(server, createRandom(1), { from: 0, to: 1 });
    await pause(20);
    await expect(kills.stop()).rejects.toThrow('exit code 1');
  });
});

it('the words of --server are split without a shell', () => {
  expect(splitWords(`script/server --data "a b"  --host='::1'`)).toEqual([
    ...['script/server', '--data', 'a b', '--host=::1'],
  ]);
});
