import { expect, test } from 'vitest';
import { type BehindFacts, isNewestPassed, secondsBehind } from './behind.ts';

const since = '2026-11-23T10:00:00.000Z';
const at = (seconds: number) => Date.parse(since) + seconds * 1000;
const newest: BehindFacts = { live: 'a', liveOnBranch: true, ready: [], readySince: null };
const behind: BehindFacts = { ...newest, ready: ['b'], readySince: since };

test.each<[string, BehindFacts, number, boolean, number | null]>([
  ['the newest passed is live', newest, at(90), true, 0],
  ['a newer one passed 90 s ago', behind, at(90), false, 90],
  ['nothing is live, one passed', { ...behind, live: null }, at(90), false, 90],
  ['a force push left live aside', { ...behind, liveOnBranch: false }, at(90), false, 90],
  ['nothing passed, nothing live', { ...newest, live: null }, at(90), false, null],
  ['live is off the branch, nothing passed', { ...newest, liveOnBranch: false }, 0, false, null],
  ['nobody recorded when', { ...behind, readySince: null }, at(90), false, null],
  ['a clock that was set back', behind, at(-86_400), false, 0],
])('%s', (_, facts, now, isNewest, seconds) => {
  expect(isNewestPassed(facts)).toBe(isNewest);
  expect(secondsBehind(facts, now)).toBe(seconds);
});
