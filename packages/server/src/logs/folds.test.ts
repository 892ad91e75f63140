import { expect, test } from 'vitest';
import { createLineIndex } from './line-index.ts';
import { createSectionFolds } from './section-folds.ts';
import { createTravisFolds } from './travis-folds.ts';

const start = (name: string) => `travis_fold:start:${name}\r\u001b[0K`;
const end = (name: string) => `travis_fold:end:${name}\r\u001b[0K`;
const begin = (id: string) => `travis_time:start:${id}\r\u001b[0K`;
const took = (id: string, ms: number) =>
  `\ntravis_time:end:${id}:start=1,finish=2,duration=${ms * 1e6},event=install\r\u001b[0K`;

function layoutOf(log: string, reader = createTravisFolds()) {
  const bytes = Buffer.from(log);
  const index = createLineIndex(reader);
  const taken = index.push(bytes);
  const { folds, timings } = index.layout(bytes.subarray(taken));
  return { timings, folds: folds.map(({ startOffset, endOffset, ...fold }) => fold) };
}

test('a log as the runner writes it', () => {
  const log = [
    `${start('git.checkout')}${begin('a1')}$ git clone x\nCloning\n${took('a1', 1_500)}`,
    `${begin('a2')}$ git checkout -qf 12\n${took('a2', 250)}${end('git.checkout')}`,
    `${start('install.1')}${begin('a3')}$ npm ci\nadded 1 package\n${took('a3', 4_000)}${end('install.1')}`,
    `${start('install.2')}${begin('a4')}$ npm run prepare\n${took('a4', 20)}${end('install.2')}`,
    `${begin('a5')}$ npm test\nfine\n${took('a5', 7_000)}\nDone. Your build exited with 0.\n`,
  ].join('');
  expect(layoutOf(log)).toEqual({
    folds: [
      { name: 'git.checkout', title: 'git clone x', start: 1, end: 5, durationMs: 1_750 },
      { name: 'install.1', title: 'npm ci', start: 6, end: 8, durationMs: 4_000 },
      { name: 'install.2', title: 'npm run prepare', start: 9, end: 10, durationMs: 20 },
    ],
    timings: [{ line: 11, durationMs: 7_000 }],
  });
});

test('an end that names no open fold is passed over, one outside ends what is open inside', () => {
  const log = `${end('never')}\n${start('outer')}\nTitle\n${start('inner')}\ntext\n${end('outer')}\n`;
  expect(layoutOf(log).folds).toEqual([
    { name: 'outer', title: 'Title', start: 2, end: 5, durationMs: null },
    { name: 'inner', title: 'text', start: 4, end: 5, durationMs: null },
  ]);
});

test('a fold that is being written is open, and its mark counts before its line ends', () => {
  expect(layoutOf(`one\n${start('script')}${begin('b')}$ make`).folds).toEqual([
    { name: 'script', title: 'make', start: 2, end: null, durationMs: null },
  ]);
});

test('the sections of a deployment', () => {
  const log =
    '===== git checkout =====\n\nabc\n===== image build =====\n\n========== pytest ==========\nok\n\nDeployment SUCCEEDED\n';
  expect(layoutOf(log, createSectionFolds()).folds).toEqual([
    { name: 'section.1', title: 'git checkout', start: 1, end: 3, durationMs: null },
    { name: 'section.2', title: 'image build', start: 4, end: 8, durationMs: null },
  ]);
});

test('marks without end do not fill the memory', () => {
  const index = createLineIndex(createTravisFolds());
  const chunk = Buffer.from(`${start('a')}\n`.repeat(40_000));
  for (let round = 0; round < 10; round += 1) index.push(chunk);
  expect(index.lines).toBe(400_000);
  expect(index.cost).toBeLessThan(4_000_000);
});
