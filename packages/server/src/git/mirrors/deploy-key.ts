import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export const KEY_TYPES = ['ED25519', 'ECDSA', 'RSA'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface DeployKey {
  readonly type: KeyType;
  /** One line for `authorized_keys` or a host's page of deploy keys. */
  readonly publicKey: string;
  /** In a form that every OpenSSH reads. */
  readonly privateKey: string;
}

const RSA_BITS = 3072;
const generate = promisify(generateKeyPair);

/** Makes a key pair for ssh, without a passphrase. `comment` ends the public line. */
export async function makeDeployKey(type: KeyType, comment: string): Promise<DeployKey> {
  if (type === 'ED25519') {
    const { publicKey, privateKey } = await generate('ed25519');
    const { x = '', d = '' } = privateKey.export({ format: 'jwk' });
    const blob = publicBlob(publicKey);
    const pem = opensshPem(blob, fromBase64Url(x), fromBase64Url(d), comment);
    return { type, publicKey: line('ssh-ed25519', blob, comment), privateKey: pem };
  }
  if (type === 'ECDSA') {
    const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ format: 'pem', type: 'sec1' }).toString();
    const name = 'ecdsa-sha2-nistp256';
    return { type, publicKey: line(name, publicBlob(publicKey), comment), privateKey: pem };
  }
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: RSA_BITS });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
  return { type, publicKey: line('ssh-rsa', publicBlob(publicKey), comment), privateKey: pem };
}

const line = (name: string, blob: Buffer, comment: string): string =>
  `${name} ${blob.toString('base64')} ${comment.replace(/[^\w@.:/+-]+/g, '-')}`;

/** The public key as RFC 4253 6.6, RFC 5656 3.1 and RFC 8709 4 write it. */
function publicBlob(key: KeyObject): Buffer {
  const { kty, x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  if (kty === 'OKP') return fields('ssh-ed25519', fromBase64Url(x));
  if (kty === 'EC') {
    const point = Buffer.concat([Buffer.from([4]), fromBase64Url(x), fromBase64Url(y)]);
    return fields('ecdsa-sha2-nistp256', 'nistp256', point);
  }
  return fields('ssh-rsa', positive(fromBase64Url(e)), positive(fromBase64Url(n)));
}

/** OpenSSH's own container (its PROTOCOL.key): the only one in which it takes ed25519 keys. */
function opensshPem(blob: Buffer, publicBytes: Buffer, seed: Buffer, comment: string): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check],
    fields('ssh-ed25519', publicBytes, Buffer.concat([seed, publicBytes]), comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1),
  );
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    fields('none', 'none', ''),
    Buffer.from([0, 0, 0, 1]),
    fields(blob, Buffer.concat([secret, padding])),
  ]).toString('base64');
  const lines = body.match(/.{1,70}/g) ?? [];
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    '',
  ].join('\n');
}

/** Each preceded by its length in four bytes. */
function fields(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A number whose highest bit is set would be read as a negative one. */
const positive = (bytes: Buffer): Buffer =>
  (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;

const fromBase64Url = (text: string): Buffer => Buffer.from(text, 'base64url');
