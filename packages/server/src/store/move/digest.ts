import { createHash } from 'node:crypto';
import type { Row } from './source.ts';

const MODULUS = 2n ** 256n;

/** Rows counted and summed up so that their order does not matter and no change goes unseen. */
export interface Digest {
  add(row: Row): void;
  readonly count: number;
  /** 64 hexadecimal digits. */
  text(): string;
}

/** The sum of the rows' hashes: two equal rows count twice, which an exclusive or would hide. */
export function createDigest(): Digest {
  let sum = 0n;
  let count = 0;
  return {
    add: (row) => {
      const hash = createHash('sha256').update(JSON.stringify(row), 'utf8').digest('hex');
      sum = (sum + BigInt(`0x${hash}`)) % MODULUS;
      count += 1;
    },
    get count() {
      return count;
    },
    text: () => sum.toString(16).padStart(64, '0'),
  };
}
