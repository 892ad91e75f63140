import { expect, test } from 'vitest';
import { totpCode } from './totp.ts';

/** The secret `12345678901234567890` and times of RFC 6238, appendix B; six digits are the last of its eight. */
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [20_000_000_000, '353130'],
])('at %i s the code is %s', (seconds, code) => {
  expect(totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1_000)).toBe(code);
});
