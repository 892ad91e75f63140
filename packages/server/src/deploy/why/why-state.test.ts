import { expect, test } from 'vitest';
import { type WhyDeployment, type WhyFacts, whyState } from './why-state.ts';

const d = (uuid: string, status: string, more: Partial<WhyDeployment> = {}): WhyDeployment => ({
  uuid,
  status,
  reason: null,
  reason_code: null,
  rule: 'accepted',
  success: null,
  supersededBy: null,
  ...more,
});
const facts = (more: Partial<WhyFacts>): WhyFacts => ({
  present: true,
  build: 'passed',
  gate: true,
  deployments: [],
  live: false,
  liveDeployment: null,
  ...more,
});

test.each([
  ['unknown', facts({ present: false })],
  ['untested', facts({ build: null })],
  ['building', facts({ build: 'unfinished' })],
  ['build_failed', facts({ build: 'errored' })],
  ['not_signalled', facts({})],
  ['not_signalled', facts({ gate: false, build: null })],
  ['not_signalled', facts({ gate: false, build: 'refused' })],
  ['build_failed', facts({ gate: false, build: 'failed' })],
  ['awaiting_commit', facts({ deployments: [d('1', 'AWAITING_COMMIT')] })],
  ['awaiting_build', facts({ deployments: [d('1', 'AWAITING_BUILD')] })],
  ['queued', facts({ deployments: [d('1', 'QUEUED')] })],
  ['deploying', facts({ deployments: [d('1', 'CHECKING')] })],
  ['was_live', facts({ deployments: [d('1', 'SUCCEEDED', { success: 1 })] })],
  ['deploy_failed', facts({ deployments: [d('1', 'FAILED', { success: 0 })] })],
  ['cancelled', facts({ deployments: [d('1', 'CANCELLED', { success: 0 })] })],
  ['superseded', facts({ deployments: [d('1', 'SUPERSEDED', { success: 1 })] })],
  ['skipped', facts({ deployments: [d('1', 'SKIPPED', { success: 1 })] })],
  ['held', facts({ deployments: [d('1', 'HELD', { success: 0 })] })],
] as const)('%s', (state, given) => {
  expect(whyState(given).state).toBe(state);
});

test('live wins over later signals that it answered, not over one that goes on', () => {
  const made = d('1', 'SUCCEEDED', { success: 1 });
  const later = d('2', 'SUPERSEDED', { success: 1, supersededBy: '1' });
  const live = { live: true, liveDeployment: '1' };
  expect(whyState(facts({ ...live, deployments: [later, made] }))).toMatchObject({
    state: 'live',
    deployment: '1',
  });
  const again = d('3', 'BUILDING');
  expect(whyState(facts({ ...live, deployments: [again, later, made] })).state).toBe('deploying');
});

test('a red build behind a failed deployment is named; without any build it is untested', () => {
  const failed = d('1', 'FAILED', { success: 0, reason_code: 'untested' });
  expect(whyState(facts({ build: 'failed', deployments: [failed] })).state).toBe('build_failed');
  expect(whyState(facts({ build: null, deployments: [failed] })).state).toBe('untested');
});
