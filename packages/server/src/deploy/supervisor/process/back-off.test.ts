import { expect, test } from 'vitest';
import { defaultBackOff, nextStart } from './back-off.ts';

test('1, 2, 4, ... 60 s for crashes in a row', () => {
  let crashes = 0;
  const delays = Array.from({ length: 8 }, () => {
    const next = nextStart(defaultBackOff, crashes, 500);
    crashes = next.crashes;
    return next.delayMs / 1_000;
  });
  expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('from the beginning after a healthy minute, and not before', () => {
  expect(nextStart(defaultBackOff, 6, 60_000)).toEqual({ delayMs: 1_000, crashes: 1 });
  expect(nextStart(defaultBackOff, 6, 59_999)).toEqual({ delayMs: 60_000, crashes: 7 });
});

test('never an infinite pause, however long it goes on', () => {
  expect(nextStart(defaultBackOff, 1e6, 0).delayMs).toBe(60_000);
});
