/**
 * The second pass of the tests, over PostgreSQL (`script/test-postgres`, see CONTRIBUTING.md). What differs between the databases are the
 * statements: a first pass over SQLite has written down (SLUICE_TEST_STATEMENTS=<directory>) which of them each file
 * runs and how long it takes, and this pass takes the files that run the most of them in `--seconds`. Without a first pass it
 * takes every file that opens a store.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseFiles, type TestFile } from '@sluice/testing';
import { TIMES } from '../file-times.ts';
import { storeFiles } from './store-files.ts';

/** Files at once, as in vitest.config.ts; and how much longer a file takes over PostgreSQL (measured: 1.6). */
const AT_ONCE = 3;
const SLOWER = 1.6;
/** What many connections decide and no statement shows: whoever comes at the same moment. */
const ALWAYS = [
  'packages/server/src/deploy/engine/together.test.ts',
  'packages/server/src/ci/queue.property.test.ts',
  'packages/server/src/accounts/two-processes.test.ts',
];

const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
const { SLUICE_TEST_STATEMENTS: directory, ...environment } = process.env;
const tests = spawn(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...(directory === undefined ? everyFile() : chosenFiles(directory)),
  ],
  { stdio: 'inherit', env: { ...environment, SLUICE_TEST_DATABASE: 'postgres' } },
);
tests.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

function everyFile(): string[] {
  if (values.seconds !== undefined)
    throw new Error(
      '--seconds N chooses by what a first pass has written: SLUICE_TEST_STATEMENTS.',
    );
  const files = storeFiles('.');
  console.log(`Over PostgreSQL: all ${files.length} files that open a store.`);
  return files;
}

function chosenFiles(from: string): string[] {
  const seconds = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds);
  if (Number.isNaN(seconds)) throw new Error(`--seconds takes a number, not ${values.seconds}.`);
  const { files, covered, statements } = chooseFiles(
    readFiles(from),
    (seconds * 1_000 * AT_ONCE) / SLOWER,
    ALWAYS,
  );
  if (files.length === 0) throw new Error(`there is nothing in ${from}: the first pass is missing`);
  console.log(
    `Over PostgreSQL: ${files.length} files, which run ${covered} of the tests' ${statements} statements.`,
  );
  for (const { path, ms } of files)
    console.log(`  ${path} (${(ms / 1_000).toFixed(1)} s over SQLite)`);
  return files.map(({ path }) => path);
}

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
