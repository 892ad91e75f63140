import { expect, test } from 'vitest';
import { type FileOutcome, filesForSecondLook } from './second-look.ts';

const outcome = (path: string, failed = 1): FileOutcome => ({
  path,
  passed: 3,
  failed,
  skipped: 0,
  failedTests: Array.from({ length: failed }, (_, index) => `test ${index}`),
  broken: false,
});
const page = outcome('e2e/panel/log.test.ts');
const other = outcome('packages/cli/src/help.test.ts');
const green = outcome('e2e/panel/people.test.ts', 0);

test('what failed beside other files is run alone, the rest is not', () => {
  expect(filesForSecondLook([green, page, other])).toEqual([page, other]);
  expect(filesForSecondLook([green])).toEqual([]);
});

test.each([
  'packages/server/src/deploy/ordering/properties.test.ts',
  'packages/server/src/ci/queue.property.test.ts',
  'packages/travis-config/src/parse.test.ts',
  'packages/runner/src/job.test.ts',
  'e2e/scenarios/storm.test.ts',
])('a promise gets no second look: %s', (path) => {
  expect(filesForSecondLook([page, outcome(path)])).toEqual([]);
});

test('neither does a file that could not be run, nor a run with many failures', () => {
  expect(filesForSecondLook([{ ...page, failed: 0, broken: true }])).toEqual([]);
  expect(filesForSecondLook([page, other, outcome('e2e/panel/edge.test.ts')])).toEqual([]);
});
