import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findPostgres,
  lacks,
  lacksS3Server,
  type PostgresCluster,
  type S3Server,
  startPostgres,
  startS3Server,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../index.ts';

const noPostgres = lacks(
  'PostgreSQL (apt-get install postgresql)',
  (await findPostgres()) !== null,
);

describe.skipIf(noPostgres || lacksS3Server())('two servers without a directory in common', () => {
  let cluster: PostgresCluster;
  let server: S3Server;
  let stores: Store[] = [];
  const directories: string[] = [];

  beforeAll(async () => {
    [cluster, server] = await Promise.all([startPostgres(), startS3Server()]);
    await cluster.psql('postgres', 'create database logs');
    for (let number = 1; number <= 2; number += 1) {
      const dataDir = await mkdtemp(join(tmpdir(), 'sluice-log-replica-'));
      directories.push(dataDir);
      const { endpoint, bucket, accessKey, secretKey } = server;
      stores.push(
        await openStore({
          ...{ dataDir, databaseUrl: cluster.url('logs') },
          s3: {
            ...{ endpoint, bucket, accessKey, secretKey, region: 'us-east-1', prefix: 'replicas/' },
            ...{ sessionToken: '', pathStyle: true, timeoutMs: 20_000 },
          },
        }),
      );
    }
  }, 240_000);
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server?.destroy();
    await cluster?.destroy();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
    stores = [];
  });

  test('what one is told the other is woken by and reads, also when both write at once', async () => {
    const [a, b] = stores as [Store, Store];
    const woken = b.events.wait('log:job-9-1', 60_000);
    await a.logs.append('job-9-1', 'from a\n');
    expect(await woken).toBe(true);
    expect(String((await b.logs.read('job-9-1', 0, 100)).bytes)).toBe('from a\n');
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? a : b).logs.append('job-9-1', `line ${index}\n`),
      ),
    );
    // The same chunk by two servers: a runner that lost the answer asks another one.
    const size = await a.logs.size('job-9-1');
    const last = Buffer.from('the last one\n');
    await Promise.all([
      a.logs.appendAt('job-9-1', size, last),
      b.logs.appendAt('job-9-1', size, last),
    ]);
    await Promise.all([a.logs.end('job-9-1'), b.logs.end('job-9-1')]);
    const rows = () => a.db.selectFrom('log_chunks').selectAll().execute();
    await expect.poll(async () => (await rows()).length, { timeout: 90_000 }).toBe(0);
    const texts = await Promise.all(
      [a, b].map(async (store) => String((await store.logs.read('job-9-1', 0, 100_000)).bytes)),
    );
    expect(texts[0]).toBe(texts[1]);
    const lines = (texts[0] ?? '').split('\n').slice(0, -1);
    expect(lines).toHaveLength(62);
    expect(new Set(lines).size).toBe(62);
    expect(lines.at(-1)).toBe('the last one');
  }, 120_000);
});
