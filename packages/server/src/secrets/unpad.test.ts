import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unpad } from './unpad.ts';

const nonZero = fc.integer({ min: 1, max: 255 });

test('takes the message after the first zero byte, zeros inside it included', () => {
  fc.assert(
    fc.property(
      fc.array(nonZero, { minLength: 8, maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      (padding, message) => {
        const block = Uint8Array.from([0, 2, ...padding, 0, ...message]);
        expect(unpad(block)).toEqual(message);
      },
    ),
  );
});

test('refuses short padding, a wrong header and a missing separator', () => {
  fc.assert(
    fc.property(
      fc.array(nonZero, { maxLength: 7 }),
      fc.array(nonZero, { minLength: 8, maxLength: 50 }),
      fc.uint8Array({ minLength: 1, maxLength: 50 }),
      nonZero,
      (short, padding, message, other) => {
        expect(unpad(Uint8Array.from([0, 2, ...short, 0, ...message]))).toBeNull();
        expect(unpad(Uint8Array.from([other, 2, ...padding, 0, ...message]))).toBeNull();
        expect(unpad(Uint8Array.from([0, 2 ^ other, ...padding, 0, ...message]))).toBeNull();
        expect(unpad(Uint8Array.from([0, 2, ...padding]))).toBeNull();
      },
    ),
  );
  expect(unpad(new Uint8Array())).toBeNull();
  expect(unpad(Uint8Array.from([0]))).toBeNull();
});
