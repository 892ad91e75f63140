import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { lacksDocker } from '@sluice/testing/docker';
import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceInstance } from '../index.ts';
import { type BackupsKit, createBackupsKit, PATIENTLY } from './test/kit.ts';

describe.skipIf(lacksDocker())('backups of services on a Docker Engine', () => {
  let images: { postgresql: string; redis: string };
  let kit: BackupsKit;
  let database: ServiceInstance;
  let redis: ServiceInstance;

  beforeAll(async () => {
    images = await dockerServiceImages();
    kit = await createBackupsKit(images);
    database = await kit.add('postgresql');
    redis = await kit.add('redis');
    await kit.add('storage');
    await kit.attach();
  }, PATIENTLY);
  afterAll(() => kit?.destroy(), PATIENTLY);

  const within = (image: string) => (command: string, environmentUuid?: string) =>
    kit.run(environmentUuid ?? kit.test.uuid, image, command);
  const sql = (statement: string, environmentUuid?: string) =>
    within(images.postgresql)(`psql "$DATABASE_URL" -Atc "${statement}"`, environmentUuid);
  const cache = (command: string) =>
    within(images.redis)(`redis-cli --no-auth-warning -u "$REDIS_URL" ${command}`);
  const files = (command: string, environmentUuid?: string) =>
    within(images.redis)(`cd /data/media && ${command}`, environmentUuid);

  const writeFirst = async () => {
    await sql('create table if not exists t (x int primary key, y text)');
    await sql("truncate t; insert into t select n, 'row ' || n from generate_series(1, 500) n");
    await cache('flushall');
    await cache('set colour blue');
    await files('rm -rf * .hidden; mkdir deep; echo first > deep/one; echo dot > .hidden');
  };
  const writeSecond = async () => {
    await sql('delete from t; create table if not exists later (z int)');
    await cache('set colour red');
    await cache('set more 1');
    await files('rm -rf deep .hidden; echo second > two');
  };
  const state = async (environmentUuid?: string) => ({
    rows: await sql('select count(*), min(y) from t', environmentUuid),
    files: await files('find . -type f ! -path "./.sluice*" | sort | xargs cat', environmentUuid),
  });

  test(
    'what was backed up is there again after a restore: rows, keys and files',
    async () => {
      await writeFirst();
      const backup = await kit.backUp();
      expect(backup.parts.map(({ state, error }) => ({ state, error }))).toEqual(
        Array.from({ length: 3 }, () => ({ state: 'done', error: null })),
      );
      for (const { bytes, sha256 } of backup.parts) {
        expect(bytes).toBeGreaterThan(50);
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
      await writeSecond();
      const restore = await kit.restored(
        await kit.backups.restore({ backupUuid: backup.uuid, by: 'test' }),
      );
      expect(restore.parts.map(({ state, error }) => ({ state, error }))).toEqual(
        Array.from({ length: 3 }, () => ({ state: 'done', error: null })),
      );
      expect(await state()).toEqual({ rows: '500|row 1', files: 'dot\nfirst' });
      expect(await sql("select to_regclass('later') is null")).toBe('t');
      expect(await cache('get colour')).toBe('blue');
      expect(await cache('get more')).toBe('');
      // It takes writes again, and keeps them.
      expect(await cache('set more 2')).toBe('OK');
      await expectNothingBeside();
      expect(kit.errors).toEqual([]);
    },
    PATIENTLY,
  );

  /** Neither databases nor files that a restore needed. */
  const expectNothingBeside = async () => {
    await expect
      .poll(
        async () =>
          (await sql("select datname from pg_database where datname like 'sluice%'")) +
          (await files('find . -name ".sluice*"')) +
          (await kit.backing?.exec(redis.uuid, { argv: ['ls', '/data'] }))?.stdout
            .split('\n')
            .filter((name) => name.startsWith('sluice'))
            .join(),
        { timeout: 90_000, interval: 500 },
      )
      .toBe('');
  };

  const bring = async (service: ServiceInstance, bytes: Buffer) => {
    const { backupUuid, addresses } = await kit.backups.uploads.create({
      ...{ environmentUuid: kit.test.uuid, services: [service.uuid], by: 'test' },
    });
    const [address] = addresses;
    if (address === undefined) throw new Error('no address');
    const { uuid, secret } = address;
    await kit.backups.uploads.receive(uuid, secret, Readable.from([bytes]), bytes.length);
    await kit.backups.uploads.finish(uuid, secret);
    return { backupUuid, uuid, secret };
  };

  test(
    'a restore that fails leaves what is there as it is, and says why',
    async () => {
      await writeFirst();
      const before = await state();
      const broken = '-- a dump\ncreate table fine (x int);\ninsert into nowhere values (1);\n';
      const { backupUuid } = await bring(database, Buffer.from(broken));
      const failed = await kit.restored(await kit.backups.restore({ backupUuid, by: 'test' }));
      expect(failed.parts[0]).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('relation "nowhere" does not exist'),
      });
      const half = Buffer.concat([Buffer.from('REDIS0011'), Buffer.alloc(100, 7)]);
      const cut = await bring(redis, half);
      const refused = await kit.restored(
        await kit.backups.restore({ backupUuid: cut.backupUuid, by: 'test' }),
      );
      expect(refused.parts[0]?.state).toBe('failed');
      expect(refused.parts[0]?.error).toContain('redis-check-rdb');
      expect(await state()).toEqual(before);
      expect(await cache('get colour')).toBe('blue');
      expect(await sql("select to_regclass('fine') is null")).toBe('t');
      await expectNothingBeside();
    },
    PATIENTLY,
  );

  test(
    'what is brought is plain SQL, as psql reads it, or packed as divio-cli 3.x packs it',
    async () => {
      for (const packed of [false, true]) {
        const text = `-- PostgreSQL database dump\ncreate table brought (x int);\ninsert into brought values (${packed ? 2 : 1});\n`;
        const { backupUuid } = await bring(
          database,
          packed ? await archive('local_db.sql', text) : Buffer.from(text),
        );
        const done = await kit.restored(await kit.backups.restore({ backupUuid, by: 'test' }));
        expect(done.parts[0]).toMatchObject({ state: 'done', error: null });
        expect(await sql('select x from brought')).toBe(packed ? '2' : '1');
      }
    },
    PATIENTLY,
  );

  test('what cannot be a backup is refused before anything is kept of it', async () => {
    const storage = (await kit.services.list({ environmentUuids: [kit.test.uuid] })).find(
      ({ kind }) => kind === 'storage',
    );
    if (storage === undefined) throw new Error('no storage');
    const kept = () => readdir(join(kit.dataDir, 'incoming'));
    const page = Buffer.from('<html>not found</html>');
    await expect(bring(database, page)).rejects.toThrow('no dump of a PostgreSQL database');
    await expect(bring(redis, page)).rejects.toThrow('no dump of a Redis');
    await expect(bring(storage, page)).rejects.toThrow('no archive of files');
    await expect(bring(storage, Buffer.alloc(0))).rejects.toThrow('empty');
    const whole = await archive('photo', 'x'.repeat(90_000));
    await expect(bring(storage, whole.subarray(0, whole.length - 40))).rejects.toThrow('cut short');
    const unpacked = gunzipSync(whole);
    await expect(bring(storage, unpacked.subarray(0, 5_000))).rejects.toThrow('cut short');
    await expect(bring(storage, Buffer.alloc(2_000_001))).rejects.toMatchObject({
      code: 'too_large',
    });
    const lying = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(100_000, '-')));
    const { addresses } = await kit.backups.uploads.create({
      ...{ environmentUuid: kit.test.uuid, services: [database.uuid], by: 'test' },
    });
    const { uuid = '', secret = '' } = addresses[0] ?? {};
    await expect(kit.backups.uploads.receive(uuid, secret, lying, 0)).rejects.toMatchObject({
      code: 'too_large',
    });
    await kit.backups.uploads.finish(uuid, secret);
    expect((await kit.backups.ofPart(uuid))?.parts[0]).toMatchObject({
      ...{ state: 'failed', error: 'Nothing was uploaded.' },
    });
    expect(await kept()).toEqual([]);
  });

  test(
    'addresses are good for whoever knows them, for a while, and for nobody else',
    async () => {
      const backup = await kit.backUp();
      const made = await kit.backups.downloads.create({ backupUuid: backup.uuid, by: 'test' });
      const all = await kit.backups.downloads.ofDownload(made);
      expect(all).toHaveLength(3);
      for (const download of all) {
        const secret = kit.backups.downloads.secretOf(download);
        expect(secret.length).toBeGreaterThan(40);
        const { stream, bytes } = await kit.backups.downloads.open(download.uuid, secret);
        expect((await buffer(stream)).length).toBe(bytes);
        for (const wrong of [`${secret}x`, secret.slice(1), '']) {
          await expect(kit.backups.downloads.open(download.uuid, wrong)).rejects.toMatchObject({
            code: 'not_found',
          });
        }
        kit.clock.now = () => new Date(Date.now() + 61_000);
        await expect(kit.backups.downloads.open(download.uuid, secret)).rejects.toThrow(
          'not good any more',
        );
        kit.clock.now = () => new Date();
      }
      const archived = await kit.backups.downloads.create({
        ...{ backupUuid: backup.uuid, form: 'archive', by: 'test' },
        parts: backup.parts.filter(({ kind }) => kind === 'postgresql').map(({ uuid }) => uuid),
      });
      const [packed] = await kit.backups.downloads.ofDownload(archived);
      if (packed === undefined) throw new Error('no download');
      const opened = await kit.backups.downloads.open(
        packed.uuid,
        kit.backups.downloads.secretOf(packed),
      );
      const [file] = await filesOf(gunzipSync(await buffer(opened.stream)));
      expect(file?.subarray(0, 5).toString()).toBe('PGDMP');
    },
    PATIENTLY,
  );

  test(
    'nothing of the data lies readable on the disk, and a changed byte is noticed',
    async () => {
      await writeFirst();
      await sql("insert into t values (-1, 'very-secret-words')");
      const backup = await kit.backUp();
      const part = backup.parts.find(({ kind }) => kind === 'postgresql');
      const path = join(kit.dataDir, part?.blob ?? '');
      const { open, readFile } = await import('node:fs/promises');
      const stored = await readFile(path);
      expect(stored.length).toBe(part?.bytes);
      expect(stored.includes('PGDMP')).toBe(false);
      const handle = await open(path, 'r+');
      await handle.write(Buffer.from([(stored[900] ?? 0) ^ 1]), 0, 1, 900);
      await handle.close();
      const failed = await kit.restored(
        await kit.backups.restore({
          backupUuid: backup.uuid,
          parts: [part?.uuid ?? ''],
          by: 'test',
        }),
      );
      expect(failed.parts[0]?.state).toBe('failed');
      expect(await sql('select y from t where x = -1')).toBe('very-secret-words');
    },
    PATIENTLY,
  );

  test(
    'the data of one environment are copied into another, whose own they replace',
    async () => {
      await writeFirst();
      await kit.add('postgresql', '', kit.live.uuid);
      const input = { environmentUuid: kit.test.uuid, to: kit.live.uuid, by: 'test' };
      await expect(kit.backups.copy(input)).rejects.toThrow('has no redis service');
      await kit.add('storage', '', kit.live.uuid);
      await kit.add('redis', '', kit.live.uuid);
      await kit.attach(kit.live.uuid);
      await sql('create table mine (x int)', kit.live.uuid);
      const copied = await kit.restored(await kit.backups.copy(input));
      expect(copied.parts.map(({ error }) => error)).toEqual([null, null, null]);
      expect(await state(kit.live.uuid)).toEqual({ rows: '500|row 1', files: 'dot\nfirst' });
      expect(await sql("select to_regclass('mine') is null", kit.live.uuid)).toBe('t');
    },
    PATIENTLY,
  );

  test(
    'sessions that are open when a database is replaced end, and new ones see the new data at once',
    async () => {
      await writeFirst();
      const backup = await kit.backUp();
      await sql('delete from t');
      const part = backup.parts.find(({ kind }) => kind === 'postgresql');
      // Asks all the time, and comes again at once when it is thrown out.
      const asking = within(images.postgresql)(
        'for i in $(seq 1 60); do psql "$DATABASE_URL" -Atc "select count(*) from t, pg_sleep(0.05)" || true; done',
      );
      const restore = await kit.restored(
        await kit.backups.restore({
          backupUuid: backup.uuid,
          parts: [part?.uuid ?? ''],
          by: 'test',
        }),
      );
      expect(restore.parts[0]).toMatchObject({ state: 'done', error: null });
      const answers = (await asking).split('\n').filter((line) => /^\d+$/.test(line));
      expect([...new Set(answers)].sort()).toEqual(['0', '500']);
      expect(answers.lastIndexOf('0')).toBeLessThan(answers.indexOf('500'));
    },
    PATIENTLY,
  );

  test(
    'a schedule makes backups, keeps as many as it says, and none goes while it is needed',
    async () => {
      const schedule = await kit.backups.schedules.create(
        {
          environmentUuid: kit.live.uuid,
          ...{ cron: '0 3 * * *', keepCount: 2, keepDays: null, by: 'test' },
        },
        kit.application.uuid,
      );
      const mine = async () =>
        (
          await kit.backups.list({ environmentUuids: [kit.live.uuid] }, { offset: 0, limit: 50 })
        ).backups.filter(({ schedule_uuid }) => schedule_uuid === schedule.uuid);
      const seen = new Set<string>();
      for (let day = 1; day <= 4; day += 1) {
        kit.clock.now = () => new Date(Date.now() + day * 24 * 60 * 60_000);
        await expect
          .poll(
            async () => {
              kit.store.events.emit('service-backups');
              const found = await mine();
              for (const { uuid } of found) seen.add(uuid);
              return (
                seen.size >= day &&
                found.every(({ parts }) => parts.every(({ state }) => state === 'done'))
              );
            },
            { timeout: 90_000, interval: 300 },
          )
          .toBe(true);
      }
      kit.clock.now = () => new Date(Date.now() + 4 * 24 * 60 * 60_000 + 60_000);
      await expect
        .poll(
          async () => {
            kit.store.events.emit('service-backups');
            return (await mine()).length;
          },
          { timeout: 90_000, interval: 300 },
        )
        .toBe(2);
      expect(seen.size).toBe(4);
      kit.clock.now = () => new Date();
      await kit.backups.schedules.remove(schedule.uuid);
      for (const cron of ['* * * * *', '0 3 * *', 'at three', '0 0 31 2 *']) {
        await expect(
          kit.backups.schedules.create(
            { environmentUuid: kit.live.uuid, cron, keepCount: 1, keepDays: null, by: 'test' },
            kit.application.uuid,
          ),
          cron,
        ).rejects.toMatchObject({ fields: { cron: [expect.any(String)] } });
      }
    },
    PATIENTLY,
  );

  test(
    'a dump that fails says why, and nothing is kept of it',
    async () => {
      await writeFirst();
      // As after a disk fault.
      const file = await sql("checkpoint; select pg_relation_filepath('t')");
      const path = `/var/lib/postgresql/data/pgdata/${file.split('\n').at(-1)}`;
      const removed = await kit.backing?.exec(database.uuid, { argv: ['rm', path] });
      expect(removed?.stderr).toBe('');
      const { uuid } = await kit.backups.create({
        ...{ environmentUuid: kit.test.uuid, services: [database.uuid], by: 'test' },
      });
      const backup = await kit.backups.get(uuid);
      if (backup === null) throw new Error('no backup');
      const failed = await kit.ended(backup);
      expect(failed.parts[0]).toMatchObject({ state: 'failed', blob: null, bytes: 0 });
      expect(failed.parts[0]?.error).toContain('could not open file');
      await kit.backups.remove(uuid);
      expect(await kit.backups.get(uuid)).toBeNull();
    },
    PATIENTLY,
  );
});

async function archive(name: string, text: string): Promise<Buffer> {
  const made = pack();
  made.entry({ name }, text);
  made.finalize();
  return gzipSync(await buffer(made));
}

async function filesOf(tar: Buffer): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const entry of Readable.from([tar]).pipe(extract())) found.push(await buffer(entry));
  return found;
}
