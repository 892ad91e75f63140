import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lacksDocker } from '@sluice/testing/docker';
import { dockerServiceImages } from '@sluice/testing/docker-service-images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackupsKit, createBackupsKit, PATIENTLY } from './test/kit.ts';

const WITHIN = { timeout: 120_000, interval: 5 };

/** SIGKILL of the process that works, at moments that its rows tell of. */
describe.skipIf(lacksDocker())('a server that is killed while it backs up or restores', () => {
  let images: { postgresql: string; redis: string };
  let kit: BackupsKit;

  beforeAll(async () => {
    images = await dockerServiceImages();
    kit = await createBackupsKit(images);
    await kit.add('postgresql');
    await kit.add('storage');
    await kit.attach();
    const rows =
      'insert into t select n, md5(n::text) || md5((n + 1)::text) from generate_series(1, 60000) n';
    await sql(`create table t (x int primary key, y text); ${rows}`);
    await files('for i in $(seq 1 200); do head -c 20000 /dev/urandom > f$i; done');
  }, PATIENTLY);
  afterAll(() => kit?.destroy(), PATIENTLY);

  const sql = (statement: string) =>
    kit.run(kit.test.uuid, images.postgresql, `psql "$DATABASE_URL" -Atc "${statement}"`);
  const files = (command: string) =>
    kit.run(kit.test.uuid, images.redis, `cd /data/media && ${command}`);
  const held = async () => ({
    rows: await sql('select count(*), sum(length(y)) from t'),
    files: await files('find . -type f ! -path "./.sluice*" | sort | xargs cat | sha256sum'),
  });

  /** Another process works until `isTime`, and is killed there. */
  const workUntil = async (isTime: () => Promise<boolean>): Promise<void> => {
    await kit.backups.stop();
    const file = join(import.meta.dirname, 'test/worker.ts');
    const worker = spawn(process.execPath, [file, kit.dataDir, images.redis], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    try {
      await expect.poll(isTime, WITHIN).toBe(true);
    } finally {
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    }
  };
  const part = (uuid: string) =>
    kit.store.db
      .selectFrom('service_backups')
      .selectAll()
      .where('backup_uuid', '=', uuid)
      .execute();
  const blobs = async () => {
    const found: string[] = [];
    for await (const { key } of kit.store.blobs.list('service-backups/')) found.push(key);
    return found.sort();
  };

  test(
    'in a dump: it is made anew, complete, and nothing of the half is left',
    async () => {
      const before = await held();
      await kit.backups.stop();
      const { uuid } = await kit.backups.create({ environmentUuid: kit.test.uuid, by: 'test' });
      await workUntil(async () => (await part(uuid)).some(({ state }) => state === 'running'));
      kit.reopen();
      const backup = await kit.backups.get(uuid);
      if (backup === null) throw new Error('it is gone');
      const ended = await kit.ended(backup);
      expect(ended.parts.map(({ state, error }) => ({ state, error }))).toEqual([
        { state: 'done', error: null },
        { state: 'done', error: null },
      ]);
      expect(Math.max(...ended.parts.map(({ attempts }) => attempts))).toBeGreaterThan(1);
      expect(await blobs()).toEqual(ended.parts.map(({ blob }) => blob ?? '').sort());
      await sql('truncate t');
      await files('rm -rf *');
      await kit.restored(await kit.backups.restore({ backupUuid: uuid, by: 'test' }));
      expect(await held()).toEqual(before);
    },
    PATIENTLY,
  );

  test.each(['running', 'reading', 'ended in part'])(
    'in a restore (%s): the data are whole, those of before until it has ended, and then the backup',
    async (moment) => {
      const backup = await kit.backUp();
      const wanted = await held();
      await sql("update t set y = 'other'");
      await files('rm -f f1*; echo other > other');
      const other = await held();
      await kit.backups.stop();
      const { uuid } = await kit.backups.restore({ backupUuid: backup.uuid, by: 'test' });
      await workUntil(async () => {
        const parts = (await kit.backups.restoreOf(uuid))?.parts ?? [];
        if (moment === 'ended in part') return parts.some(({ state }) => state === 'done');
        if (moment === 'reading') {
          const databases = await sql(
            "select count(*) from pg_database where datname like 'sluice%'",
          );
          return databases !== '0' || parts.some(({ state }) => state === 'done');
        }
        return parts.some(({ state }) => state === 'running');
      });
      // The files may be on their way; the database is one or the other.
      const now = await held();
      expect([wanted.rows, other.rows]).toContain(now.rows);
      kit.reopen();
      const restore = await kit.backups.restoreOf(uuid);
      if (restore === null) throw new Error('it is gone');
      const ended = await kit.restored(restore);
      expect(ended.parts.map(({ state, error }) => ({ state, error }))).toEqual([
        { state: 'done', error: null },
        { state: 'done', error: null },
      ]);
      expect(await held()).toEqual(wanted);
      await expect
        .poll(
          async () =>
            (await sql("select datname from pg_database where datname like 'sluice%'")) +
            (await files('find . -name ".sluice*"')),
          { timeout: 90_000, interval: 500 },
        )
        .toBe('');
    },
    PATIENTLY,
  );

  test('a backup at which a server died three times is given up with the reason', async () => {
    await kit.backups.stop();
    const { uuid } = await kit.backups.create({ environmentUuid: kit.test.uuid, by: 'test' });
    await kit.store.db
      .updateTable('service_backups')
      .set({ state: 'running', attempts: 3 })
      .where('backup_uuid', '=', uuid)
      .execute();
    kit.reopen();
    const backup = await kit.backups.get(uuid);
    if (backup === null) throw new Error('it is gone');
    for (const { state, error } of (await kit.ended(backup)).parts) {
      expect(state).toBe('failed');
      expect(error).toContain('The server ended 3 times');
    }
    expect(await readdir(join(kit.dataDir, 'incoming')).catch(() => [])).toEqual(expect.any(Array));
  });
});
