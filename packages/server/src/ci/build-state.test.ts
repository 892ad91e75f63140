import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuildFacts, type JobFacts, progress } from './build-state.ts';
import { isFinal, type Outcome } from './states.ts';

const job = (id: number, facts: Partial<JobFacts> = {}): JobFacts => ({
  id,
  stage: 0,
  allowFailure: false,
  state: 'created',
  verdict: null,
  notReached: false,
  ...facts,
});

const build = (jobs: readonly JobFacts[], facts: Partial<BuildFacts> = {}): BuildFacts => ({
  fastFinish: false,
  state: 'created',
  verdict: null,
  jobs,
  ...facts,
});

describe('stages', () => {
  it('queues the first stage of a new build and nothing else', () => {
    const next = progress(build([job(1), job(2), job(3, { stage: 1 })]));
    expect(next).toMatchObject({ enqueue: [1, 2], skip: [], verdict: null, state: 'created' });
  });

  it('goes on by verdicts: a job in its after_success holds nothing up', () => {
    const next = progress(
      build([job(1, { state: 'started', verdict: 'passed' }), job(2, { stage: 1 })]),
    );
    expect(next.enqueue).toEqual([2]);
    expect(next.verdict).toBeNull();
  });

  it('waits for every job of the stage', () => {
    const next = progress(
      build([
        job(1, { state: 'passed', verdict: 'passed' }),
        job(2, { state: 'started', allowFailure: true }),
        job(3, { stage: 1 }),
      ]),
    );
    expect(next.enqueue).toEqual([]);
  });

  it.each(['failed', 'errored'] as const)('gives later stages up after a %s job', (verdict) => {
    const next = progress(
      build([job(1, { state: 'started', verdict }), job(2, { stage: 1 }), job(3, { stage: 2 })]),
    );
    expect(next).toMatchObject({ enqueue: [], skip: [2, 3], verdict, state: 'started' });
  });

  it('gives later stages up after a cancelled job', () => {
    const next = progress(build([job(1, { state: 'canceled' }), job(2, { stage: 1 })]));
    expect(next).toMatchObject({ skip: [2], verdict: 'canceled', state: 'canceled' });
  });

  it('does not count a job that may fail', () => {
    const next = progress(
      build([
        job(1, { state: 'failed', verdict: 'failed', allowFailure: true }),
        job(2, { state: 'passed', verdict: 'passed' }),
        job(3, { stage: 1 }),
      ]),
    );
    expect(next.enqueue).toEqual([3]);
    expect(next.stages).toEqual(['passed', 'created']);
  });

  it('calls a build failed, not canceled, when a stage was never reached', () => {
    const next = progress(
      build([job(1, { state: 'failed', verdict: 'failed' }), job(2, { stage: 1 })]),
    );
    expect(next).toMatchObject({ verdict: 'failed', state: 'failed', skip: [2] });
    expect(next.stages).toEqual(['failed', 'canceled']);
  });
});

describe('the verdict of a build', () => {
  it('is there before the jobs have ended, the state is not', () => {
    const next = progress(build([job(1, { state: 'started', verdict: 'passed' })]));
    expect(next).toMatchObject({ verdict: 'passed', state: 'started' });
  });

  it('does not wait for jobs that may fail', () => {
    const jobs = [
      job(1, { state: 'passed', verdict: 'passed' }),
      job(2, { state: 'started', allowFailure: true }),
    ];
    expect(progress(build(jobs))).toMatchObject({ verdict: 'passed', state: 'started' });
    expect(progress(build(jobs, { fastFinish: true }))).toMatchObject({ state: 'passed' });
  });

  it('prefers canceled to errored to failed', () => {
    const ended = (state: Outcome, id: number) =>
      job(id, { state, verdict: state === 'canceled' ? null : state });
    expect(progress(build([ended('failed', 1), ended('errored', 2)])).verdict).toBe('errored');
    expect(progress(build([ended('errored', 1), ended('canceled', 2)])).verdict).toBe('canceled');
  });

  it('is early with fast_finish', () => {
    const jobs = [job(1, { state: 'failed', verdict: 'failed' }), job(2, { state: 'started' })];
    expect(progress(build(jobs)).verdict).toBeNull();
    expect(progress(build(jobs, { fastFinish: true }))).toMatchObject({
      verdict: 'failed',
      state: 'failed',
    });
  });

  it('of a build where every job may fail waits for them and is passed', () => {
    const optional = { allowFailure: true } as const;
    expect(progress(build([job(1, { ...optional, state: 'started' })])).verdict).toBeNull();
    expect(
      progress(build([job(1, { ...optional, state: 'failed', verdict: 'failed' })])).verdict,
    ).toBe('passed');
  });
});

/** Runs a whole build: at each step some queued or started job moves on, as a runner, a person or bad luck would have it. */
interface Move {
  readonly pick: number;
  readonly kind: 'start' | 'verdict' | 'end' | 'cancel';
  readonly outcome: 'passed' | 'failed' | 'errored';
}

const moves = fc.array(
  fc.record<Move>({
    pick: fc.nat(100),
    kind: fc.constantFrom('start', 'start', 'verdict', 'end', 'end', 'cancel'),
    outcome: fc.constantFrom('passed', 'passed', 'passed', 'failed', 'errored'),
  }),
  { maxLength: 60 },
);
const shape = fc.record({
  fastFinish: fc.boolean(),
  jobs: fc.array(fc.record({ stage: fc.nat(2), allowFailure: fc.boolean() }), {
    minLength: 1,
    maxLength: 7,
  }),
});

function apply(facts: BuildFacts): BuildFacts {
  const next = progress(facts);
  return {
    ...facts,
    state: next.state,
    verdict: next.verdict,
    jobs: facts.jobs.map((one) => {
      if (next.enqueue.includes(one.id)) return { ...one, state: 'queued' };
      if (next.skip.includes(one.id)) return { ...one, state: 'canceled', notReached: true };
      return one;
    }),
  };
}

function step(facts: BuildFacts, move: Move): BuildFacts {
  const open = facts.jobs.filter((one) =>
    move.kind === 'cancel' ? !isFinal(one.state) : ['queued', 'started'].includes(one.state),
  );
  const chosen = open[move.pick % Math.max(1, open.length)];
  if (chosen === undefined) return facts;
  const moved = moveJob(chosen, move);
  return apply({ ...facts, jobs: facts.jobs.map((one) => (one.id === moved.id ? moved : one)) });
}

function moveJob(one: JobFacts, move: Move): JobFacts {
  if (move.kind === 'cancel') return { ...one, state: one.verdict ?? 'canceled' };
  if (one.state === 'queued') return { ...one, state: 'started' };
  if (move.kind === 'end') {
    const verdict = one.verdict ?? move.outcome;
    // A deployment may fail after a passed test.
    const state = verdict === 'passed' && move.outcome === 'errored' ? 'errored' : verdict;
    return { ...one, state, verdict };
  }
  return { ...one, verdict: one.verdict ?? move.outcome };
}

describe('over random builds', () => {
  const outcome = (one: JobFacts) => one.verdict ?? (isFinal(one.state) ? one.state : null);

  it('keeps its promises at every step and always comes to an end', () => {
    fc.assert(
      fc.property(shape, moves, ({ fastFinish, jobs }, script) => {
        let facts = apply(
          build(
            jobs.toSorted((a, b) => a.stage - b.stage).map((one, index) => job(index + 1, one)),
            { fastFinish },
          ),
        );
        const check = (before: BuildFacts, after: BuildFacts) => {
          // A verdict is never taken back, nor an end.
          if (before.verdict !== null) expect(after.verdict).toBe(before.verdict);
          if (isFinal(before.state)) expect(after.state).toBe(before.state);
          // Passed means: every job that must pass has a passing verdict.
          if (after.verdict === 'passed') {
            for (const one of after.jobs) {
              if (!one.allowFailure) expect(outcome(one)).toBe('passed');
            }
          }
          // Nobody is let in before the stages ahead are through.
          for (const one of after.jobs) {
            const was = before.jobs.find((other) => other.id === one.id);
            if (was?.state !== 'created' || one.state !== 'queued') continue;
            for (const ahead of after.jobs.filter((other) => other.stage < one.stage)) {
              if (!ahead.allowFailure) expect(outcome(ahead)).toBe('passed');
            }
          }
          // Deciding twice changes nothing.
          expect(apply(after)).toEqual(after);
        };
        for (const move of script) {
          const next = step(facts, move);
          check(facts, next);
          facts = next;
        }
        // Whatever happened so far: when runners go on, everything ends.
        for (let turn = 0; turn < 50; turn += 1) {
          const next = step(facts, { pick: turn, kind: 'end', outcome: 'passed' });
          check(facts, next);
          facts = next;
        }
        expect(facts.jobs.every((one) => isFinal(one.state))).toBe(true);
        expect(isFinal(facts.state)).toBe(true);
        const deployFailed = facts.jobs.some(
          (one) => one.verdict === 'passed' && one.state === 'errored',
        );
        if (deployFailed) expect([facts.verdict, 'errored']).toContain(facts.state);
        else expect(facts.verdict).toBe(facts.state);
      }),
      { numRuns: 2_000 },
    );
  });
});
