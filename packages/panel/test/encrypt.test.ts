import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { expect, test } from 'vitest';
import { encrypt, longestFor, readPublicKey } from '../src/pages/settings/encrypt.ts';

const pairs = ([1024, 2048, 4096] as const).flatMap((modulusLength) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  return (['spki', 'pkcs1'] as const).map((type) => ({
    modulusLength,
    type,
    privateKey,
    pem: publicKey.export({ type, format: 'pem' }).toString(),
  }));
});

test.each(pairs)(
  'what it encrypts is opened by node:crypto ($modulusLength bits, $type)',
  ({ pem, privateKey, modulusLength }) => {
    const key = readPublicKey(pem);
    expect(key.bytes).toBe(modulusLength / 8);
    for (const plain of ['', 'TOKEN="schön geheim"', 'x'.repeat(longestFor(key))]) {
      const block = privateDecrypt(
        { key: privateKey, padding: constants.RSA_NO_PADDING },
        Buffer.from(encrypt(key, plain), 'base64'),
      );
      expect([block[0], block[1]]).toEqual([0, 2]);
      const end = block.indexOf(0, 2);
      expect(end).toBeGreaterThanOrEqual(10);
      expect(block.subarray(end + 1).toString()).toBe(plain);
    }
    expect(() => encrypt(key, 'x'.repeat(longestFor(key) + 1))).toThrow(RangeError);
    expect(encrypt(key, 'x')).not.toBe(encrypt(key, 'x'));
  },
);

test('refuses what is no RSA key', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const text of [pem, 'x', '', '-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----']) {
    expect(() => readPublicKey(text)).toThrow();
  }
});
