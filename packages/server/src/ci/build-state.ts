import {
  type BuildState,
  isFinal,
  type JobState,
  type Outcome,
  type StageState,
} from './states.ts';

/** What the decision knows of one job. Stages are counted from 0 in the order in which they run. */
export interface JobFacts {
  readonly id: number;
  readonly stage: number;
  readonly allowFailure: boolean;
  readonly state: JobState;
  readonly verdict: 'passed' | 'failed' | 'errored' | null;
  /** Cancelled since an earlier stage did not pass; says nothing about the build. */
  readonly notReached: boolean;
}

export interface BuildFacts {
  readonly fastFinish: boolean;
  readonly state: BuildState;
  readonly verdict: Outcome | null;
  readonly jobs: readonly JobFacts[];
}

export interface Progress {
  /** Jobs whose stage may run now. */
  readonly enqueue: readonly number[];
  /** Jobs that will never run since an earlier stage did not pass: to be `canceled`, not reached. */
  readonly skip: readonly number[];
  /** By position, after `enqueue` and `skip`. */
  readonly stages: readonly StageState[];
  /** What the commit's test came to; null while it can still change. */
  readonly verdict: Outcome | null;
  readonly state: BuildState;
}

/**
 * Decides what follows from the states of a build's jobs (spec/travis.md 4, spec/ordering.md 2.3).
 *
 * Stages go on by verdicts, not by the jobs' ends: a job in its `after_success` holds nothing up. A stage is over when
 * all its jobs have a verdict (`fast_finish`: all that must pass), and the next one starts only if no job that must
 * pass ended otherwise. The build's verdict, once known, stays until somebody restarts something; so does its state.
 */
export function progress(build: BuildFacts): Progress {
  const { enqueue, skip } = openStages(build);
  const [enqueued, skipped] = [new Set(enqueue), new Set(skip)];
  const jobs = build.jobs.map((job): JobFacts => {
    if (enqueued.has(job.id)) return { ...job, state: 'queued' };
    if (skipped.has(job.id)) return { ...job, state: 'canceled', notReached: true };
    return job;
  });
  const verdict = build.verdict ?? verdictOf(jobs, build.fastFinish);
  const state = isFinal(build.state) ? build.state : stateOf(build, jobs, verdict);
  const stages = byStage(jobs).map(stageState);
  return { enqueue, skip, stages, verdict, state };
}

function openStages(build: BuildFacts): { enqueue: number[]; skip: number[] } {
  const enqueue: number[] = [];
  const skip: number[] = [];
  let reached = true;
  let blocked = false;
  for (const stage of byStage(build.jobs)) {
    for (const job of stage) {
      if (job.state !== 'created') continue;
      if (blocked) skip.push(job.id);
      else if (reached) enqueue.push(job.id);
    }
    const required = stage.filter((job) => !job.allowFailure);
    blocked ||= required.some((job) => isBad(outcomeOf(job)));
    const awaited = build.fastFinish && required.length > 0 ? required : stage;
    reached &&= awaited.every((job) => outcomeOf(job) !== null);
  }
  return { enqueue, skip };
}

/** What is known of a job: its verdict from the moment it is stored, else the state it ended in. */
function outcomeOf(job: JobFacts): Outcome | null {
  return job.verdict ?? (isFinal(job.state) ? job.state : null);
}

function isBad(outcome: Outcome | null): boolean {
  return outcome !== null && outcome !== 'passed';
}

function verdictOf(jobs: readonly JobFacts[], fastFinish: boolean): Outcome | null {
  const required = jobs.filter((job) => !job.allowFailure && !job.notReached);
  const awaited = required.length === 0 ? jobs : required;
  const outcomes = required.map(outcomeOf).filter((outcome) => outcome !== null);
  const complete = awaited.every((job) => outcomeOf(job) !== null);
  if (complete) return worst(outcomes);
  return fastFinish && outcomes.some(isBad) ? worst(outcomes) : null;
}

/** Canceled before errored before failed; nothing bad, or nothing at all, is passed. */
function worst(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome[] = ['canceled', 'errored', 'failed'];
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'passed';
}

function stateOf(
  build: BuildFacts,
  jobs: readonly JobFacts[],
  verdict: Outcome | null,
): BuildState {
  const required = jobs.filter((job) => !job.allowFailure && !job.notReached);
  const hasEnded = (job: JobFacts) => isFinal(job.state);
  const early =
    build.fastFinish &&
    required.length > 0 &&
    (required.every(hasEnded) || required.some((job) => hasEnded(job) && isBad(outcomeOf(job))));
  if (verdict !== null && (early || jobs.every(hasEnded))) {
    // A deployment that failed after a passed test turns the state, not the verdict (spec/travis.md 5.3).
    const deployFailed = required.some((job) => job.state === 'errored');
    return verdict === 'passed' && deployFailed ? 'errored' : verdict;
  }
  const begun = jobs.some((job) => job.state === 'started' || job.verdict !== null);
  return begun || build.state === 'started' ? 'started' : 'created';
}

function stageState(jobs: readonly JobFacts[]): StageState {
  if (jobs.every((job) => isFinal(job.state))) {
    const counted = jobs.filter((job) => !job.allowFailure || job.notReached);
    return worst(counted.map((job) => (isFinal(job.state) ? job.state : 'canceled')));
  }
  const begun = jobs.some((job) => job.state !== 'created' && job.state !== 'queued');
  return begun ? 'started' : 'created';
}

function byStage(jobs: readonly JobFacts[]): JobFacts[][] {
  const stages: JobFacts[][] = [];
  for (const job of jobs) {
    const stage = stages[job.stage] ?? [];
    stages[job.stage] = stage;
    stage.push(job);
  }
  return Array.from(stages, (stage) => stage ?? []);
}
