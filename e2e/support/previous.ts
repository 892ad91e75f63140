import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { InstallationCommands } from '@sluice/testing';

const root = resolve(import.meta.dirname, '../..');

const git = (...words: string[]) =>
  execFileSync('git', ['-C', root, '-c', 'safe.directory=*', ...words], {
    maxBuffer: 200_000_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Whether this clone has that commit; says so where not. */
export function isInHistory(commit: string): boolean {
  try {
    git('cat-file', '-e', `${commit}^{commit}`);
    return true;
  } catch {
    console.warn(`skipped: this clone's history does not hold ${commit}`);
    return false;
  }
}

/** Sluice as it was at `commit`: its own packages, with the libraries of today, in a directory for the test to remove. */
export function checkOutPrevious(commit: string): {
  readonly directory: string;
  readonly commands: InstallationCommands;
} {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-previous-'));
  execFileSync('tar', ['-x', '-C', directory], { input: git('archive', commit) });
  const libraries = join(directory, 'node_modules');
  mkdirSync(join(libraries, '@sluice'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@sluice') symlinkSync(join(root, 'node_modules', name), join(libraries, name));
  }
  for (const name of readdirSync(join(directory, 'packages'))) {
    symlinkSync(join(directory, 'packages', name), join(libraries, '@sluice', name));
  }
  return { directory, commands: sourcesIn(directory) };
}

export const sourcesIn = (directory: string): InstallationCommands => ({
  server: [process.execPath, join(directory, 'packages/server/src/main.ts')],
  sluice: [process.execPath, join(directory, 'packages/cli/src/main.ts')],
});
