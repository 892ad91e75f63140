import { expect, it } from 'vitest';
import { isExpired, makeRoom } from './decide.ts';

const NOW = Date.parse('2026-01-10T12:00:00Z');
const preview = (environmentUuid: string, updatedAt: string) => ({ environmentUuid, updatedAt });
const old = preview('old', '2026-01-08T12:00:00Z');
const older = preview('older', '2026-01-07T12:00:00Z');
const fresh = preview('fresh', '2026-01-10T11:00:00Z');
const yesterday = preview('yesterday', '2026-01-09T12:00:01Z');

it.each([
  ['below the limit', [old, older], 3, { kind: 'room' }],
  [
    'the one that was idle the longest goes',
    [old, fresh, older],
    3,
    { kind: 'remove', which: older },
  ],
  [
    'a limit that was lowered removes one too',
    [old, older, fresh],
    1,
    { kind: 'remove', which: older },
  ],
  ['what was pushed to within a day stays', [fresh, yesterday], 2, { kind: 'refuse' }],
])('%s', (_what, standing, limit, answer) => {
  expect(makeRoom(standing, limit, NOW)).toEqual(answer);
});

it('expires to the day', () => {
  expect(isExpired(older, 3, NOW)).toBe(true);
  expect(isExpired(old, 3, NOW)).toBe(false);
});
