import type { ApplicationLine, EnvironmentLine } from '@sluice/contract';
import { expect, test } from 'vitest';
import { stateText } from '../../text/states.ts';
import { environmentState, matches, worstState } from './attention.ts';

const environment: EnvironmentLine = {
  ...{ uuid: 'e', slug: 'test', branch: 'main', url: 'http://x', auto_deploy: false },
  ...{ live: null, health: 'serving', moving: null, last_failure: null, hold: null },
  summary: 'live = newest passed commit of main',
  ...{ is_newest_passed: true, seconds_behind_newest_passed: 0 },
};
const moving = { uuid: 'd', status: 'BUILDING', percent: 20, commit: null };
const failure = { uuid: 'd', status: 'FAILED', reason: 'no flour', at: '2026-01-01T00:00:00Z' };
const hold = { since: '2026-01-01T00:00:00Z', by: 'ann', reason: null };

const application = (over: Partial<EnvironmentLine>): ApplicationLine => ({
  ...{ uuid: 'a', id: 1, slug: 'old-shop', name: 'The Shop', organisation: 'o' },
  ...{ repository_uuid: 'r', ci_active: true, builds: [] },
  environments: [{ ...environment, ...over }],
});

test('an environment is what matters most about it', () => {
  expect(environmentState({ ...environment, health: 'failing', moving })).toBe('failing');
  expect(environmentState({ ...environment, moving })).toBe('BUILDING');
  expect(environmentState({ ...environment, last_failure: failure, hold })).toBe('FAILED');
  expect(environmentState({ ...environment, hold })).toBe('held');
  const cancelled = { ...failure, status: 'CANCELLED' };
  expect(environmentState({ ...environment, last_failure: cancelled })).toBe('serving');
});

test('trouble comes before what moves, and that before what is well', () => {
  const toneOf = (state: string) => stateText(state).tone;
  expect(worstState(['serving', 'BUILDING', 'FAILED'], toneOf)).toBe('FAILED');
  expect(worstState(['serving', 'held', 'BUILDING'], toneOf)).toBe('BUILDING');
  expect(worstState(['none', 'serving'], toneOf)).toBe('serving');
  expect(worstState([], toneOf)).toBe('none');
});

test('is found by name, environment and trouble, with all words', () => {
  const label = (state: string) => stateText(state).label;
  const found = (over: Partial<EnvironmentLine>, text: string) =>
    matches(application(over), text, label);
  expect(found({}, 'shop')).toBe(true);
  expect(found({}, 'SHOP test')).toBe(true);
  expect(found({}, 'shop live-eu')).toBe(false);
  expect(found({}, 'failing')).toBe(false);
  expect(found({ health: 'failing' }, 'failing')).toBe(true);
  expect(found({ hold }, 'held')).toBe(true);
  expect(found({ moving }, 'deploying')).toBe(true);
});
