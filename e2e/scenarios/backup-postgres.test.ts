import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commandsOf,
  findPostgres,
  lacks,
  type PostgresCluster,
  startPostgres,
} from '@sluice/testing';
import { lastingPort } from '@sluice/testing/free-ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

/** Issue 6, items 4 and 8: an installation on PostgreSQL comes back after its database and its directory are gone. */
const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
const root = join(import.meta.dirname, '../..');
const within = { timeout: 120_000, interval: 250 };

describe.skipIf(skip)('an installation on PostgreSQL', () => {
  let cluster: PostgresCluster;
  let place: Place;
  let site: Site;
  let backups = '';

  beforeAll(async () => {
    cluster = await startPostgres();
    await cluster.psql('postgres', 'create database sluice');
    place = await createPlace({
      environment: { SLUICE_DATABASE_URL: cluster.url('sluice') },
      flags: ['--app-port', String(await lastingPort())],
    });
    site = await place.createApplication('kept');
    backups = await mkdtemp(join(tmpdir(), 'sluice-backups-'));
  });
  afterAll(async () => {
    await place?.destroy();
    await cluster?.destroy();
    await rm(backups, { recursive: true, force: true });
  });

  const admin = (...words: string[]) =>
    place.installation.sluice(['admin', ...words, '--data', place.installation.dataDir]);
  const deploy = async (text: string): Promise<string> => {
    const commit = await site.push(text, { ...travis('true'), ...webApplication(text) });
    await place.installation.must(['app', 'deploy', '--remote-id', String(site.application.id)]);
    return commit;
  };
  const isLive = (commit: string) =>
    expect.poll(async () => (await site.page('test')).commit, within).toBe(commit);
  const stop = async () => {
    await place.installation.signal('SIGTERM');
    await admin('down');
  };

  test('is whole again after both its database and its data directory were destroyed', async () => {
    const first = await deploy('the first page');
    // Rows are written and commits are pushed while the backup is made: what it holds is one moment.
    const [made] = await Promise.all([
      admin('backup', join(backups, 'first.tar.zst')),
      site.push('Write notes', { 'NOTES.txt': 'notes' }),
    ]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const audited = Number(await cluster.psql('sluice', 'select count(*) from audit_log'));

    await stop();
    await rm(place.installation.dataDir, { recursive: true });
    await cluster.psql('postgres', 'drop database sluice');
    await cluster.psql('postgres', 'create database sluice');
    const restored = await admin('restore', join(backups, 'first.tar.zst'));
    expect(restored.stderr).toContain('Restored 1 applications and 1 repo');
    expect(restored.code).toBe(0);
    const count = await cluster.psql('sluice', 'select count(*) from audit_log');
    expect(Number(count)).toBeGreaterThan(0);
    expect(Number(count)).toBeLessThanOrEqual(audited);
    await place.installation.start();
    await isLive(first);
    await isLive(await deploy('the second page'));
    expect((await place.installation.sluice(['login', '--check'])).code).toBe(0);
  });

  test('goes back to an older backup only when told to, and what it replaces is kept', async () => {
    const before = (await site.page('test')).commit;
    const file = join(backups, 'older.tar.zst');
    expect(await admin('backup', file)).toMatchObject({ code: 0 });
    await deploy('the third page');

    const running = await admin('restore', file, '--replace');
    expect(running.stderr).toContain('works on');
    await stop();
    expect((await admin('restore', file)).stderr).toContain('holds an installation already');
    // A data directory of its own does not help: the database has rows.
    const elsewhere = ['restore', file, '--data', join(backups, 'elsewhere')];
    const used = await place.installation.sluice(['admin', ...elsewhere]);
    expect(used.stderr).toContain('is not empty');
    const rows = await cluster.psql('sluice', 'select count(*) from deployments');
    expect(await admin('restore', file, '--replace')).toMatchObject({ code: 0 });
    const less = await cluster.psql('sluice', 'select count(*) from deployments');
    expect(Number(less)).toBe(Number(rows) - 1);

    const { dataDir } = place.installation;
    const [aside = ''] = (await readdir(dataDir)).filter((name) => name.startsWith('replaced-'));
    expect(await readdir(join(dataDir, aside, 'postgresql'))).toContain('sluice.db');
    expect(await readdir(join(dataDir, aside))).toContain('git');
    await place.installation.start();
    await isLive(before ?? '');
    await isLive(await deploy('the fourth page'));
  });

  test('can become an embedded one, with what it had', async () => {
    const before = (await site.page('test')).commit;
    const file = join(backups, 'last.tar.zst');
    expect(await admin('backup', file)).toMatchObject({ code: 0 });
    await stop();
    const words = ['restore', file, '--replace', '--database-url', ''];
    expect(await admin(...words)).toMatchObject({ code: 0 });
    await cluster.psql('postgres', 'drop database sluice');
    const { server, sluice } = commandsOf(root);
    place.installation.use({ server: ['env', '-u', 'SLUICE_DATABASE_URL', ...server], sluice });
    await place.installation.start();
    await isLive(before ?? '');
  });
});
