import { expect, test } from 'vitest';
import { type JobState, runJobs, stateOf } from './run-jobs.ts';

const job = (number: number, stage: string, allow_failure = false) => ({
  number,
  title: '',
  config: { stage, allow_failure },
});

/** Runs jobs whose outcomes are given, and says what was running when each began. */
async function run(
  jobs: readonly ReturnType<typeof job>[],
  outcomes: Readonly<Record<number, JobState>>,
  { parallel = 1, signal = new AbortController().signal } = {},
) {
  const running = new Set<number>();
  const began: number[][] = [];
  const finished = await runJobs({
    jobs,
    parallel,
    now: () => 0,
    signal,
    run: async ({ number }) => {
      began.push([...running]);
      running.add(number);
      await new Promise((done) => setImmediate(done));
      running.delete(number);
      return { state: outcomes[number] ?? 'passed', exitCode: 0, reason: null };
    },
  });
  return { began, states: finished.map(({ state }) => state), build: stateOf(finished) };
}

const two = [job(1, 'test'), job(2, 'Test'), job(3, 'deploy')];

test('stages one after the other, jobs one after the other', async () => {
  expect(await run(two, {})).toEqual({
    began: [[], [], []],
    states: ['passed', 'passed', 'passed'],
    build: 'passed',
  });
});

test('at most so many at once, and never over the end of a stage', async () => {
  const { began } = await run([...two, job(4, 'deploy')], {}, { parallel: 9 });
  expect(began).toEqual([[], [1], [], [3]]);
});

test('a failure ends its stage in order and cancels the later ones', async () => {
  const { states, build } = await run(two, { 1: 'failed' });
  expect(states).toEqual(['failed', 'passed', 'canceled']);
  expect(build).toBe('failed');
});

test('a job that may fail says nothing', async () => {
  const { states, build } = await run([job(1, 'a', true), job(2, 'b')], { 1: 'errored' });
  expect([states, build]).toEqual([['errored', 'passed'], 'passed']);
});

test('errored is worse than failed', async () => {
  expect((await run(two, { 1: 'failed', 2: 'errored' })).build).toBe('errored');
});

test('what has not begun does not begin after an interrupt', async () => {
  const { began, build } = await run(two, {}, { signal: AbortSignal.abort() });
  expect([began, build]).toEqual([[], 'canceled']);
});
