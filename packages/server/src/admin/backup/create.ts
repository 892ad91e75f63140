import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SluiceError } from '../../errors.ts';
import { VERSION } from '../../http/version.ts';
import { bytesText, LAST_BACKUP } from '../../system/index.ts';
import { requireInstallation, storeOf } from '../installation.ts';
import { type ArchiveWriter, createArchive } from './archive.ts';
import { addRepository, CACHES, DATABASE, isThere, KEPT, repositoriesOf } from './contents.ts';
import {
  COMPLETE,
  countApplications,
  MANIFEST,
  type Manifest,
  snapshotDatabase,
} from './manifest.ts';
import { exportRows } from './postgres.ts';
import { createProgress } from './progress.ts';

export interface BackupOptions {
  readonly data: string;
  readonly keep?: string;
  readonly caches?: boolean;
  /** False: without what was built. */
  readonly images: boolean;
}

const SUFFIX = '.tar.zst';
const ours = /^sluice-\d{8}T\d{6}Z\.tar\.zst$/;

/**
 * `sluice admin backup [TARGET]`: everything that the data directory and the database hold, in one file, while servers
 * run or not. The database comes first, so that what it speaks of is already there when the rest is copied.
 */
export async function backup(target: string | undefined, options: BackupOptions): Promise<void> {
  const data = await requireInstallation(options.data);
  const { databaseUrl = '' } = await storeOf(data);
  const keep = readKeep(options.keep);
  const createdAt = new Date();
  const path = await pathOf(target, createdAt);
  if (path !== null && (await isThere(path))) {
    throw new SluiceError('conflict', `${path} is there already.`, {
      remedy: 'Name another file, or a directory, in which each backup gets a name of its own.',
    });
  }
  const staging = await mkdtemp(join(data, 'backup-'));
  const archive = createArchive(path);
  const progress = createProgress('Backing up');
  const add = async (directory: string, name: string) => {
    progress.show(`${bytesText(archive.bytes)}, ${name}`);
    await archive.add({ directory, names: [name] });
  };
  try {
    const database = join(staging, DATABASE);
    if (databaseUrl === '') snapshotDatabase(join(data, DATABASE), database);
    else await exportRows(databaseUrl, staging);
    const repositories = await repositoriesOf(data);
    const manifest: Manifest = {
      ...{ format: 1, version: VERSION, createdAt: createdAt.toISOString() },
      ...{ applications: countApplications(database), repositories: repositories.length },
    };
    await writeFile(join(staging, MANIFEST), JSON.stringify(manifest));
    await writeFile(join(staging, COMPLETE), '{}');
    await add(staging, MANIFEST);
    await add(staging, DATABASE);
    await addKept(archive, data, options, repositories, add);
    await add(staging, COMPLETE);
    await archive.finish();
  } catch (error) {
    await archive.discard();
    throw error;
  } finally {
    progress.end();
    await rm(staging, { recursive: true, force: true });
  }
  await writeFile(join(data, LAST_BACKUP), JSON.stringify({ at: createdAt.toISOString() }));
  if (path === null) return;
  if (keep !== null) await removeOlder(dirname(path), keep);
  const { size } = await stat(path);
  process.stderr.write(`${bytesText(archive.bytes)} in a file of ${bytesText(size)}\n`);
  process.stdout.write(`${path}\n`);
}

async function addKept(
  archive: ArchiveWriter,
  data: string,
  options: BackupOptions,
  repositories: readonly string[],
  add: (directory: string, name: string) => Promise<void>,
): Promise<void> {
  for (const name of options.caches ? [...KEPT, CACHES] : KEPT) {
    if (name === 'builds' && !options.images) continue;
    if (name === 'git') {
      for (const repository of repositories) await addRepository(archive, data, repository);
    } else if (await isThere(join(data, name))) {
      await add(data, name);
    }
  }
}

/** Null: standard output. A directory that is there, or a name that ends in `/`, gets a file named by the time. */
async function pathOf(target: string | undefined, at: Date): Promise<string | null> {
  if (target === '-') return null;
  const name = `sluice-${at.toISOString().replace(/[-:]|\.\d+/g, '')}${SUFFIX}`;
  if (target === undefined) return resolve(name);
  const isDirectory =
    target.endsWith('/') ||
    (await stat(target).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  const path = isDirectory ? resolve(target, name) : resolve(target);
  await mkdir(dirname(path), { recursive: true });
  return path;
}

function readKeep(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new SluiceError('invalid', `--keep ${text}: how many backups to keep, from 1 on.`);
}

/** Only files that this command named. */
async function removeOlder(directory: string, keep: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => ours.test(basename(name))).sort();
  for (const name of names.slice(0, -keep)) await rm(join(directory, name), { force: true });
}
