import { expect, it } from 'vitest';
import { isRight, judge, nextCheck } from './judge.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const inHours = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
const own = new Set(['192.0.2.1']);
const found = (...addresses: string[]) => ({ kind: 'found', addresses }) as const;
const issued = (hours: number) =>
  ({ kind: 'issued', issuer: 'An authority', expiresAt: inHours(hours) }) as const;

it('is right where the name points here alone and has a certificate; then it looks once a day', () => {
  const finding = judge('a.example', found('192.0.2.1'), own, issued(2_000));
  expect(isRight(finding)).toBe(true);
  expect(nextCheck(finding, NOW)).toEqual(inHours(24));
  expect(finding.detail).toContain('points here. Its certificate of An authority holds until 2026');
});

it('looks again when a certificate would end before a day has passed, but never all the time', () => {
  const ending = judge('a.example', found('192.0.2.1'), own, issued(12));
  expect(nextCheck(ending, NOW)).toEqual(inHours(12));
  const over = judge('a.example', found('192.0.2.1'), own, issued(-1));
  expect(nextCheck(over, NOW)).toEqual(inHours(0.25));
});

it('is wrong with one address elsewhere, none, or a DNS that does not answer, and looks in 15 minutes', () => {
  const elsewhere = judge('a.example', found('192.0.2.1', '203.0.113.9'), own, null);
  expect(elsewhere.detail).toContain('points to 203.0.113.9, which is not here (192.0.2.1)');
  const nowhere = judge('a.example', { kind: 'nowhere' }, own, null);
  expect(nowhere.detail).toContain('has no address yet');
  const unknown = judge('a.example', { kind: 'unknown', why: 'ESERVFAIL' }, own, issued(9_000));
  expect(unknown.detail).toContain('ESERVFAIL');
  const pending = judge('a.example', found('192.0.2.1'), own, {
    kind: 'pending',
    why: 'Caddy has none for it',
  });
  expect(pending.detail).toContain('still to come: Caddy has none for it');
  for (const finding of [elsewhere, nowhere, unknown, pending]) {
    expect(isRight(finding)).toBe(false);
    expect(nextCheck(finding, NOW)).toEqual(inHours(0.25));
  }
});
