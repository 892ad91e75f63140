import type { LeasedJob } from '@sluice/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CiKit, createCiKit } from './test/kit.ts';

/**
 * Random interleavings of runners that lease, renew, judge, finish, vanish and come back late, of cancels and
 * restarts, against the real queue. Would catch: a job handed to two runners, a verdict taken back by a late
 * runner, a slot that is never freed, a job that is lost when its lease lapses.
 */
const SLOTS = 2;
/** More jobs than slots, in two stages. */
const YAML = `language: generic
jobs:
  include:
    - {stage: test, script: a}
    - {stage: test, script: b}
    - {stage: test, script: c}
    - {stage: deploy, script: d}
`;

let kit: CiKit;
beforeAll(async () => {
  kit = await createCiKit({ settings: { maxJobs: SLOTS } });
});
afterAll(() => kit.close());

interface Step {
  readonly do: 'lease' | 'lapse' | 'restart' | 'verdict' | 'finish' | 'renew' | 'cancel';
  /** Which of the leases or jobs there are. */
  readonly pick: number;
  readonly verdict: 'passed' | 'failed';
}

const steps = fc.array(
  fc.record<Step>({
    do: fc.oneof(
      { weight: 6, arbitrary: fc.constant('lease' as const) },
      { weight: 3, arbitrary: fc.constantFrom(...(['lapse', 'lapse', 'restart'] as const)) },
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          ...(['verdict', 'verdict', 'finish', 'renew', 'cancel'] as const),
        ),
      },
    ),
    pick: fc.nat(5),
    verdict: fc.constantFrom('passed', 'passed', 'failed'),
  }),
  { maxLength: 30 },
);

describe('the queue, over random interleavings', () => {
  it('hands out within its slots, keeps verdicts, and ends every job exactly once', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        run += 1;
        const { buildId } = await kit.push(YAML, { files: { run: String(run) } });
        const story = createStory(kit, buildId);
        for (const one of script) {
          await story.perform(one);
          await story.check();
        }
        await story.settle();
      }),
      { numRuns: 40 },
    );
    expect(kit.errors).toEqual([]);
  });
});

function createStory(kit: CiKit, buildId: number) {
  const { runner } = kit.ci;
  const leases: LeasedJob[] = [];
  /** By job and attempt group: the verdict that was accepted first. */
  const verdicts = new Map<number, string>();
  /** How often the end of a job was accepted since its last restart, by different leases. */
  const ends = new Map<number, Set<string>>();

  /** Who may report about a job: whoever leased it last, until that lease lapses. */
  const holders = new Map<number, string>();
  const expectHolder = ({ payload, leaseToken }: LeasedJob) =>
    expect(holders.get(payload.jobId)).toBe(leaseToken);

  const rows = () =>
    kit.store.db.selectFrom('jobs').selectAll().where('build_id', '=', buildId).execute();

  const lost = (error: unknown) => {
    if ((error as { reason?: string }).reason !== 'lease_lost') throw error;
    return null;
  };

  const hold = (leased: LeasedJob) => {
    leases.push(leased);
    holders.set(leased.payload.jobId, leased.leaseToken);
  };

  const lapse = async () => {
    const before = await rows();
    kit.advance(30_001);
    await runner.sweep();
    for (const job of before) if (job.state === 'started') holders.delete(job.id);
  };

  const finish = async (leased: LeasedJob) => {
    const { payload, leaseToken } = leased;
    const accepted = await runner
      // Not 'errored': that is how a deployment that failed is told from a test that did.
      .finish(payload.jobId, leaseToken, { state: 'failed', exitCode: 1, reason: null })
      .then(() => true, lost);
    if (accepted !== true) return;
    expectHolder(leased);
    const seen = ends.get(payload.jobId) ?? new Set();
    ends.set(payload.jobId, seen.add(leaseToken));
  };

  const judge = async (leased: LeasedJob, verdict: 'passed' | 'failed' = 'passed') => {
    const { payload, leaseToken } = leased;
    const accepted = await runner
      .verdict(payload.jobId, leaseToken, verdict)
      .then(() => true, lost);
    if (accepted !== true) return;
    expectHolder(leased);
    if (!verdicts.has(payload.jobId)) {
      const job = await kit.ci.jobs.get(payload.jobId);
      verdicts.set(payload.jobId, job?.verdict ?? 'none');
    }
  };

  const check = async (): Promise<void> => {
    const jobs = await rows();
    const holding = jobs.filter((job) => job.state === 'started' && job.verdict === null);
    expect(holding.length).toBeLessThanOrEqual(SLOTS);
    for (const job of jobs) {
      const first = verdicts.get(job.id);
      if (first !== undefined) expect(job.verdict ?? 'none').toBe(first);
      expect(ends.get(job.id)?.size ?? 0).toBeLessThanOrEqual(1);
      // A job is waiting, held or over: never in between.
      expect(job.state === 'started').toBe(job.lease_expires_at !== null);
      if (job.state === 'queued') expect(job.queue_ticket).not.toBeNull();
    }
  };

  return {
    perform: async (one: Step): Promise<void> => {
      if (one.do === 'lease') {
        const leased = await runner.lease({ runner: 'r', isolates: true }, 0);
        if (leased !== null) hold(leased);
      } else if (one.do === 'lapse') {
        await lapse();
      } else if (one.do === 'restart') {
        await kit.ci.restartBuild(buildId, 'ann').then(
          () => {
            verdicts.clear();
            ends.clear();
          },
          (error: { code?: string }) => expect(error.code).toBe('conflict'),
        );
      } else if (one.do === 'cancel') {
        const jobs = await rows();
        await kit.ci
          .cancelJob(jobs[one.pick % jobs.length]?.id ?? 0, 'ann')
          .catch((error: { code?: string }) => expect(error.code).toBe('conflict'));
      } else {
        // The newest ones mostly, so that something happens; older ones are runners that come back late.
        const leased = leases.at(-1 - (one.pick % Math.max(1, leases.length)));
        if (leased === undefined) return;
        if (one.do === 'verdict') await judge(leased, one.verdict);
        if (one.do === 'finish') await finish(leased);
        if (one.do === 'renew') {
          await runner.renew(leased.payload.jobId, leased.leaseToken).catch(lost);
        }
      }
    },

    check,

    /** All runners vanish; new ones do their duty. Then everything must be over. */
    settle: async (): Promise<void> => {
      await lapse();
      for (;;) {
        const leased = await runner.lease({ runner: 'good', isolates: true }, 0);
        if (leased === null) break;
        hold(leased);
        await judge(leased);
        await finish(leased);
        await check();
      }
      const build = await kit.ci.builds.get(buildId);
      expect(['passed', 'failed', 'errored', 'canceled']).toContain(build?.state);
      expect(build?.verdict).toBe(build?.state);
      for (const job of await rows()) {
        expect(['passed', 'failed', 'errored', 'canceled']).toContain(job.state);
        expect(ends.get(job.id)?.size ?? 0).toBeLessThanOrEqual(1);
      }
      const test = await kit.store.db
        .selectFrom('commit_tests')
        .select('state')
        .where('build_id', '=', buildId)
        .executeTakeFirst();
      expect(test?.state).toBe(build?.state);
    },
  };
}
