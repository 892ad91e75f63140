/**
 * With SLUICE_TEST_STATEMENTS=<directory> each test file leaves there which statements it had the store run, for
 * `script/test-postgres` to choose from.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, expect } from 'vitest';

const { SLUICE_TEST_STATEMENTS: directory } = process.env;
const root = join(import.meta.dirname, '../../..');
const { testPath } = expect.getState();

// Elsewhere no store is opened in the test's own process, and loading the compiler takes a tenth of a second.
if (directory !== undefined && testPath?.startsWith(join(root, 'packages/server'))) {
  const { DefaultQueryCompiler } = await import('kysely');
  const seen = new Set<string>();
  const compile = DefaultQueryCompiler.prototype.compileQuery;
  DefaultQueryCompiler.prototype.compileQuery = function (...words) {
    const compiled = compile.apply(this, words);
    seen.add(shapeOf(compiled.sql));
    return compiled;
  };
  afterAll(() => {
    if (seen.size === 0) return;
    const file = relative(root, testPath);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, `${hashOf(file)}.json`),
      JSON.stringify({ file, statements: [...seen].map(hashOf) }),
    );
  });
}

/** However many rows or values it has, it is the same statement. */
function shapeOf(sql: string): string {
  return sql.replace(/\?(, \?)+/g, '?').replace(/\(\?\)(, \(\?\))+/g, '(?)');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
