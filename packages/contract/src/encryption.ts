import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';

/** Why a text could not be encrypted; the message is meant for the person who typed it. */
export class EncryptionError extends Error {
  override readonly name = 'EncryptionError';
  readonly code: 'too_long' | 'bad_key';

  constructor(code: 'too_long' | 'bad_key', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Bytes that PKCS#1 v1.5 needs for itself. */
const PADDING_BYTES = 11;

/**
 * Encrypts a text for a repository as `secure:` values are (spec/travis.md 14.1): RSA with PKCS#1 v1.5
 * padding, standard base64 without line breaks. `publicKeyPem` may say `BEGIN PUBLIC KEY` or
 * `BEGIN RSA PUBLIC KEY`. The text is taken byte for byte as UTF-8; for `env` it is `NAME=value` in shell
 * syntax, quotes included (14.2).
 *
 * Throws `EncryptionError` when the text is longer than the key holds (501 bytes at 4096 bits) or the
 * key cannot be read.
 */
export function encryptFor(publicKeyPem: string, plaintext: string): string {
  const key = readKey(publicKeyPem);
  const bytes = Buffer.from(plaintext, 'utf8');
  const longest = keyBytes(key) - PADDING_BYTES;
  if (bytes.length > longest) {
    throw new EncryptionError(
      'too_long',
      `The text is ${bytes.length} bytes long; this repository's key can encrypt at most ${longest}. ` +
        'Keep longer secrets in an environment variable of the application.',
    );
  }
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes).toString('base64');
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new EncryptionError('bad_key', 'The public key is not a PEM file that can be read.', {
      cause,
    });
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw new EncryptionError('bad_key', 'The public key is not an RSA key.');
  }
  return key;
}

function keyBytes(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
