import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SluiceError } from '../errors.ts';
import type { MasterKey } from './master-key.ts';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM, as `v1.<key id>.<base64url of nonce, tag, cipher text>`. The context is authenticated with
 * it: a sealed value that is copied into another row does not open there.
 */
export function seal(key: MasterKey, plaintext: string, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(key.id, context));
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const packed = Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  return `${VERSION}.${key.id}.${packed}`;
}

/**
 * Throws `internal` (`sealed_damaged`) when the value was changed or belongs elsewhere, and
 * `unavailable` (`sealed_key_unknown`) when another master key sealed it. Neither tells of the content.
 */
export function open(key: MasterKey, sealed: string, context: string): string {
  const [version, keyId, packed, ...rest] = sealed.split('.');
  if (version !== VERSION || keyId === undefined || packed === undefined || rest.length > 0) {
    throw damaged(context);
  }
  if (keyId !== key.id) {
    throw new SluiceError(
      'unavailable',
      `The stored secret (${context}) was sealed with the master key ${keyId}, which is not here.`,
      {
        reason: 'sealed_key_unknown',
        remedy: 'Restore that master.key, or set the secret again.',
      },
    );
  }
  const bytes = Buffer.from(packed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw damaged(context);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(key.id, context));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw damaged(context, cause);
  }
}

function associatedData(keyId: string, context: string): Buffer {
  return Buffer.from(`${VERSION}\0${keyId}\0${context}`, 'utf8');
}

function damaged(context: string, cause?: unknown): SluiceError {
  return new SluiceError(
    'internal',
    `The stored secret (${context}) is damaged or belongs elsewhere.`,
    { reason: 'sealed_damaged', remedy: 'Set the secret again.', cause },
  );
}
