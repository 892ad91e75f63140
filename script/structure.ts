/**
 * Checks the import rules of .dependency-cruiser.mjs. dependency-cruiser that reads nothing reports success,
 * so it must first have seen the code, and must find a violation that is planted for the purpose.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly totalCruised: number;
  };
}

function cruise(): Report {
  const argv = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages'];
  try {
    const output = execFileSync(join(root, 'node_modules/.bin/depcruise'), argv, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 200_000_000,
    });
    return JSON.parse(output);
  } catch (error) {
    // depcruise exits with the number of violations; its report is on standard output all the same.
    if (error instanceof Error && 'stdout' in error && String(error.stdout).startsWith('{')) {
      return JSON.parse(String(error.stdout));
    }
    throw error;
  }
}

const planted = join(root, 'packages/server/src/ci/planted-violation');
mkdirSync(planted, { recursive: true });
let report: Report;
try {
  writeFileSync(join(planted, 'planted.ts'), "export * from '../../deploy/index.ts';\n");
  report = cruise();
} finally {
  rmSync(planted, { recursive: true });
}

const isPlanted = (violation: { from: string }) => violation.from.includes('planted-violation');
if (report.summary.totalCruised < 50) {
  throw new Error(`dependency-cruiser saw only ${report.summary.totalCruised} modules`);
}
if (!report.summary.violations.some(isPlanted)) {
  throw new Error('dependency-cruiser did not notice the planted import of deploy by ci');
}
const violations = report.summary.violations.filter((violation) => !isPlanted(violation));
for (const { from, to, rule } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
console.log(`${report.summary.totalCruised} modules, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
