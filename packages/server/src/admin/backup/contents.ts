import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { ArchiveWriter, Unit } from './archive.ts';

/**
 * What of a data directory is worth keeping, by its name there. The rest is of this machine and this moment (sockets,
 * process ids, workplaces of jobs, instances): the next start makes it again.
 */
export const KEPT = [
  'keys',
  'git',
  'logs',
  'builds',
  'artifacts',
  'service-backups',
  'unsent',
  join('router', 'port'),
  'sluice.yml',
] as const;
/** Made again by the next builds; only worth their room where building is dear. */
export const CACHES = 'caches';
/** Last: a data directory without it is not taken for an installation. */
export const DATABASE = 'sluice.db';

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The repositories of a data directory, as names below it. */
export async function repositoriesOf(dataDir: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'git')).catch(() => []);
  return names.filter((name) => name.endsWith('.git')).map((name) => join('git', name));
}

/** References before what they point to, loose ones before the packed: so every one finds its commit in the copy. */
const GIT_ORDER = ['HEAD', 'refs', 'packed-refs', 'objects'];
const MOST_ATTEMPTS = 5;

/**
 * Adds a repository that may be pushed to meanwhile. Objects never change, but may move into another pack while they are
 * read; then the repository is added once more, and the later copy counts.
 */
export async function addRepository(
  archive: ArchiveWriter,
  dataDir: string,
  name: string,
): Promise<void> {
  const inside = join(dataDir, name);
  const packs = async () => (await readdir(join(inside, 'objects', 'pack')).catch(() => [])).sort();
  const all = await readdir(inside);
  const ordered = [
    ...GIT_ORDER.filter((one) => all.includes(one)),
    ...all.filter((one) => !GIT_ORDER.includes(one) && !one.endsWith('.lock')),
  ];
  const unit: Unit = { directory: dataDir, names: ordered.map((one) => join(name, one)) };
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const before = await packs();
    await archive.add(unit);
    const after = await packs();
    if (before.join() === after.join()) return;
    // A push brings packs; only what went away may be missing in the copy.
    if (attempt === MOST_ATTEMPTS && before.every((pack) => after.includes(pack))) return;
  }
  throw new SluiceError('unavailable', `The repository ${name} was repacked all the time.`, {
    remedy: 'Try again when fewer pushes come.',
  });
}
