/** How one test file ended; `failedTests` are their full names, `broken` says that the file itself could not be run. */
export interface FileOutcome {
  /** From the root of the repository. */
  path: string;
  passed: number;
  failed: number;
  skipped: number;
  failedTests: string[];
  broken: boolean;
}

/**
 * What shows that nothing is lost, untested or rolled back, and what every job means, has to pass whenever it is run: a
 * race seen once there is a find, however rare.
 */
const PROMISES: readonly RegExp[] = [
  /^packages\/server\/src\/(deploy|ci|store|git)\//,
  /^packages\/(runner|travis-config)\//,
  /^e2e\/scenarios\//,
];
const AT_MOST = 2;

/**
 * Which files are run a second time, alone, after a run in which `outcomes` failed: all that failed, or none where one of
 * them shows a promise, could not be run at all, or where more than two failed (docs/adr/0009).
 */
export function filesForSecondLook(outcomes: readonly FileOutcome[]): FileOutcome[] {
  const failed = outcomes.filter(({ failed: count, broken }) => count > 0 || broken);
  const barred = failed.some(
    ({ path, broken }) => broken || PROMISES.some((promise) => promise.test(path)),
  );
  return barred || failed.length > AT_MOST ? [] : failed;
}
