import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Tests of one run, or of several that follow each other. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that failed beside others and were looked at again, alone, as `<file>: <name>`. */
  secondLook: string[];
}

export const NO_COUNTS: Readonly<Counts> = { passed: 0, failed: 0, skipped: 0, secondLook: [] };

/** What the runs so far have left in `file`; nothing where none has. */
export const readCounts = (file: string): Counts =>
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { ...NO_COUNTS, secondLook: [] };

/** Adds a run to those before it (negative numbers take away) and returns the sum. */
export function addCounts(file: string, run: Counts): Counts {
  const before = readCounts(file);
  const sum: Counts = {
    passed: before.passed + run.passed,
    failed: before.failed + run.failed,
    skipped: before.skipped + run.skipped,
    secondLook: [...before.secondLook, ...run.secondLook],
  };
  writeFileSync(file, JSON.stringify(sum));
  return sum;
}
