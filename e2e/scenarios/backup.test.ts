import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastingPort } from '@sluice/testing/free-ports';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

const CONFIGURATION = `language: generic
script: "true"
deploy: { provider: sluice, environment: test }
`;

let place: Place;
let site: Site;
let backups = '';

beforeAll(async () => {
  place = await createPlace({ flags: ['--app-port', String(await lastingPort())] });
  site = await place.createApplication('kept');
  backups = await mkdtemp(join(tmpdir(), 'sluice-backups-'));
});
afterAll(async () => {
  await place?.destroy();
  await rm(backups, { recursive: true, force: true });
});

const admin = (...words: string[]) =>
  place.installation.sluice(['admin', ...words, '--data', place.installation.dataDir]);

async function deploy(text: string): Promise<string> {
  const commit = await site.push(text, { '.travis.yml': CONFIGURATION, ...webApplication(text) });
  await site.until(commit, 'test', (state) => state === 'live', 120_000);
  return commit;
}

const answers = (text: string) =>
  expect.poll(async () => (await site.page('test')).body, { timeout: 120_000 }).toContain(text);

test('a backup of the running server brings everything back after the data directory is gone', async () => {
  const first = await deploy('the first page');
  // Pushes go on while the backup is made: what it holds is one moment, whole.
  const [made] = await Promise.all([
    admin('backup', `${backups}/`),
    site.push('Write notes', { 'NOTES.txt': 'notes' }),
  ]);
  expect(made).toMatchObject({ code: 0 });
  const file = made.stdout.trim();

  await place.installation.signal('SIGTERM');
  await admin('down');
  await rm(place.installation.dataDir, { recursive: true });

  expect((await admin('restore', file)).stderr).toContain('Restored 1 applications and 1 repo');
  await place.installation.start();
  await answers('the first page');
  expect((await site.page('test')).commit).toBe(first);
  // Tokens, secrets and the repository work as before; so does the way of a commit.
  const why = await site.why(first);
  expect(why.build?.state).toBe('passed');
  await deploy('the second page');
  await answers('the second page');
  expect((await place.installation.sluice(['login', '--check'])).code).toBe(0);
});

test('an older backup over applications that run newer ones: they end as the backup says', async () => {
  const before = (await site.page('test')).commit;
  const file = join(backups, 'older.tar.zst');
  expect(await admin('backup', file)).toMatchObject({ code: 0 });
  await deploy('the third page');

  expect(await admin('restore', file)).toMatchObject({ code: 1 });
  await place.installation.signal('SIGKILL');
  const refused = await admin('restore', file);
  expect(refused.stderr).toContain('holds an installation already');
  expect(await admin('restore', file, '--replace')).toMatchObject({ code: 0 });
  // Router and application of the newer state went on all the time.
  expect((await site.page('test')).body).toContain('the third page');
  await place.installation.start();
  await answers('the second page');
  expect((await site.page('test')).commit).toBe(before);
  const kept = (await readdir(place.installation.dataDir)).filter((name) =>
    name.startsWith('replaced-'),
  );
  expect(kept).toHaveLength(1);
  // The commit is still in the repository that people have: pushed again, it goes live again.
  await deploy('the fourth page');
  await answers('the fourth page');
});

test('what is no whole backup changes nothing, and says so', async () => {
  const file = join(backups, 'older.tar.zst');
  const whole = await readFile(file);
  const empty = await mkdtemp(join(backups, 'empty-'));
  const restoreOf = async (name: string, bytes: Buffer) => {
    await writeFile(join(backups, name), bytes);
    const words = ['admin', 'restore', join(backups, name), '--data', empty];
    const result = await place.installation.sluice(words);
    expect(result.code).toBe(1);
    expect(await readdir(empty)).toEqual([]);
    return result.stderr;
  };
  const half = whole.subarray(0, whole.length / 2);
  expect(await restoreOf('half.tar.zst', half)).toContain('damaged');
  const bent = Buffer.from(whole);
  const at = Math.trunc(bent.length / 3);
  bent.writeUInt8((bent.readUInt8(at) + 1) % 256, at);
  expect(await restoreOf('bent.tar.zst', bent)).toContain('damaged');
  expect(await restoreOf('text.tar.zst', Buffer.from('hello'))).toContain('damaged');
  const missing = await place.installation.sluice(['admin', 'restore', join(backups, 'no')]);
  expect(missing.stderr).toContain('older.tar.zst');
});

test('a restore that was killed half-way keeps the server from starting until it is done again', async () => {
  const { dataDir } = place.installation;
  await place.installation.signal('SIGTERM');
  // As it stands after SIGKILL between two moves: the mark is there, the database is not.
  await writeFile(join(dataDir, 'restoring'), new Date().toISOString());
  await rename(join(dataDir, 'sluice.db'), join(backups, 'sluice.db'));
  await expect(place.installation.start()).rejects.toThrow('was interrupted');
  expect(await admin('restore', join(backups, 'older.tar.zst'))).toMatchObject({ code: 0 });
  await place.installation.start();
  await answers('the second page');
});

test('keeps only as many as wanted, and of other files none is touched', async () => {
  const directory = await mkdtemp(join(backups, 'kept-'));
  await writeFile(join(directory, 'mine.tar.zst'), '');
  await writeFile(join(directory, 'sluice-20200101T000000Z.tar.zst'), '');
  expect(await admin('backup', directory, '--keep', '1')).toMatchObject({ code: 0 });
  const names = await readdir(directory);
  expect(names).toHaveLength(2);
  expect(names).toContain('mine.tar.zst');
  expect(names).not.toContain('sluice-20200101T000000Z.tar.zst');
  expect(await admin('backup', directory, '--keep', 'all')).toMatchObject({ code: 1 });
});
