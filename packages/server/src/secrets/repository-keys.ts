import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Kysely } from 'kysely';
import type { Database } from '../store/index.ts';
import { unpad } from './unpad.ts';

const generate = promisify(generateKeyPair);

export interface PublicKey {
  /** SubjectPublicKeyInfo (`BEGIN PUBLIC KEY`). */
  readonly pem: string;
  /** MD5 of the DER form as `aa:bb:…`, as Travis shows it. */
  readonly fingerprint: string;
}

export interface RepositoryKeys {
  ensure(repositoryUuid: string): Promise<void>;
  publicKey(repositoryUuid: string): Promise<PublicKey>;
  decrypt(repositoryUuid: string, base64: string): Promise<string | null>;
}

export interface RepositoryKeysDeps {
  readonly db: Kysely<Database>;
  readonly seal: (plaintext: string, context: string) => string;
  readonly open: (sealed: string, context: string) => string;
  readonly rsaBits: number;
}

/** One RSA key pair for each repository (spec/travis.md 14.1), made when it is first needed. */
export function createRepositoryKeys({ db, seal, open, rsaBits }: RepositoryKeysDeps) {
  const making = new Map<string, Promise<void>>();

  const find = (repositoryUuid: string) =>
    db
      .selectFrom('repository_keys')
      .select(['public_key', 'private_key_sealed'])
      .where('repository_uuid', '=', repositoryUuid)
      .executeTakeFirst();

  const make = async (repositoryUuid: string) => {
    if (await find(repositoryUuid)) return;
    const pair = await generate('rsa', {
      modulusLength: rsaBits,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    // Another server may have been quicker: its pair stays, since somebody may have encrypted with it.
    await db
      .insertInto('repository_keys')
      .values({
        repository_uuid: repositoryUuid,
        public_key: pair.publicKey,
        private_key_sealed: seal(pair.privateKey, contextOf(repositoryUuid)),
        created_at: new Date().toISOString(),
      })
      .onConflict((conflict) => conflict.column('repository_uuid').doNothing())
      .execute();
  };

  const ensure = (repositoryUuid: string): Promise<void> => {
    const running = making.get(repositoryUuid);
    if (running !== undefined) return running;
    const work = make(repositoryUuid).finally(() => making.delete(repositoryUuid));
    making.set(repositoryUuid, work);
    return work;
  };

  const row = async (repositoryUuid: string) => {
    const existing = await find(repositoryUuid);
    if (existing !== undefined) return existing;
    await ensure(repositoryUuid);
    const made = await find(repositoryUuid);
    if (made === undefined) throw new Error(`no key was stored for repository ${repositoryUuid}`);
    return made;
  };

  const keys: RepositoryKeys = {
    ensure,
    publicKey: async (repositoryUuid) => {
      const { public_key: pem } = await row(repositoryUuid);
      return { pem, fingerprint: fingerprint(pem) };
    },
    decrypt: async (repositoryUuid, base64) => {
      const { private_key_sealed } = await row(repositoryUuid);
      return decryptWith(open(private_key_sealed, contextOf(repositoryUuid)), base64);
    },
  };
  return { ...keys, settled: () => Promise.allSettled(making.values()) };
}

/** Null for anything that is not a whole, intact value encrypted for exactly this key. */
export function decryptWith(privateKeyPem: string, base64: string): string | null {
  const text = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const key = createPrivateKey(privateKeyPem);
  const encrypted = Buffer.from(text, 'base64');
  if (encrypted.length !== Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)) {
    return null;
  }
  try {
    const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
    const message = unpad(block);
    // Fatal: a value that is not UTF-8 would otherwise reach the job changed, and unmasked in its true form.
    return message === null
      ? null
      : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
  } catch {
    return null;
  }
}

function fingerprint(pem: string): string {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  const digest = createHash('md5').update(der).digest('hex');
  return (digest.match(/../g) ?? []).join(':');
}

function contextOf(repositoryUuid: string): string {
  return `repository_key:${repositoryUuid}`;
}
