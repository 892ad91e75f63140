import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SluiceError } from '../../errors.ts';
import { movedMark, restoringMark, runningServers } from '../../server-lock.ts';
import { loadSettings } from '../../settings/index.ts';
import { bytesText } from '../../system/index.ts';
import { readArchive } from './archive.ts';
import { CACHES, DATABASE, isThere, KEPT, repositoriesOf } from './contents.ts';
import { COMPLETE, checkDatabase, readManifest } from './manifest.ts';
import { bringUpToDate, importRows, refuseUsedDatabase } from './postgres.ts';
import { createProgress } from './progress.ts';

export interface RestoreOptions {
  readonly data: string;
  readonly replace?: boolean;
  /** Where the rows go; empty: into the embedded database. Default: as the settings say. */
  readonly databaseUrl?: string;
}

/** Files of SQLite that belong to one database file and must never meet another. */
const WITH_THE_DATABASE = [`${DATABASE}-wal`, `${DATABASE}-shm`];

/**
 * `sluice admin restore FILE`: unpacks beside the data directory, checks everything, and only then puts it in its place.
 * An installation that is there is replaced only with `--replace`, and what is replaced is kept aside. Applications and
 * router that still run go on; the next start of the server brings them to what the backup says (spec/faults.md 19).
 */
export async function restore(file: string, options: RestoreOptions): Promise<void> {
  const data = resolve(options.data);
  refuseRunningServer(data);
  const resumes = await isThere(restoringMark(data));
  const replace = options.replace === true || resumes;
  if (!replace && (await holdsInstallation(data))) {
    throw new SluiceError('conflict', `${data} holds an installation already.`, {
      remedy: 'Name an empty directory, or add --replace: what is there is then kept aside.',
    });
  }
  await mkdir(data, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(data, 'restoring-'));
  try {
    await unpack(file, staging);
    const manifest = await check(staging);
    const databaseUrl = options.databaseUrl ?? (await databaseUrlOf(staging));
    refuseRunningServer(data);
    if (databaseUrl !== '') {
      await refuseUsedDatabase(databaseUrl, replace);
      await bringUpToDate(staging);
    }
    const aside = await putInPlace(data, staging, databaseUrl);
    if (aside !== null) process.stderr.write(`What was there before is kept in ${aside}\n`);
    process.stderr.write(
      `Restored ${manifest.applications} applications and ${manifest.repositories} repositories of ${manifest.createdAt}.\n` +
        'Start the server: what was live then is started again.\n',
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** With PostgreSQL there is no file of a database, but always the keys. */
const holdsInstallation = async (data: string): Promise<boolean> =>
  (await isThere(join(data, DATABASE))) || (await isThere(join(data, 'keys')));

/** As the server will read it: from the environment or the settings file that comes with the backup. */
async function databaseUrlOf(staging: string): Promise<string> {
  return (await loadSettings(['--data', staging], process.env)).databaseUrl;
}

async function unpack(file: string, staging: string): Promise<void> {
  const path = file === '-' ? null : resolve(file);
  const size = path === null ? null : await sizeOf(path);
  const progress = createProgress('Unpacking');
  const of = size === null ? '' : ` of ${bytesText(size)}`;
  await readArchive(path, staging, (bytes) => progress.show(`${bytesText(bytes)}${of}`)).finally(
    progress.end,
  );
}

async function check(staging: string) {
  const manifest = await readManifest(staging);
  if (!(await isThere(join(staging, COMPLETE)))) {
    throw new SluiceError('invalid', 'The backup is not complete: it was cut off.', {
      remedy: 'Take another one. Nothing was changed.',
    });
  }
  checkDatabase(join(staging, DATABASE));
  const progress = createProgress('Checking');
  const repositories = await repositoriesOf(staging);
  for (const [index, name] of repositories.entries()) {
    progress.show(`repository ${index + 1} of ${repositories.length}`);
    await checkRepository(join(staging, name));
  }
  progress.end();
  return manifest;
}

async function checkRepository(path: string): Promise<void> {
  const words = [
    '--git-dir',
    path,
    'fsck',
    '--connectivity-only',
    '--no-dangling',
    '--no-progress',
  ];
  await promisify(execFile)('git', words).catch((error: unknown) => {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new SluiceError('conflict', `The backup's repository ${path} is damaged: ${said}`, {
      remedy: 'Take another backup. Nothing was changed.',
    });
  });
}

/**
 * Until the mark is gone no server starts here. A restore that was killed in between is done again from its file: what
 * it had put in place by then is kept aside like everything else.
 */
async function putInPlace(
  data: string,
  staging: string,
  databaseUrl: string,
): Promise<string | null> {
  const resumes = await isThere(restoringMark(data));
  await writeFile(restoringMark(data), new Date().toISOString(), { mode: 0o600 });
  const aside = join(data, `replaced-${new Date().toISOString().replace(/[-:.]/g, '')}`);
  if (databaseUrl !== '') {
    const rows = join(aside, 'postgresql');
    await importRows(staging, databaseUrl, rows).catch(async (error: unknown) => {
      // All or none: the installation that is here goes on as it was.
      if (!resumes) await rm(restoringMark(data));
      await rm(aside, { recursive: true, force: true });
      throw error;
    });
  }
  const mark = relative(data, movedMark(data));
  for (const name of [DATABASE, ...WITH_THE_DATABASE, ...KEPT, CACHES, mark]) {
    await move(join(data, name), join(aside, name));
  }
  for (const name of [...KEPT, CACHES]) await move(join(staging, name), join(data, name));
  if (databaseUrl === '') await move(join(staging, DATABASE), join(data, DATABASE));
  else await writeFile(movedMark(data), `${new Date().toISOString()}\n`, { mode: 0o600 });
  await rm(restoringMark(data));
  return (await isThere(aside)) ? aside : null;
}

async function move(from: string, to: string): Promise<void> {
  if (!(await isThere(from))) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return found.size;
  const beside = await readdir(dirname(path)).catch(() => []);
  const others = beside.filter((name) => name.endsWith('.tar.zst')).slice(0, 5);
  throw new SluiceError('not_found', `There is no backup ${path}.`, {
    ...(others.length > 0 ? { remedy: `There are: ${others.join(', ')}.` } : {}),
  });
}

function refuseRunningServer(data: string): void {
  const [server] = runningServers(data);
  if (server === undefined) return;
  throw new SluiceError('conflict', `The server (process ${server.pid}) works on ${data}.`, {
    remedy: 'Stop it first; its applications may go on.',
  });
}
