import type { JobOutcome } from '@sluice/runner';
import type { JobConfig } from '@sluice/travis-config';
import type { LocalJob } from './payload.ts';

export type JobState = JobOutcome['state'];

export interface FinishedJob {
  readonly job: LocalJob;
  readonly state: JobState;
  readonly reason: string | null;
  /** Null when it never started. */
  readonly durationMs: number | null;
  /** Left out since an earlier stage did not pass; says nothing about the build. */
  readonly notReached: boolean;
}

export interface RunRequest {
  /** In their final order. */
  readonly jobs: readonly LocalJob[];
  /** At most so many at once. */
  readonly parallel: number;
  readonly run: (job: LocalJob) => Promise<JobOutcome>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Aborted when the person has had enough: what has not begun does not begin. */
  readonly signal: AbortSignal;
}

/**
 * Runs the jobs of a build: stages one after the other, inside a stage `parallel` jobs at a time. A stage with a
 * required job that did not pass is the last; the jobs of later stages are canceled (spec/travis.md 4).
 */
export async function runJobs({
  jobs,
  parallel,
  run,
  now,
  signal,
}: RunRequest): Promise<FinishedJob[]> {
  const finished: FinishedJob[] = [];
  for (const stage of stagesOf(jobs)) {
    const notReached = stateOf(finished) !== 'passed';
    if (signal.aborted || notReached) {
      finished.push(...stage.map((job) => neverStarted(job, notReached)));
      continue;
    }
    finished.push(
      ...(await inParallel(stage, parallel, async (job) => {
        if (signal.aborted) return neverStarted(job, false);
        const startedAt = now();
        const { state, reason } = await run(job);
        return { job, state, reason, durationMs: now() - startedAt, notReached: false };
      })),
    );
  }
  return finished;
}

/** The state of a build (spec/travis.md 4): the worst of those jobs that must not fail. */
export function stateOf(finished: readonly FinishedJob[]): JobState {
  const states = new Set(
    finished
      .filter(({ job, notReached }) => !notReached && !mayFail(job.config))
      .map(({ state }) => state),
  );
  return (
    (['canceled', 'errored', 'failed'] as const).find((state) => states.has(state)) ?? 'passed'
  );
}

export const mayFail = (config: JobConfig) => config.allow_failure === true;

/** Jobs come ordered by stage; names compare without regard to case. */
function stagesOf(jobs: readonly LocalJob[]): LocalJob[][] {
  const stages: LocalJob[][] = [];
  let last: string | null = null;
  for (const job of jobs) {
    const name = (job.config.stage ?? '').toLowerCase();
    if (name !== last) stages.push([]);
    stages.at(-1)?.push(job);
    last = name;
  }
  return stages;
}

function neverStarted(job: LocalJob, notReached: boolean): FinishedJob {
  return { job, state: 'canceled', reason: null, durationMs: null, notReached };
}

/** Results in the order of `items`; at most `limit` at work. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
