import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lacksS3Server, type S3Server, startS3Server } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { S3Options, Store } from '../index.ts';
import { openStore } from '../test/open-store.ts';
import { type MoveFilesOptions, moveFiles } from './index.ts';

const noServer = lacksS3Server();

describe.skipIf(noServer)('logs, caches and artifacts move between directory and bucket', () => {
  let server: S3Server;
  let dataDir: string;
  let store: Store;
  let s3: S3Options;
  let count = 0;

  beforeAll(async () => {
    server = await startS3Server();
  }, 180_000);
  afterAll(() => server?.destroy());
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-move-files-'));
    count += 1;
    s3 = {
      ...{ endpoint: server.endpoint, bucket: server.bucket, region: 'us-east-1' },
      ...{ accessKey: server.accessKey, secretKey: server.secretKey, sessionToken: '' },
      ...{ prefix: `move-${count}/`, pathStyle: true, timeoutMs: 20_000 },
    };
    store = await openStore({ dataDir, s3: null });
    await store.logs.append('job-1-1', 'one\n');
    await store.logs.append('job-1-1', 'two\n');
    await store.logs.end('job-1-1');
    await store.logs.append('job-2-1', 'goes on');
    await store.logs.end('silent');
    for (const name of ['caches', 'artifacts/1/1', 'unsent/caches']) {
      await mkdir(join(dataDir, name), { recursive: true });
      await writeFile(join(dataDir, name, 'file'), `of ${name}`);
    }
    await writeFile(join(dataDir, 'unsent/caches/waiting'), 'waiting');
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const move = (to: MoveFilesOptions['to'], progress?: MoveFilesOptions['progress']) =>
    moveFiles({ ...{ store, dataDir, s3, to }, ...(progress ? { progress } : {}) });
  const files = async () => {
    const found: Record<string, string> = {};
    for (const name of ['logs', 'caches', 'artifacts', 'unsent']) {
      const entries = await readdir(join(dataDir, name), { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile()) found[path.slice(dataDir.length + 1)] = await readFile(path, 'latin1');
      }
    }
    return found;
  };
  const reopen = async (options: S3Options | null) => {
    await store.close();
    store = await openStore({ dataDir, s3: options });
  };

  test('whole, with what goes on afterwards, and back as it was', async () => {
    const before = await files();
    const steps: number[] = [];
    const moved = await move('s3', (done, all) => steps.push(done / all));
    expect(moved).toMatchObject({ logs: 3, caches: 3, artifacts: 1 });
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(await files()).toEqual({});
    await reopen(s3);
    expect(String((await store.logs.read('job-1-1', 0, 100)).bytes)).toBe('one\ntwo\n');
    expect(await store.logs.isEnded('job-1-1')).toBe(true);
    expect(await store.logs.isEnded('silent')).toBe(true);
    expect((await store.logs.arrivals('job-1-1'))[0]?.offset).toBe(0);
    await store.logs.append('job-2-1', ', here too');
    expect(String((await store.logs.read('job-2-1', 0, 100)).bytes)).toBe('goes on, here too');

    await reopen(s3);
    await move('directory');
    const after = await files();
    expect(after).toEqual({
      ...Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith('unsent'))),
      'logs/job-2-1.log': 'goes on, here too',
      'caches/waiting': 'waiting',
      // What waited to be sent was newer.
      'caches/file': 'of unsent/caches',
    });
    await reopen(null);
    expect(await store.logs.isEnded('job-2-1')).toBe(false);
  }, 120_000);

  test('interrupted anywhere it is run again, and nothing is lost or double', async () => {
    for (let stop = 1; stop <= 7; stop += 1) {
      let steps = 0;
      await move('s3', () => {
        steps += 1;
        if (steps > stop) throw new Error('pulled the plug');
      }).catch((error: unknown) => expect(String(error)).toContain('pulled the plug'));
    }
    await move('s3');
    expect(await files()).toEqual({});
    let steps = 0;
    await expect(
      move('directory', () => {
        steps += 1;
        if (steps > 2) throw new Error('pulled the plug');
      }),
    ).rejects.toThrow('pulled the plug');
    await move('directory');
    const after = await files();
    expect(after['logs/job-1-1.log']).toBe('one\ntwo\n');
    expect(after['logs/job-2-1.log']).toBe('goes on');
    expect(after['artifacts/1/1/file']).toBe('of artifacts/1/1');
    expect(await move('directory')).toMatchObject({ logs: 0, caches: 0, artifacts: 0 });
  }, 120_000);

  test('nothing is removed when the bucket refuses it', async () => {
    const before = await files();
    const wrong = { ...s3, ...server.reader };
    await expect(moveFiles({ store, dataDir, to: 's3', s3: wrong })).rejects.toMatchObject({
      reason: 'storage_refused',
    });
    expect(await files()).toEqual(before);
  }, 60_000);
});
