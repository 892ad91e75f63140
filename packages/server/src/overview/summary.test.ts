import { expect, test } from 'vitest';
import type { WhyAnswer } from '../deploy/why/why-state.ts';
import { type SummaryFacts, summarise } from './summary.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

const settled: SummaryFacts = {
  ...{ branch: 'main', gate: true, hold: null, head: A, live: A, liveOnBranch: true },
  ...{ newer: 0, ready: [], fate: null, headTest: 'passed' },
};

const fate = (state: WhyAnswer['state'], reason: string | null = null): WhyAnswer => ({
  ...{ state, reason, rule: null, deployment: null, supersededBy: null },
});

const ahead = (state: WhyAnswer['state'], reason?: string): SummaryFacts => ({
  ...{ ...settled, head: B, newer: 1, ready: [B], fate: fate(state, reason ?? null) },
});

const hold = {
  since: '2026-11-23T15:40:12.345Z',
  by: 'ann@example.com',
  reason: 'looking into it',
};

test.each<[SummaryFacts, string]>([
  [settled, 'live = newest passed commit of main'],
  [{ ...settled, gate: false }, 'live = newest commit of main'],
  [
    { ...settled, head: B, newer: 1, headTest: 'unfinished' },
    'live = newest passed commit of main; 1 newer commit is being tested',
  ],
  [
    { ...settled, head: B, newer: 2, headTest: 'failed' },
    'live = newest passed commit of main; 2 newer commits have not passed',
  ],
  [ahead('deploying'), '1 newer passed commit is deploying'],
  [{ ...ahead('queued'), ready: [B, A] }, '2 newer passed commits are queued'],
  [
    ahead('deploy_failed', 'the health check failed'),
    'newest passed commit bbbbbbb failed to deploy: the health check failed',
  ],
  [ahead('not_signalled'), '1 newer passed commit is not deployed: nobody asked for it'],
  [
    { ...ahead('not_signalled'), gate: false },
    '1 newer commit is not deployed: nobody asked for it',
  ],
  [
    { ...ahead('held'), hold },
    'held since 2026-11-23 15:40 UTC by ann@example.com: looking into it; 1 newer passed commit waits',
  ],
  [{ ...settled, hold: { ...hold, by: null, reason: null } }, 'held since 2026-11-23 15:40 UTC'],
  [{ ...settled, live: null, head: null }, 'no branch main yet: push one'],
  [{ ...settled, head: null }, 'there is no branch main any more'],
  [
    { ...settled, live: null, newer: 1, headTest: 'failed' },
    'nothing is live: no commit of main has passed, the newest failed',
  ],
  [
    { ...settled, live: null, newer: 1, headTest: 'unfinished' },
    'nothing is live: the newest commit of main is being tested',
  ],
  [{ ...ahead('deploying'), live: null }, 'nothing is live: 1 newer passed commit is deploying'],
  [{ ...settled, liveOnBranch: false, newer: 3 }, 'what is live is not on main'],
])('%#: %s', (facts, line) => {
  expect(summarise(facts)).toBe(line);
});
