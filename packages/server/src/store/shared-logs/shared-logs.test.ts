import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lacksS3Server, type S3Server, startS3Server } from '@sluice/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { S3Options, Store } from '../index.ts';
import { openStore } from '../test/open-store.ts';
import { logKey } from './archive.ts';

const noServer = lacksS3Server();
const WRITER = join(import.meta.dirname, '../test/shared-log-writer.ts');
let server: S3Server | null = null;
let count = 0;
let dataDir: string;
let s3: S3Options | null;
let store: Store;

beforeAll(async () => {
  if (!noServer) server = await startS3Server();
}, 180_000);
afterAll(() => server?.destroy());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-shared-logs-'));
});
afterEach(async () => {
  await store?.close();
  await rm(dataDir, { recursive: true, force: true });
});

function bucket(more: Partial<S3Options> = {}): S3Options {
  if (server === null) throw new Error('no S3 server');
  count += 1;
  return {
    ...{ endpoint: server.endpoint, bucket: server.bucket, region: 'us-east-1' },
    ...{ accessKey: server.accessKey, secretKey: server.secretKey, sessionToken: '' },
    ...{ prefix: `logs-test-${count}/`, pathStyle: true, timeoutMs: 5_000 },
    ...more,
  };
}
const open = async (options: S3Options | null) => {
  s3 = options;
  store = await openStore({ dataDir, s3 });
};
const whole = async (streamId: string, from = store): Promise<string> =>
  String((await from.logs.read(streamId, 0, 100_000_000)).bytes);
const chunks = async (streamId: string): Promise<number> =>
  (await store.db.selectFrom('log_chunks').selectAll().where('stream_id', '=', streamId).execute())
    .length;
/** Ended, and brought into the bucket where there is one. */
const finish = async (streamId: string): Promise<void> => {
  await store.logs.end(streamId);
  if (s3 !== null) await expect.poll(() => chunks(streamId), { timeout: 60_000 }).toBe(0);
};

describe.each([
  ['files', (): S3Options | null => null],
  ['rows and a bucket', (): S3Options | null => bucket()],
] as const)('logs in %s', (kind, options) => {
  const isSkipped = kind !== 'files' && noServer;

  it.skipIf(isSkipped)('are read as they are written, in parts and to their end', async () => {
    await open(options());
    expect(await store.logs.read('none', 0, 10)).toMatchObject({ size: 0, ended: false });
    expect(await store.logs.append('one', 'first\n')).toBe(6);
    expect(await store.logs.append('one', Buffer.from('second\n'))).toBe(13);
    expect(String((await store.logs.read('one', 3, 6)).bytes)).toBe('st\nsec');
    expect(await store.logs.read('one', 13, 10)).toMatchObject({ size: 13, ended: false });
    await finish('one');
    expect(await store.logs.isEnded('one')).toBe(true);
    expect(await store.logs.size('one')).toBe(13);
    const found = await store.logs.read('one', 6, 100);
    expect([String(found.bytes), found.size, found.ended]).toEqual(['second\n', 13, true]);
    expect(await store.logs.read('one', 50, 10)).toMatchObject({ size: 13 });
    expect((await store.logs.arrivals('one'))[0]?.offset).toBe(0);
    await store.logs.remove('one');
    expect(await store.logs.read('one', 0, 10)).toMatchObject({ size: 0, ended: false });
    expect(await store.logs.arrivals('one')).toEqual([]);
  });

  it.skipIf(isSkipped)('take a chunk that is sent twice once, and none beyond a gap', async () => {
    await open(options());
    const say = (offset: number, text: string) =>
      store.logs.appendAt('job-1-1', offset, Buffer.from(text));
    expect(await say(0, 'abc')).toBe(3);
    expect(await say(0, 'abc')).toBe(3);
    expect(await say(1, 'bcde')).toBe(5);
    await expect(say(6, 'x')).rejects.toMatchObject({ reason: 'log_gap' });
    const both = await Promise.all([say(5, 'fgh'), say(5, 'fgh')]);
    expect(both).toEqual([8, 8]);
    expect(await whole('job-1-1')).toBe('abcdefgh');
  });

  it.skipIf(isSkipped)('grow after their end, and are whole again', async () => {
    await open(options());
    await store.logs.append('deployment-1', 'one ');
    await finish('deployment-1');
    await store.logs.append('deployment-1', 'two ');
    expect(await whole('deployment-1')).toBe('one two ');
    await finish('deployment-1');
    expect(await whole('deployment-1')).toBe('one two ');
    expect((await store.logs.arrivals('deployment-1')).map((one) => one.offset)).toContain(0);
  });

  it.skipIf(isSkipped)(
    'say what was written whatever the pieces were (property)',
    async () => {
      await open(options());
      let number = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 }),
          fc.array(fc.nat(12), { maxLength: 3 }),
          fc.nat(500),
          fc.nat(500),
          async (pieces, endings, from, length) => {
            number += 1;
            const stream = `p${number}`;
            for (const [index, piece] of pieces.entries()) {
              await store.logs.append(stream, piece);
              if (endings.includes(index)) await finish(stream);
            }
            const all = Buffer.concat(pieces);
            const found = await store.logs.read(stream, from, length);
            expect(found.size).toBe(all.length);
            expect(found.bytes).toEqual(all.subarray(from, from + length));
          },
        ),
        { numRuns: 12 },
      );
    },
    120_000,
  );

  it.skipIf(isSkipped)('have names that lead nowhere else', async () => {
    await open(options());
    for (const name of ['../keys', 'a/b', '', '.', 'a.log']) {
      await expect(store.logs.append(name, 'x'), name).rejects.toMatchObject({ code: 'invalid' });
      await expect(store.logs.read(name, 0, 1), name).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});

describe.skipIf(noServer)('logs in a bucket', () => {
  test('go on in files where they were begun there, and cannot be left behind unseen', async () => {
    await open(null);
    await store.logs.append('old', 'begun in a file, ');
    await store.close();
    await open(bucket());
    await store.logs.append('old', 'and gone on with');
    expect(await whole('old')).toBe('begun in a file, and gone on with');
    await store.logs.end('old');
    expect(await store.logs.isEnded('old')).toBe(true);
    await store.logs.append('new', 'of the bucket');
    await store.close();
    await expect(openStore({ dataDir, s3: null })).rejects.toMatchObject({
      reason: 'bucket_needed',
      remedy: expect.stringContaining('move-blobs'),
    });
    store = await openStore({ dataDir, s3 });
  });

  test('stay in rows while the storage is away, readable, and arrive when it is back', async () => {
    await open(bucket());
    await server?.kill();
    try {
      await store.logs.append('away', 'written while it was away');
      await store.logs.end('away');
      expect(await whole('away')).toBe('written while it was away');
    } finally {
      await server?.start();
    }
    store.events.emit('logs:ended');
    await expect.poll(() => chunks('away'), { timeout: 60_000, interval: 200 }).toBe(0);
    expect(await whole('away')).toBe('written while it was away');
  }, 120_000);

  test('lose nothing and double nothing when their server is killed again and again', async () => {
    const options = bucket();
    let told = 0;
    for (const lines of [5, 60, 1, 150, 30]) {
      const child = spawn(process.execPath, [WRITER, dataDir, JSON.stringify(options)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let count = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        told = Number(line);
        count += 1;
        if (count === lines) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await open(options);
    const text = await whole('killed');
    expect(text.length).toBeGreaterThanOrEqual(told);
    let at = 0;
    for (const line of text.split('\n').slice(0, -1)) {
      expect(line).toBe(`line after ${at} bytes`);
      at += line.length + 1;
    }
    await finish('killed');
    expect(await whole('killed')).toBe(text);
    // What archiving left half done is named otherwise than what counts.
    const kept = await store.blobs.open(logKey('killed', text.length));
    expect(kept?.sizeBytes).toBe(text.length);
    kept?.stream.destroy();
  }, 180_000);
});
