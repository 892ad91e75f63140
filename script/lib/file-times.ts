import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

export const TIMES = 'times.json';
const root = join(import.meta.dirname, '../..');

/** With SLUICE_TEST_STATEMENTS=<directory> a run leaves there how many milliseconds each file took. */
export class FileTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const { SLUICE_TEST_STATEMENTS: directory } = process.env;
    if (directory === undefined) return;
    const times = modules.map((module) => {
      const { duration, setupDuration, collectDuration, environmentSetupDuration } =
        module.diagnostic();
      const all = duration + setupDuration + collectDuration + environmentSetupDuration;
      return [relative(root, module.moduleId), Math.round(all)];
    });
    writeFileSync(join(directory, TIMES), JSON.stringify(Object.fromEntries(times)));
  }
}
