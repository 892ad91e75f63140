import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptFor } from '@sluice/contract/encryption';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';
import { createSecrets, type Secrets } from './index.ts';

let dataDir: string;
let store: Store;
let secrets: Secrets;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  store = await openStore({ dataDir });
  secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
});

afterAll(async () => {
  await secrets.settled();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('sealing', () => {
  test('opens what it sealed, in the same context only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (text, here, there) => {
        const sealed = secrets.seal(text, here);
        expect(secrets.open(sealed, here)).toBe(text);
        if (here !== there) expect(() => secrets.open(sealed, there)).toThrow(/belongs elsewhere/);
      }),
    );
  });

  test('notices every changed byte, and never repeats itself', () => {
    const sealed = secrets.seal('hunter2', 'x');
    expect(secrets.seal('hunter2', 'x')).not.toBe(sealed);
    const [version, id, packed = ''] = sealed.split('.');
    const bytes = Buffer.from(packed, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const text = `${version}.${id}.${changed.toString('base64url')}`;
      expect(() => secrets.open(text, 'x')).toThrow(/damaged/);
    }
    for (const text of ['', 'v1', `v2.${id}.${packed}`, `${sealed}.`, `v1.${id}.`]) {
      expect(() => secrets.open(text, 'x')).toThrow(/damaged/);
    }
    expect(() => secrets.open(`v1.0123456789abcdef.${packed}`, 'x')).toThrow(/0123456789abcdef/);
  });

  test('an error never shows the value', () => {
    const sealed = secrets.seal('hunter2', 'x');
    expect(() => secrets.open(sealed, 'y')).toThrow(expect.not.stringContaining('hunter2'));
  });
});

describe('the master key', () => {
  const inFreshDirectory = async (work: (directory: string, fresh: Store) => Promise<void>) => {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-master-'));
    const fresh = await openStore({ dataDir: directory });
    try {
      await work(directory, fresh);
    } finally {
      await fresh.close();
      await rm(directory, { recursive: true, force: true });
    }
  };

  test('is 32 bytes only its owner can read, with no drafts left beside it', async () => {
    const path = join(dataDir, 'keys', 'master.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path)).toHaveLength(32);
    expect(await readdir(join(dataDir, 'keys'))).toEqual(['master.key']);
  });

  test('two processes that start at once end with the same key', () =>
    inFreshDirectory(async (directory, fresh) => {
      const all = await Promise.all(
        Array.from({ length: 8 }, () => createSecrets({ dataDir: directory, db: fresh.db })),
      );
      const sealed = all.map((each) => each.seal('text', 'here'));
      for (const each of all) {
        for (const value of sealed) expect(each.open(value, 'here')).toBe('text');
      }
    }));

  test('lost, exposed, cut short or of another installation: refused with the remedy', () =>
    inFreshDirectory(async (directory, fresh) => {
      const start = () => createSecrets({ dataDir: directory, db: fresh.db });
      const path = join(directory, 'keys', 'master.key');
      await start();
      const key = await readFile(path);

      await chmod(path, 0o640);
      await expect(start()).rejects.toMatchObject({ reason: 'master_key_exposed' });
      await chmod(path, 0o600);
      await writeFile(path, key.subarray(0, 20));
      await expect(start()).rejects.toMatchObject({ reason: 'master_key_damaged' });
      await writeFile(path, Buffer.alloc(32, 7));
      await expect(start()).rejects.toMatchObject({ reason: 'master_key_wrong' });
      await rm(path);
      await expect(start()).rejects.toMatchObject({
        reason: 'master_key_missing',
        remedy: expect.stringContaining('backup'),
      });
      expect(await readdir(join(directory, 'keys'))).toEqual([]);

      await writeFile(path, key, { mode: 0o600 });
      await start();
    }));
});

describe('the key pair of a repository', () => {
  test('encrypts and decrypts any text that fits, whitespace in the base64 ignored', async () => {
    const { pem } = await secrets.publicKey('repository-a');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 29 }),
        fc.nat({ max: 170 }),
        async (text, cut) => {
          const encrypted = encryptFor(pem, text);
          const spread = `\n ${encrypted.slice(0, cut)} \r\n\t${encrypted.slice(cut)}\n`;
          expect(encrypted).not.toMatch(/\s/);
          expect(await secrets.decrypt('repository-a', spread)).toBe(text);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is made once, also when many ask at the same time', async () => {
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => secrets.publicKey('repository-b')),
    );
    expect(new Set(asked.map((key) => key.pem)).size).toBe(1);
    expect(asked[0]?.fingerprint).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
  });

  test('does not decrypt what is damaged or was made for another repository', async () => {
    const { pem } = await secrets.publicKey('repository-a');
    const encrypted = Buffer.from(encryptFor(pem, 'TOKEN=hunter2'), 'base64');
    expect(await secrets.decrypt('repository-b', encrypted.toString('base64'))).toBeNull();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: encrypted.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (index, flip) => {
          const damaged = Buffer.from(encrypted);
          damaged[index] = (damaged[index] ?? 0) ^ flip;
          const answer = await secrets.decrypt('repository-a', damaged.toString('base64'));
          // A damaged block is random bytes: about one in 30,000 happens to look padded.
          expect(answer).not.toBe('TOKEN=hunter2');
        },
      ),
      { numRuns: 200 },
    );
    for (const text of ['', '!!!!', 'AAAA', `${encrypted.toString('base64')}AAAA`]) {
      expect(await secrets.decrypt('repository-a', text)).toBeNull();
    }
    const beyondModulus = Buffer.alloc(encrypted.length, 0xff).toString('base64');
    expect(await secrets.decrypt('repository-a', beyondModulus)).toBeNull();
  });

  test('the private key is nowhere in the database as plain text', async () => {
    const row = await store.db.selectFrom('repository_keys').selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain('PRIVATE KEY');
  });

  test('is 4096 bits by default and holds 501 bytes', async () => {
    const grown = await createSecrets({ dataDir, db: store.db });
    const { pem } = await grown.publicKey('repository-4096');
    const longest = 'x'.repeat(501);
    expect(await grown.decrypt('repository-4096', encryptFor(pem, longest))).toBe(longest);
    expect(() => encryptFor(pem, `${longest}x`)).toThrow(/at most 501/);
    expect(() => encryptFor(pem, 'ä'.repeat(251))).toThrow(/502 bytes/);
    expect(() => encryptFor('nonsense', 'x')).toThrow(/public key/);
  });
});
