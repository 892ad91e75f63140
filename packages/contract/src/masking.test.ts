import { expect, test } from 'vitest';
import { isTooShortToMask } from './masking.ts';

test.each([
  ['abc', true],
  ['abcd', false],
  ['PIN=123', true],
  ['PIN="123"', true],
  ["PIN='123'", true],
  ['PIN=1234', false],
  ['A=B=C', true],
  ['', false],
  ['PIN=', false],
])('%s: too short to be masked: %s', (secret, isShort) => {
  expect(isTooShortToMask(secret)).toBe(isShort);
});
