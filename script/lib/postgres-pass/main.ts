/**
 * The second pass of the tests, over PostgreSQL (`script/test-postgres`, see CONTRIBUTING.md). What differs between the databases are the
 * statements: a first pass over SQLite has written down (SLUICE_TEST_STATEMENTS=<directory>) which of them each file
 * runs and how long it takes, and this pass takes the files that run the most of them in `--seconds`.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseFiles, type TestFile } from '@sluice/testing';
import { TIMES } from '../file-times.ts';

/** Files at once, as in vitest.config.ts; and how much longer a file takes over PostgreSQL (measured: 1.6). */
const AT_ONCE = 3;
const SLOWER = 1.6;

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const seconds = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds);
const { SLUICE_TEST_STATEMENTS: directory } = process.env;
if (directory === undefined || Number.isNaN(seconds)) {
  throw new Error('SLUICE_TEST_STATEMENTS names what a first pass has written; --seconds N.');
}

const { files, covered, statements } = chooseFiles(
  readFiles(directory),
  (seconds * 1_000 * AT_ONCE) / SLOWER,
);
if (files.length === 0)
  throw new Error(`there is nothing in ${directory}: the first pass is missing`);
console.log(
  `Over PostgreSQL: ${files.length} files, which run ${covered} of the tests' ${statements} statements.`,
);
for (const { path, ms } of files)
  console.log(`  ${path} (${(ms / 1_000).toFixed(1)} s over SQLite)`);
const { SLUICE_TEST_STATEMENTS: _, ...environment } = process.env;
const tests = spawn(
  process.execPath,
  [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...files.map(({ path }) => path)],
  { stdio: 'inherit', env: { ...environment, SLUICE_TEST_DATABASE: 'postgres' } },
);
tests.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

function readFiles(from: string): TestFile[] {
  const times: Record<string, number> = read(join(from, TIMES));
  return readdirSync(from)
    .filter((name) => name !== TIMES && name.endsWith('.json'))
    .map((name) => {
      const { file, statements: run }: { file: string; statements: string[] } = read(
        join(from, name),
      );
      return { path: file, statements: run, ms: Math.max(1, times[file] ?? 0) };
    });
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
