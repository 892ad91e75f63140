import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../errors.ts';
import { migrations } from '../../store/migrations/index.ts';

/** The first file of a backup. */
export const MANIFEST = 'manifest.json';
/** The last one: an archive without it was cut off. */
export const COMPLETE = 'complete.json';

export interface Manifest {
  readonly format: 1;
  /** Sluice's. */
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly applications: number;
  readonly repositories: number;
}

/** Throws `invalid` where the file is missing or of another format. */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch(() => null);
  const value: unknown = text === null ? null : JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('format' in value)) {
    throw new SluiceError('invalid', 'The file is not a backup made by sluice admin backup.');
  }
  if (value.format !== 1) {
    throw new SluiceError('invalid', `The backup has format ${String(value.format)}, made later.`, {
      remedy: 'Restore it with the version of Sluice that made it, or a newer one.',
    });
  }
  return value as Manifest;
}

/** A copy of the database as it is at one moment, while a server may be writing to it. */
export function snapshotDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true });
  try {
    database.exec('PRAGMA busy_timeout = 60000');
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}

export function countApplications(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const row = database
      .prepare('select count(*) as n from applications where deleted_at is null')
      .get();
    return Number(row?.['n'] ?? 0);
  } finally {
    database.close();
  }
}

/** Throws `conflict` where the database is damaged or was written by a newer Sluice. */
export function checkDatabase(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const damage = database.prepare('pragma integrity_check').get()?.['integrity_check'];
    if (damage !== 'ok') {
      throw new SluiceError('conflict', `The backup's database is damaged: ${String(damage)}.`, {
        remedy: 'Take an older backup. Nothing was changed.',
      });
    }
    const newer = database
      .prepare('select name from kysely_migration')
      .all()
      .map((row) => String(row['name']))
      .filter((name) => !(name in migrations));
    if (newer.length > 0) {
      throw new SluiceError(
        'conflict',
        `The backup was made by a newer Sluice (unknown migration ${newer.join(', ')}).`,
        { remedy: 'Restore it with that version. Nothing was changed.' },
      );
    }
  } finally {
    database.close();
  }
}
