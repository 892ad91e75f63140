import { createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Signs for the installation, so that receivers of webhooks know who speaks. */
export interface Signer {
  /** RSA, PKCS#1 v1.5; base64. */
  sign(hash: 'sha1' | 'sha256', text: string): Promise<string>;
  /** PEM, for those who check. */
  publicKey(): Promise<string>;
}

const generate = promisify(generateKeyPair);
const BITS = 2048;

/** The key is made when it is first needed, off the main thread, and kept in `file` (0600). */
export function createSigner(file: string): Signer {
  let known: Promise<string> | null = null;
  const load = async (): Promise<string> => {
    const there = await readFile(file, 'utf8').catch(() => null);
    if (there !== null) return there;
    const { privateKey } = await generate('rsa', {
      modulusLength: BITS,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      await writeFile(file, privateKey, { mode: 0o600, flag: 'wx' });
      return privateKey;
    } catch {
      // Another process was quicker; there must be one key.
      return readFile(file, 'utf8');
    }
  };
  const key = (): Promise<string> => {
    known ??= load().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  return {
    sign: async (hash, text) => sign(hash, Buffer.from(text), await key()).toString('base64'),
    publicKey: async () =>
      createPublicKey(await key())
        .export({ type: 'spki', format: 'pem' })
        .toString(),
  };
}
