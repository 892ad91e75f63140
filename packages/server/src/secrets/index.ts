import type { Kysely } from 'kysely';
import type { Database } from '../store/index.ts';
import { loadMasterKey } from './master-key.ts';
import { createRepositoryKeys, type PublicKey } from './repository-keys.ts';
import * as sealing from './sealing.ts';

export type { PublicKey } from './repository-keys.ts';

/** Encryption at rest, and the key pairs that `secure:` values are made for (spec/travis.md 14). */
export interface Secrets {
  /**
   * Encrypts a value for a column. `context` names its place, such as `environment_variable:<uuid>`, and
   * must be the same when it is opened.
   */
  seal(plaintext: string, context: string): string;
  /** Throws `internal` when the value is damaged or was sealed for another place. */
  open(sealed: string, context: string): string;
  /**
   * Makes the repository's RSA key pair unless it has one. Takes seconds (off the main thread), so never call it
   * inside a transaction. `publicKey` and `decrypt` do it themselves when it was not done before.
   */
  ensureRepositoryKey(repositoryUuid: string): Promise<void>;
  publicKey(repositoryUuid: string): Promise<PublicKey>;
  /** The plain text of a `secure:` value; null = not decryptable, for whatever reason. */
  decrypt(repositoryUuid: string, base64: string): Promise<string | null>;
  /** Resolves when no key pair is being made; wait for it before the store is closed. */
  settled(): Promise<void>;
}

export interface SecretsOptions {
  readonly dataDir: string;
  readonly db: Kysely<Database>;
  /** Default 4096; tests take less, since making a key is slow. */
  readonly rsaBits?: number;
}

/** Throws `unavailable` when the master key is missing, damaged or another one than the database needs. */
export async function createSecrets({ dataDir, db, rsaBits }: SecretsOptions): Promise<Secrets> {
  const master = await loadMasterKey(dataDir, db);
  const seal = (plaintext: string, context: string) => sealing.seal(master, plaintext, context);
  const open = (sealed: string, context: string) => sealing.open(master, sealed, context);
  const keys = createRepositoryKeys({ db, seal, open, rsaBits: rsaBits ?? 4096 });
  return {
    seal,
    open,
    ensureRepositoryKey: keys.ensure,
    publicKey: keys.publicKey,
    decrypt: keys.decrypt,
    settled: async () => {
      await keys.settled();
    },
  };
}
