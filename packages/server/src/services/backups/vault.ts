import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '../../store/index.ts';

/** What was stored: `bytes` and `sha256` are of the data as they came, not of what lies in the store. */
export interface Stored {
  readonly bytes: number;
  readonly sha256: string;
}

/** Keeps dumps encrypted, each under a key of its own, and knows again what was changed. Never more than some chunks in memory. */
export interface Vault {
  newKey(): string;
  /** Writes, reads back and compares. `onBytes` hears how much came so far. Throws what `source` throws, and keeps nothing then. */
  store(
    name: string,
    key: string,
    source: AsyncIterable<Uint8Array>,
    onBytes: (bytes: number) => void,
  ): Promise<Stored>;
  /** The data; its end throws when they are not what was stored. */
  load(name: string, key: string, stored: Stored): AsyncGenerator<Buffer>;
  remove(name: string): Promise<void>;
}

const CIPHER = 'aes-256-ctr';
/** A key is used for one dump only, so that the counter may begin anywhere. */
const COUNTER = Buffer.alloc(16);

export function createVault(blobs: Blobs): Vault {
  async function* load(name: string, key: string, stored: Stored): AsyncGenerator<Buffer> {
    const blob = await blobs.open(name);
    if (blob === null) throw new Error('The stored backup is not there any more.');
    const decipher = createDecipheriv(CIPHER, Buffer.from(key, 'base64url'), COUNTER);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of blob.stream as AsyncIterable<Buffer>) {
      const plain = decipher.update(chunk);
      hash.update(plain);
      bytes += plain.length;
      yield plain;
    }
    const sha256 = hash.digest('hex');
    if (bytes === stored.bytes && sha256 === stored.sha256) return;
    throw new Error(
      `The stored backup is damaged: ${bytes} bytes with the SHA-256 ${sha256.slice(0, 12)}, not ${stored.bytes} with ${stored.sha256.slice(0, 12)}.`,
    );
  }

  return {
    newKey: () => randomBytes(32).toString('base64url'),
    load,
    remove: (name) => blobs.remove([name]),
    store: async (name, key, source, onBytes) => {
      const cipher = createCipheriv(CIPHER, Buffer.from(key, 'base64url'), COUNTER);
      const hash = createHash('sha256');
      let bytes = 0;
      const encrypted = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of source) {
          hash.update(chunk);
          bytes += chunk.length;
          onBytes(bytes);
          yield cipher.update(chunk);
        }
      };
      const file = await blobs.incoming();
      try {
        await pipeline(encrypted, createWriteStream(file, { mode: 0o600 }));
        // A backup that only this machine has is none yet.
        await blobs.put(name, file, { now: true });
        const stored = { bytes, sha256: hash.digest('hex') };
        for await (const _ of load(name, key, stored));
        return stored;
      } catch (error) {
        await rm(file, { force: true });
        await blobs.remove([name]).catch(() => undefined);
        throw error;
      }
    },
  };
}
