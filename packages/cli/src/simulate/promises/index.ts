import type { StormRecord } from '../record.ts';
import { convergence } from './convergence.ts';
import { monotony } from './monotony.ts';
import { nothingLost } from './nothing-lost.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { Violation } from './promise.ts';
import { rightEnds } from './right-ends.ts';
import { serving } from './serving.ts';

const PROMISES = {
  convergence,
  monotony,
  'tested is deployed': serving,
  'nothing lost': nothingLost,
  'right ends': rightEnds,
  'one at a time': oneAtATime,
};

/** What is wrong with what was seen; empty: every promise was kept. */
export const brokenPromises = (record: StormRecord): Violation[] =>
  Object.entries(PROMISES).flatMap(([promise, check]) =>
    check(record).map((text) => ({ promise, text })),
  );
