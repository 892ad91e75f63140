import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

const OPENER = 'packages/server/src/store/test/open-store.ts';
const TESTS = ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'];
const IMPORTED = /(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g;

/** The test files that open a store, by themselves or through what they import. Paths from `root`. */
export function storeFiles(root: string): string[] {
  const opener = resolve(root, OPENER);
  const imports = new Map<string, string[]>();
  const importsOf = (path: string): string[] => {
    const known = imports.get(path);
    if (known !== undefined) return known;
    const found = [...readFileSync(path, 'utf8').matchAll(IMPORTED)]
      .map(([, name = '']) => resolve(dirname(path), name))
      .filter((one) => existsSync(one));
    imports.set(path, found);
    return found;
  };
  const reaches = (path: string): boolean => {
    const seen = new Set([path]);
    for (const one of seen) for (const next of importsOf(one)) seen.add(next);
    return seen.has(opener);
  };
  return globSync(TESTS, { cwd: root })
    .map((path) => resolve(root, path))
    .filter(reaches)
    .map((path) => relative(root, path))
    .sort();
}
