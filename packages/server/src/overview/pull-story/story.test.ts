import { expect, test } from 'vitest';
import type { PlaceFacts } from './places.ts';
import { type PullFacts, pullStory } from './story.ts';

const at = (minute: number) => `2026-11-23T10:${String(minute).padStart(2, '0')}:00.000Z`;
const MERGED = 'c'.repeat(40);
const LATER = 'd'.repeat(40);

type Pull = PullFacts['pull'];

const open: Pull = {
  ...{ number: 7, author_login: 'ann', head_ref: 'topic', head_sha: 'a'.repeat(40) },
  ...{ base_ref: 'main', state: 'open', draft: 0, mergeability: 'clean', conflicts: '[]' },
  ...{ merge_sha: 'b'.repeat(40), approval: 'none', approved_by: null, build_state: 'passed' },
  build_sha: 'b'.repeat(40),
  ...{ build_reason: null, merge_when_green: null, merged_sha: null, merge_method: null },
  ...{ ended_by: null, ended_at: null, created_at: at(2) },
};
const merged: Pull = {
  ...{ ...open, state: 'merged', merged_sha: MERGED, merge_method: 'squash' },
  ...{ ended_by: 'bob', ended_at: at(10) },
};

const facts = (pull: Partial<Pull>, more: Partial<PullFacts> = {}): PullFacts => ({
  pull: { ...open, ...pull },
  pushed: { at: at(1), by: 'ann' },
  ...{ present: true, approvedAt: null, requestedAt: at(3), places: [] },
  build: { number: 4, createdAt: at(3), finishedAt: at(5) },
  ...more,
});

const place = (more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  ...{ slug: 'live', isPreview: false, events: [], carrier: null, isIn: false },
  why: {
    ...{ sha: MERGED, state: 'queued', reason: null, rule: 'queued' },
    ...{ deployment: 'one', supersededBy: null },
  },
  ...more,
});
const superseded = (): PlaceFacts['why'] => ({
  ...{ sha: MERGED, state: 'superseded', reason: 'a newer one', rule: 'older_than_queued' },
  ...{ deployment: 'one', supersededBy: 'two' },
});

/** What is said in one line, and the rules in their order. */
test.each<[string, PullFacts, string, string]>([
  [
    'green',
    facts({}),
    'open: its build passed; it can be merged',
    'pushed opened build_began build_passed',
  ],
  [
    'pushed to since it was opened',
    facts({}, { pushed: { at: at(3), by: null } }),
    'open: its build passed; it can be merged',
    'opened fetched build_began build_passed',
  ],
  [
    'its head is not here',
    facts({ mergeability: 'unknown', build_state: null }, { pushed: null, present: false }),
    'open: waits for head aaaaaaaaaa, which is fetched when its host answers',
    'opened commits_missing',
  ],
  [
    'conflicts',
    facts({ mergeability: 'conflicts', conflicts: '["a.txt","b.txt"]', build_state: null }),
    'open: cannot be merged: both sides changed a.txt, b.txt',
    'pushed opened conflicts',
  ],
  [
    'unrelated histories',
    facts({ mergeability: 'unrelated', build_state: null }),
    'open: cannot be merged: the branches have no commit in common',
    'pushed opened unrelated',
  ],
  [
    'a stranger waits for an approval, whatever was built before',
    facts({ approval: 'awaiting', build_state: 'passed' }),
    'open: waits for an approval: sluice pr approve 7',
    'pushed opened approval_required',
  ],
  [
    'approved, and being built',
    facts(
      {
        approval: 'approved',
        approved_by: 'bob',
        build_state: 'unfinished',
        merge_when_green: '{}',
      },
      { approvedAt: at(3) },
    ),
    'open: its build is on its way, merged as soon as it passes',
    'pushed opened approved build_began merge_when_green',
  ],
  [
    'built with a base that has moved since',
    facts({ build_sha: 'e'.repeat(40) }),
    'open: its build passed, but main has moved since: sluice pr test 7',
    'pushed opened build_began build_passed',
  ],
  [
    'a red draft',
    facts({ draft: 1, build_state: 'failed' }),
    'a draft: its build failed',
    'pushed opened build_began build_failed',
  ],
  [
    'refused',
    facts({ build_state: 'refused', build_reason: 'no .travis.yml' }, { build: null }),
    'open: not built: no .travis.yml',
    'pushed opened build_refused',
  ],
  [
    'closed',
    facts({ state: 'closed', ended_by: 'bob', ended_at: at(9), build_state: null }),
    'closed without merging: it goes live nowhere',
    'pushed opened closed',
  ],
  [
    'merged, nothing follows its base',
    facts(merged),
    'merged; no environment follows main',
    'pushed opened build_began build_passed merged',
  ],
  [
    'merged by a push, queued',
    facts({ ...merged, ended_by: null }, { places: [place()] }),
    'merged; live: queued',
    'pushed opened build_began build_passed merged_by_push',
  ],
  [
    'live by itself',
    facts(merged, {
      places: [place({ carrier: { uuid: 'one', sha: MERGED, at: at(12) }, isIn: true })],
    }),
    'merged; live: live',
    'pushed opened build_began build_passed merged',
  ],
  [
    'superseded, and carried by a later one',
    facts(merged, {
      places: [
        place({
          ...{ why: superseded(), carrier: { uuid: 'two', sha: LATER, at: at(12) }, isIn: true },
          events: [
            {
              ...{ at: at(11), environment: 'live', deployment: 'one', from: 'QUEUED' },
              ...{ to: 'SUPERSEDED', rule: 'older_than_queued', superseded_by: 'two' },
              reason: null,
            },
          ],
        }),
      ],
    }),
    'merged; live: live (carried by dddddddddd)',
    'pushed opened build_began build_passed merged older_than_queued carried',
  ],
  [
    'superseded by one that has not ended',
    facts(merged, { places: [place({ why: superseded() })] }),
    'merged; live: superseded (a newer one)',
    'pushed opened build_began build_passed merged',
  ],
  [
    'rolled back from',
    facts(merged, {
      places: [place({ carrier: { uuid: 'one', sha: MERGED, at: at(12) }, isIn: false })],
    }),
    'merged; live: was live',
    'pushed opened build_began build_passed merged',
  ],
])('%s', (_, given, summary, rules) => {
  const story = pullStory(given);
  expect(story.summary).toBe(summary);
  expect(story.steps.map(({ rule }) => rule).join(' ')).toBe(rules);
});

test('who carried it is named, with the time, and the deployment that took the place of its own', () => {
  const carrier = { uuid: 'three', sha: LATER, at: at(12) };
  const { environments, steps } = pullStory(
    facts(merged, { places: [place({ why: superseded(), carrier, isIn: true })] }),
  );
  expect(environments).toEqual([
    {
      ...{ slug: 'live', preview: false, state: 'live', text: 'carried by dddddddddd' },
      ...{ rule: 'carried', at: at(12), deployment: 'three', superseded_by: 'two' },
    },
  ]);
  expect(steps.at(-1)).toMatchObject({ at: at(12), deployment: 'three', environment: 'live' });
});

test('a preview is told before the merge, and is no place where it went live', () => {
  const preview = place({ slug: 'pr-7', isPreview: true });
  const { summary, environments } = pullStory(facts(merged, { places: [preview, place()] }));
  expect(summary).toBe('merged; live: queued');
  expect(environments.map(({ slug, preview: is }) => [slug, is])).toEqual([
    ['pr-7', true],
    ['live', false],
  ]);
});
