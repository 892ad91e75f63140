import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../../router/durable.ts';
import type { InstanceSpec } from '../types.ts';

/** What outlives the supervisor: which instances there should be. */
interface DesiredInstance {
  readonly spec: InstanceSpec;
  /** Somebody asked for its end; a restarted supervisor carries on with that. */
  readonly stopping: boolean;
}

/**
 * The desired instances on disk. Their environments hold secrets, so the file is sealed (AES-256-GCM) with a key of
 * the supervisor's own: it must be able to start everything when the server and its master key are away.
 */
export interface SealedState {
  load(): Promise<DesiredInstance[]>;
  save(instances: readonly DesiredInstance[]): Promise<void>;
}

export async function openSealedState(path: string, keyPath: string): Promise<SealedState> {
  const key = await readOrMakeKey(keyPath);
  let tail: Promise<unknown> = Promise.resolve();
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) return [];
      const sealed = Buffer.from(JSON.parse(text).sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAuthTag(sealed.subarray(12, 28));
      const plain = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
      return JSON.parse(plain.toString('utf8')) as DesiredInstance[];
    },
    // One write at a time, in the order of the calls.
    save: (instances) => {
      const plain = JSON.stringify(instances);
      const write = () => {
        const nonce = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', key, nonce);
        const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
        const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
        return writeDurably(path, `${JSON.stringify({ version: 1, sealed })}\n`);
      };
      const turn = tail.then(write, write);
      tail = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function readOrMakeKey(path: string): Promise<Buffer> {
  const stored = await readFile(path, 'utf8').catch(() => null);
  if (stored !== null) return Buffer.from(stored.trim(), 'base64');
  const key = randomBytes(32);
  await writeDurably(path, `${key.toString('base64')}\n`);
  return key;
}
