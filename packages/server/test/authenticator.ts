import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What the server gives for `navigator.credentials`, as far as it matters here. */
interface Options {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
}

/** A device that keeps one passkey (ES256) and signs with it; the deviations are what attackers would try. */
export interface Authenticator {
  create(options: unknown, deviation?: Deviation): object;
  get(options: unknown, deviation?: Deviation): object;
}

interface Deviation {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** Whether the person was asked for a finger or a PIN. */
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly key?: KeyObject;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

export function createAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let counter = 0;
  let userHandle = '';

  const clientData = (type: string, options: Options, deviation: Deviation): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: deviation.challenge ?? options.challenge,
        origin: deviation.origin ?? origin,
      }),
    );

  const authenticatorData = (rpId: string, deviation: Deviation, credential: Buffer | null) => {
    const flags =
      USER_PRESENT |
      (deviation.userVerified === false ? 0 : USER_VERIFIED) |
      (credential === null ? 0 : HAS_CREDENTIAL);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags);
    head.writeUInt32BE(deviation.counter ?? counter, 1);
    const hash = createHash('sha256').update(rpId).digest();
    return Buffer.concat([hash, head, credential ?? Buffer.alloc(0)]);
  };

  const answer = (response: object) => ({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });

  return {
    create: (given, deviation = {}) => {
      const options = given as Options;
      userHandle = options.user?.id ?? '';
      const jwk = publicKey.export({ format: 'jwk' });
      const coseKey = new Map<number, number | Buffer>([
        ...([
          [1, 2],
          [3, -7],
          [-1, 1],
        ] as const),
        [-2, Buffer.from(jwk.x ?? '', 'base64url')],
        [-3, Buffer.from(jwk.y ?? '', 'base64url')],
      ]);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const credential = Buffer.concat([Buffer.alloc(16), length, id, cbor(coseKey)]);
      const rpId = deviation.rpId ?? options.rp?.id ?? '';
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authenticatorData(rpId, deviation, credential)],
      ]);
      return answer({
        clientDataJSON: clientData('webauthn.create', options, deviation).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal'],
      });
    },

    get: (given, deviation = {}) => {
      const options = given as Options;
      counter += 1;
      const data = authenticatorData(deviation.rpId ?? options.rpId ?? '', deviation, null);
      const client = clientData('webauthn.get', options, deviation);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, deviation.key ?? privateKey).toString('base64url'),
        userHandle: deviation.userHandle ?? userHandle,
      });
    },
  };
}

/** As much of CBOR as an attestation needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const entries = [...value].flatMap(([key, one]) => [cbor(key), cbor(one)]);
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  throw new Error('not in this CBOR');
}

function head(kind: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(kind << 5) | count]);
  if (count < 256) return Buffer.from([(kind << 5) | 24, count]);
  return Buffer.from([(kind << 5) | 25, count >> 8, count & 255]);
}
