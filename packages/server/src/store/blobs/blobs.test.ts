import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { lacksS3Server, type S3Server, startS3Server } from '@sluice/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createDirectoryBlobs } from './directory.ts';
import { openS3Blobs } from './s3/index.ts';
import type { S3Options } from './s3/types.ts';
import type { Blobs } from './types.ts';

const noServer = lacksS3Server();
let server: S3Server | null = null;
let count = 0;
let dataDir: string;
let blobs: Blobs;

beforeAll(async () => {
  if (!noServer) server = await startS3Server();
}, 180_000);
afterAll(() => server?.destroy());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-blobs-'));
});
afterEach(async () => {
  await blobs?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const s3Options = (more: Partial<S3Options> = {}): S3Options => {
  if (server === null) throw new Error('no S3 server');
  count += 1;
  return {
    ...{ endpoint: server.endpoint, bucket: server.bucket, region: 'us-east-1' },
    ...{ accessKey: server.accessKey, secretKey: server.secretKey, sessionToken: '' },
    ...{ prefix: `test-${count}/`, pathStyle: true, timeoutMs: 20_000 },
    ...more,
  };
};

const put = async (key: string, content: Buffer | string, to = blobs) => {
  const file = await to.incoming();
  await writeFile(file, content);
  await to.put(key, file);
};
const get = async (key: string, range?: { start: number; end: number }) => {
  const found = await blobs.open(key, range);
  return found === null ? null : buffer(found.stream);
};
const keys = async (prefix: string) => {
  const found: string[] = [];
  for await (const { key } of blobs.list(prefix)) found.push(key);
  return found.sort();
};

describe.each([
  ['a directory', async () => createDirectoryBlobs(dataDir)],
  ['S3', async () => openS3Blobs(dataDir, s3Options())],
] as const)('blobs in %s', (kind, open) => {
  const isSkipped = kind === 'S3' && noServer;

  it.skipIf(isSkipped)('are what was put, whole or in part, and replaced as a whole', async () => {
    blobs = await open();
    expect(await get('caches/none')).toBeNull();
    await put('caches/one', 'first');
    expect(String(await get('caches/one'))).toBe('first');
    await put('caches/one', 'second and longer');
    expect(String(await get('caches/one'))).toBe('second and longer');
    expect(String(await get('caches/one', { start: 7, end: 10 }))).toBe('and');
    const part = await blobs.open('caches/one', { start: 0, end: 2 });
    expect(part?.sizeBytes).toBe(17);
    expect(String(part && (await buffer(part.stream)))).toBe('se');
    expect(String(await get('caches/one', { start: 4, end: 4 }))).toBe('');
    await put('caches/empty', '');
    expect(String(await get('caches/empty'))).toBe('');
    expect(await readdir(join(dataDir, 'incoming'))).toEqual([]);
  });

  it.skipIf(isSkipped)('are listed by their beginning and removed by name', async () => {
    blobs = await open();
    for (const key of ['artifacts/1/1/a', 'artifacts/1/2/b', 'artifacts/11/1/c', 'logs/x.log']) {
      await put(key, key);
    }
    expect(await keys('artifacts/1/')).toEqual(['artifacts/1/1/a', 'artifacts/1/2/b']);
    expect(await keys('artifacts/')).toHaveLength(3);
    expect(await keys('caches/')).toEqual([]);
    await blobs.remove(['artifacts/1/1/a', 'artifacts/none/at-all']);
    expect(await keys('artifacts/')).toEqual(['artifacts/1/2/b', 'artifacts/11/1/c']);
    expect(await get('artifacts/1/1/a')).toBeNull();
  });

  it.skipIf(isSkipped)(
    'are of any bytes and any size, at the borders of parts too',
    async () => {
      blobs = await open();
      const part = 8 * 1_024 ** 2;
      for (const size of [part, part + 1, 2 * part + 12_345]) {
        const content = randomBytes(size);
        await put('artifacts/7/1/large', content);
        const back = await get('artifacts/7/1/large');
        expect(back?.length).toBe(size);
        expect(sum(back)).toBe(sum(content));
        const middle = await get('artifacts/7/1/large', { start: part - 3, end: part + 1 });
        expect(middle).toEqual(content.subarray(part - 3, part + 1));
      }
    },
    120_000,
  );

  it.skipIf(isSkipped)(
    'keep every range of what was put (property)',
    async () => {
      blobs = await open();
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ minLength: 1, maxLength: 300 }),
          fc.nat(300),
          fc.nat(300),
          async (bytes, a, b) => {
            const content = Buffer.from(bytes);
            await put('logs/p.log', content);
            const start = Math.min(a, b, content.length);
            const end = Math.min(Math.max(a, b), content.length);
            expect(await get('logs/p.log', { start, end })).toEqual(content.subarray(start, end));
          },
        ),
        { numRuns: 25 },
      );
    },
    120_000,
  );

  it.skipIf(isSkipped)('have names that lead nowhere else', async () => {
    blobs = await open();
    const names = [
      '../sluice.db',
      'caches/../../x',
      '/etc/passwd',
      'keys/master.key',
      'caches/',
      '',
    ];
    for (const key of [...names, 'caches/a/../b', 'caches/..', 'caches/a\n']) {
      await expect(get(key), key).rejects.toMatchObject({ code: 'invalid' });
      await expect(put(key, 'x'), key).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});

describe.skipIf(noServer)('S3', () => {
  const refusal = async (more: Partial<S3Options>) => {
    const error: unknown = await openS3Blobs(dataDir, s3Options(more)).then(
      (opened) => opened.close(),
      (thrown: unknown) => thrown,
    );
    const { message = '', remedy = '' } = (error ?? {}) as { message?: string; remedy?: string };
    expect(`${message} ${remedy}`).not.toContain('secret-of-the-test');
    return `${message} ${remedy}`;
  };

  test('that refuses is told of at the start, with the setting that is wrong', async () => {
    expect(await refusal({ accessKey: 'nobody' })).toContain('setting s3_access_key');
    expect(await refusal({ secretKey: 'wrong' })).toContain('setting s3_secret_key');
    expect(await refusal({ bucket: 'missing' })).toContain('setting s3_bucket');
    expect(await refusal({ ...server?.reader })).toContain('s3:PutObject');
  }, 60_000);

  test('with a clock that is wrong is told so plainly', async () => {
    const { endpoint, stop } = await clockProxy(server?.endpoint ?? '');
    expect(await refusal({ endpoint })).toMatch(/clocks differ.*T.*here and .*T.*there/);
    await stop();
  }, 60_000);

  test('that is away keeps nothing from being put and read; it is sent when it is back, once', async () => {
    const proxy = await gate(server?.endpoint ?? '');
    const options = s3Options({ endpoint: proxy.endpoint, timeoutMs: 1_000 });
    const troubles: unknown[] = [];
    await proxy.shut();
    blobs = await openS3Blobs(dataDir, options, (error) => troubles.push(error));
    await put('caches/kept', 'while it was away');
    await put('artifacts/3/1/kept', 'this too');
    expect(String(await get('caches/kept'))).toBe('while it was away');
    await expect(get('caches/unknown')).rejects.toMatchObject({ reason: 'storage_away' });
    const file = await blobs.incoming();
    await writeFile(file, 'x');
    await expect(blobs.put('logs/now', file, { now: true })).rejects.toMatchObject({
      reason: 'storage_away',
    });
    expect(await blobs.health()).toMatchObject({
      trouble: { message: expect.stringContaining('does not answer') },
      waiting: { count: 2, bytes: 25 },
    });
    expect(troubles).toHaveLength(1);

    // Another process finds what waits, as after a crash.
    await blobs.close();
    await proxy.open();
    blobs = await openS3Blobs(dataDir, options);
    await blobs.flush();
    expect(await blobs.health()).toMatchObject({ trouble: null, waiting: { count: 0, bytes: 0 } });
    await rm(join(dataDir, 'unsent'), { recursive: true, force: true });
    expect(String(await get('caches/kept'))).toBe('while it was away');
    expect(String(await get('artifacts/3/1/kept'))).toBe('this too');
    await proxy.stop();
  }, 120_000);

  test('that stands still for too long counts as away', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const port = await listening(silent);
    const options = s3Options({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 300 });
    blobs = await openS3Blobs(dataDir, options);
    await put('caches/slow', 'kept');
    expect(String(await get('caches/slow'))).toBe('kept');
    expect((await blobs.health()).trouble?.message).toContain('nothing came for 0.3 seconds');
    silent.close();
  }, 60_000);

  test('refuses what was changed on its way, and the reader notices what was cut short', async () => {
    const proxy = await gate(server?.endpoint ?? '', {
      change: (bytes) =>
        Buffer.from(bytes.toString('latin1').replace('honest', 'forged'), 'latin1'),
    });
    blobs = await openS3Blobs(dataDir, s3Options({ endpoint: proxy.endpoint }));
    const file = await blobs.incoming();
    await writeFile(file, 'an honest line');
    await expect(blobs.put('caches/x', file, { now: true })).rejects.toMatchObject({
      reason: expect.stringMatching(/^storage_/),
    });
    expect(await get('caches/x')).toBeNull();
    await blobs.close();
    await proxy.stop();

    const cutting = await gate(server?.endpoint ?? '', { cutAnswersAt: 300_000 });
    blobs = await openS3Blobs(dataDir, s3Options({ endpoint: cutting.endpoint }));
    await put('caches/long', randomBytes(2_000_000));
    await expect(get('caches/long')).rejects.toThrow();
    await cutting.stop();
  }, 60_000);

  test('shows what the directory had before, until it is moved', async () => {
    await mkdir(join(dataDir, 'caches'));
    await writeFile(join(dataDir, 'caches', 'old.tar.gz'), 'of before');
    blobs = await openS3Blobs(dataDir, s3Options());
    expect(String(await get('caches/old.tar.gz'))).toBe('of before');
    expect(await keys('caches/')).toEqual(['caches/old.tar.gz']);
    await blobs.remove(['caches/old.tar.gz']);
    expect(await readdir(join(dataDir, 'caches'))).toEqual([]);
  });

  test('lists more than one page', async () => {
    blobs = await openS3Blobs(dataDir, s3Options());
    const wanted = Array.from({ length: 1_005 }, (_, at) => `logs/${String(at).padStart(4, '0')}`);
    for (let at = 0; at < wanted.length; at += 40) {
      await Promise.all(wanted.slice(at, at + 40).map((key) => put(key, key)));
    }
    expect(await keys('logs/')).toEqual(wanted);
  }, 120_000);
});

test('a directory keeps what it was given although its server dies: there is no half of it', async () => {
  blobs = createDirectoryBlobs(dataDir);
  await put('caches/whole', 'whole');
  // What a server that was killed while it received leaves.
  await writeFile(await blobs.incoming(), 'ha');
  expect(await keys('caches/')).toEqual(['caches/whole']);
  expect(await readFile(join(dataDir, 'caches/whole'), 'utf8')).toBe('whole');
});

const sum = (bytes: Buffer | null) =>
  bytes === null ? null : createHash('sha256').update(bytes).digest('hex');

async function listening(listener: Server): Promise<number> {
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const address = listener.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The way to the storage, which can be shut, and on which bytes can be changed or lost. */
async function gate(
  target: string,
  fault: { change?: (bytes: Buffer) => Buffer; cutAnswersAt?: number } = {},
) {
  const { port } = new URL(target);
  const sockets = new Set<{ destroy(): void }>();
  let isShut = false;
  const listener = createServer((socket) => {
    const upstream = connect(Number(port), '127.0.0.1');
    let answered = 0;
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        socket.destroy();
        upstream.destroy();
      });
    }
    if (isShut) return void socket.destroy();
    socket.on('data', (bytes) => upstream.write(fault.change?.(bytes) ?? bytes));
    upstream.on('data', (bytes) => {
      answered += bytes.length;
      socket.write(bytes);
      if (answered > (fault.cutAnswersAt ?? Number.POSITIVE_INFINITY)) socket.destroy();
    });
  });
  const mine = await listening(listener);
  return {
    endpoint: `http://127.0.0.1:${mine}`,
    shut: async () => {
      isShut = true;
      for (const socket of sockets) socket.destroy();
    },
    open: async () => {
      isShut = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => listener.close(done));
    },
  };
}

/** As a storage whose clock is a day ahead: what it is asked was signed yesterday. */
async function clockProxy(target: string) {
  const { createServer: createHttp, request } = await import('node:http');
  const { AwsV4Signer } = await import('aws4fetch');
  const listener = createHttp(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const day = new Date(Date.now() - 24 * 60 * 60_000);
    const signed = await new AwsV4Signer({
      method: incoming.method ?? 'GET',
      url: `${target}${incoming.url}`,
      ...{ service: 's3', region: 'us-east-1' },
      accessKeyId: server?.accessKey ?? '',
      secretAccessKey: server?.secretKey ?? '',
      headers: { 'x-amz-content-sha256': sum(body) ?? '' },
      datetime: `${day.toISOString().replaceAll(/[:-]|\.\d{3}/g, '')}`,
    }).sign();
    const upstream = request(
      signed.url,
      { method: incoming.method ?? 'GET', headers: Object.fromEntries(signed.headers) },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    upstream.end(body);
  });
  const port = await listening(listener);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => new Promise((done) => listener.close(done)),
  };
}
