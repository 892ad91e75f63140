import { afterEach, describe, expect, it } from 'vitest';
import type { CiSettings } from './index.ts';
import { type CiKit, createCiKit, RUNNER } from './test/kit.ts';

let kit: CiKit;
const start = async (settings: Partial<CiSettings> = {}) => {
  kit = await createCiKit({ settings });
};
afterEach(() => kit.close());

const YAML = 'language: generic\nscript: true\n';
const STAGED = `${YAML}jobs:
  include:
    - {stage: test, script: one}
    - {stage: test, script: two}
    - {stage: deploy, script: three}
`;
const WHO = 'ann@example.com';

describe('a lease', () => {
  it('hands out each job once, in order', async () => {
    await start();
    await kit.push(STAGED);
    const first = await kit.lease();
    const second = await kit.lease();
    expect([first.payload.number, second.payload.number]).toEqual(['1.1', '1.2']);
    expect(await kit.nothingToLease()).toBe(true);
  });

  it('is given as soon as a job is queued', async () => {
    await start();
    const waiting = kit.lease(20_000);
    await kit.push(YAML);
    expect((await waiting).payload.number).toBe('1.1');
  });

  it('is not given to a runner that has gone away', async () => {
    await start();
    const gone = new AbortController();
    const waiting = kit.ci.runner.lease(RUNNER, 20_000, gone.signal);
    gone.abort();
    expect(await waiting).toBeNull();
    await kit.push(YAML);
    expect((await kit.lease()).payload.attempt).toBe(1);
  });

  it('is refused once it is lost, and the job is put back with a log of its own', async () => {
    await start();
    const { buildId } = await kit.push(YAML);
    const first = await kit.lease();
    const { jobId } = first.payload;
    await kit.ci.runner.appendLog(jobId, first.leaseToken, 0, Buffer.from('half a line'));
    kit.advance(30_001);
    await kit.ci.runner.sweep();

    const second = await kit.lease();
    expect(second.payload).toMatchObject({ jobId, attempt: 2, earlierVerdict: null });
    expect(second.payload.notices[0]).toMatch(/stopped responding during attempt 1/);
    const old = await kit.ci.jobs.log(jobId, { offset: 0, attempt: 1, waitMs: 0 });
    expect(old.text).toMatch(/^half a line\n.*stopped responding/s);
    expect(old.ended).toBe(true);

    const { runner } = kit.ci;
    const lost = { code: 'conflict', reason: 'lease_lost' };
    await expect(runner.renew(jobId, first.leaseToken)).rejects.toMatchObject(lost);
    await expect(runner.verdict(jobId, first.leaseToken, 'passed')).rejects.toMatchObject(lost);
    await expect(
      runner.appendLog(jobId, first.leaseToken, 11, Buffer.from('x')),
    ).rejects.toMatchObject(lost);
    await expect(
      runner.finish(jobId, first.leaseToken, { state: 'passed', exitCode: 0, reason: null }),
    ).rejects.toMatchObject(lost);
    await kit.run(second);
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'passed' });
  });

  it('that lapses three times ends the job with the reason', async () => {
    await start();
    const { buildId, sha } = await kit.push(YAML);
    for (let round = 0; round < 3; round += 1) {
      await kit.lease();
      kit.advance(30_001);
      await kit.ci.runner.sweep();
    }
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'errored' });
    expect(build?.jobs[0]?.reason).toMatch(/not tried again/);
    expect((await kit.test(sha))?.state).toBe('errored');
  });

  it('of a process that is gone is void at once', async () => {
    await start();
    await kit.push(YAML);
    const first = await kit.lease(0, 'embedded');
    await kit.ci.runner.voidLeasesOf('embedded');
    const second = await kit.lease(0, 'embedded');
    expect(second.payload.attempt).toBe(2);
    expect(second.payload.notices[0]).toMatch(/server restarted/);
    expect(second.payload.clone.token).not.toBe(first.payload.clone.token);
  });

  it('is kept by renewing it', async () => {
    await start();
    await kit.push(YAML);
    const { leaseToken, payload } = await kit.lease();
    for (let round = 0; round < 4; round += 1) {
      kit.advance(20_000);
      await kit.ci.runner.renew(payload.jobId, leaseToken);
      await kit.ci.runner.sweep();
    }
    await kit.run({ leaseToken, payload, expiresAt: '' });
    expect((await kit.ci.jobs.get(payload.jobId))?.state).toBe('passed');
  });

  it('gives the token that the job reads its repository with, and ends it with the job', async () => {
    await start();
    await kit.push(YAML);
    const leased = await kit.lease();
    const identity = () =>
      kit.accounts.authenticate({ kind: 'token', candidates: [leased.payload.clone.token] });
    expect(await identity()).toMatchObject({
      jobId: leased.payload.jobId,
      repositoryUuid: kit.repositoryUuid,
    });
    await kit.run(leased);
    expect(await identity()).toBeNull();
  });

  it('ends a job that the server cannot prepare, and goes on with the next', async () => {
    await start();
    const other = await kit.repository('acme/other');
    const { buildId } = await kit.push(YAML);
    await kit.push(YAML, { to: other });
    await kit.store.transaction((trx) => kit.git.remove(trx, kit.repositoryUuid));
    expect((await kit.lease()).payload.repository.slug).toBe('acme/other');
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'errored' });
  });
});

describe('a job for another kind of machine', () => {
  const MIXED = `language: generic
script: true
jobs:
  include:
    - {os: osx, name: mac}
    - {os: linux, name: linux}
`;

  it('ends at once with the reason, and is handed to nobody, also when it is restarted', async () => {
    await start();
    const { sha, buildId } = await kit.push(MIXED);
    await kit.run(await kit.lease());
    expect(await kit.nothingToLease()).toBe(true);
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'errored', verdict: 'errored' });
    const mac = build?.jobs.find((job) => job.name === 'mac');
    expect(mac).toMatchObject({ state: 'errored', reason: expect.stringContaining('os: osx') });
    expect((await kit.test(sha))?.state).toBe('errored');
    await kit.ci.restartJob(mac?.id ?? 0, 'ann@example.com');
    expect(await kit.nothingToLease()).toBe(true);
    expect((await kit.ci.jobs.get(mac?.id ?? 0))?.state).toBe('errored');
    const log = await kit.ci.jobs.log(mac?.id ?? 0, { offset: 0, waitMs: 0 });
    expect(log.ended).toBe(true);
  });

  it('does not hold the build back where it may fail, nor open later stages where it must not', async () => {
    await start();
    const allowed = await kit.push(`${MIXED}  allow_failures: [{os: osx}]\n`);
    await kit.run(await kit.lease());
    expect(await kit.ci.builds.get(allowed.buildId)).toMatchObject({ state: 'passed' });
    const staged = await kit.push(
      'language: generic\nscript: true\njobs: {include: [{stage: a, os: windows}, {stage: b}]}\n',
    );
    expect(await kit.nothingToLease()).toBe(true);
    expect(await kit.ci.builds.get(staged.buildId)).toMatchObject({
      state: 'errored',
      jobs: [{ state: 'errored' }, { state: 'canceled' }],
    });
  });
});

describe('a verdict', () => {
  it('makes the commit tested before the job has ended, and frees the one slot', async () => {
    await start({ maxJobs: 1 });
    const { sha, buildId } = await kit.push(STAGED);
    const one = await kit.lease();
    expect(await kit.nothingToLease()).toBe(true);
    await kit.ci.runner.verdict(one.payload.jobId, one.leaseToken, 'passed');
    const two = await kit.lease();
    await kit.ci.runner.verdict(two.payload.jobId, two.leaseToken, 'passed');
    // The next stage goes on by verdicts, though no job has ended.
    const three = await kit.lease();
    expect(three.payload.stage).toBe('deploy');
    expect((await kit.test(sha))?.state).toBe('unfinished');
    await kit.ci.runner.verdict(three.payload.jobId, three.leaseToken, 'passed');
    expect((await kit.test(sha))?.state).toBe('passed');
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'started', verdict: 'passed' });
    for (const leased of [three, one, two]) {
      await kit.ci.runner.finish(leased.payload.jobId, leased.leaseToken, {
        state: 'errored',
        exitCode: 2,
        reason: 'after_success went wrong',
      });
    }
    // A deployment that failed turns the state red, and takes no verdict back (spec/travis.md 5.3).
    expect(await kit.ci.builds.get(buildId)).toMatchObject({
      state: 'errored',
      verdict: 'passed',
      jobs: [
        { state: 'errored', verdict: 'passed' },
        { state: 'errored', verdict: 'passed' },
        { state: 'errored', verdict: 'passed' },
      ],
    });
    expect((await kit.test(sha))?.state).toBe('passed');
  });

  it('stays although a job ends as failed or canceled after it', async () => {
    await start();
    for (const state of ['failed', 'canceled'] as const) {
      const { sha } = await kit.push(YAML, { files: { page: state } });
      const { leaseToken, payload } = await kit.lease();
      await kit.ci.runner.verdict(payload.jobId, leaseToken, 'passed');
      const ending = { state, exitCode: 1, reason: null };
      await kit.ci.runner.finish(payload.jobId, leaseToken, ending);
      expect(await kit.ci.jobs.get(payload.jobId)).toMatchObject({
        state: 'passed',
        verdict: 'passed',
      });
      expect((await kit.test(sha))?.state).toBe('passed');
    }
  });

  it('stands, whatever the same lease says later', async () => {
    await start();
    await kit.push(YAML);
    const { leaseToken, payload } = await kit.lease();
    await kit.ci.runner.verdict(payload.jobId, leaseToken, 'failed');
    await kit.ci.runner.verdict(payload.jobId, leaseToken, 'failed');
    await kit.ci.runner.verdict(payload.jobId, leaseToken, 'passed');
    expect((await kit.ci.jobs.get(payload.jobId))?.verdict).toBe('failed');
  });

  it('stands when the lease lapses after it, and after_success happens in a further attempt', async () => {
    await start({ maxJobs: 1 });
    const { sha } = await kit.push(YAML);
    await kit.push(YAML, { files: { page: '2' } });
    const first = await kit.lease();
    await kit.ci.runner.verdict(first.payload.jobId, first.leaseToken, 'passed');
    const other = await kit.lease();
    expect(other.payload.number).toBe('2.1');
    kit.advance(20_000);
    await kit.ci.runner.renew(other.payload.jobId, other.leaseToken);
    kit.advance(11_000);
    await kit.ci.runner.sweep();
    // The only slot is held, but a job that has its verdict needs none.
    const again = await kit.lease();
    expect(again.payload).toMatchObject({ jobId: first.payload.jobId, earlierVerdict: 'passed' });
    await kit.ci.runner.verdict(again.payload.jobId, again.leaseToken, 'failed');
    await kit.ci.runner.finish(again.payload.jobId, again.leaseToken, {
      state: 'failed',
      exitCode: 1,
      reason: null,
    });
    expect((await kit.test(sha))?.state).toBe('passed');
    expect((await kit.ci.jobs.get(again.payload.jobId))?.state).toBe('passed');
  });

  it('tells the deploy room once when a build is made and once when it is judged', async () => {
    await start();
    const { buildId } = await kit.push(YAML);
    await kit.run(await kit.lease());
    const messages = await kit.store.db
      .selectFrom('messages')
      .select('payload')
      .where('topic', '=', 'build')
      .where('consumer', '=', 'deploy')
      .orderBy('id')
      .execute();
    expect(messages.map((row) => JSON.parse(row.payload))).toMatchObject([
      { buildId, state: 'unfinished' },
      { buildId, state: 'passed' },
    ]);
  });

  it('may arrive twice with the end of the job', async () => {
    await start();
    const { buildId } = await kit.push(YAML);
    const leased = await kit.lease();
    await kit.run(leased);
    await kit.run(leased);
    await kit.ci.runner.appendLog(leased.payload.jobId, leased.leaseToken, 0, Buffer.alloc(0));
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'passed' });
  });
});

describe('stages', () => {
  it('that are out of reach are given up, and the build is failed', async () => {
    await start();
    const { buildId, sha } = await kit.push(STAGED);
    await kit.run(await kit.lease(), 'failed');
    await kit.run(await kit.lease());
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'failed' });
    expect(build?.stages.map((stage) => [stage.name, stage.state])).toEqual([
      ['test', 'failed'],
      ['deploy', 'canceled'],
    ]);
    expect(build?.jobs[2]?.reason).toMatch(/earlier stage/);
    expect((await kit.test(sha))?.state).toBe('failed');
  });
});

describe('cancel', () => {
  it('ends what waits at once and what runs through its runner', async () => {
    await start();
    const { buildId, sha } = await kit.push(STAGED);
    const running = await kit.lease();
    await kit.ci.cancelBuild(buildId, WHO);
    const build = await kit.ci.builds.get(buildId);
    expect(build?.jobs.map((job) => job.state)).toEqual(['started', 'canceled', 'canceled']);
    expect(await kit.nothingToLease()).toBe(true);
    const { payload, leaseToken } = running;
    expect(await kit.ci.runner.renew(payload.jobId, leaseToken)).toMatchObject({
      cancelRequested: true,
    });
    await kit.ci.runner.finish(payload.jobId, leaseToken, {
      state: 'canceled',
      exitCode: null,
      reason: null,
    });
    expect(await kit.ci.builds.get(buildId)).toMatchObject({
      state: 'canceled',
      canceled_by: WHO,
    });
    expect((await kit.test(sha))?.state).toBe('canceled');
    await expect(kit.ci.cancelBuild(buildId, WHO)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('wins over a verdict that comes after it', async () => {
    await start();
    const { sha } = await kit.push(YAML);
    const { payload, leaseToken } = await kit.lease();
    await kit.ci.cancelJob(payload.jobId, WHO);
    await expect(kit.ci.runner.verdict(payload.jobId, leaseToken, 'passed')).rejects.toMatchObject({
      reason: 'lease_lost',
    });
    expect((await kit.test(sha))?.state).toBe('canceled');
  });

  it('does not take a verdict back', async () => {
    await start();
    const { sha, buildId } = await kit.push(YAML);
    const { payload, leaseToken } = await kit.lease();
    await kit.ci.runner.verdict(payload.jobId, leaseToken, 'passed');
    await kit.ci.cancelBuild(buildId, WHO);
    await kit.ci.runner.finish(payload.jobId, leaseToken, {
      state: 'canceled',
      exitCode: null,
      reason: null,
    });
    expect((await kit.test(sha))?.state).toBe('passed');
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'passed' });
  });

  it('of a job whose runner does not listen is carried out by the server', async () => {
    await start({ leaseMs: 3_600_000 });
    const { buildId } = await kit.push(YAML);
    const { payload } = await kit.lease();
    await kit.ci.cancelJob(payload.jobId, WHO);
    kit.advance(400_000);
    await kit.ci.runner.sweep();
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'canceled' });
  });
});

describe('restart', () => {
  it('of a build tests the commit again', async () => {
    await start();
    const { buildId, sha } = await kit.push(YAML);
    await kit.run(await kit.lease(), 'failed');
    await kit.ci.restartBuild(buildId, WHO);
    expect((await kit.test(sha))?.state).toBe('unfinished');
    await expect(kit.ci.restartBuild(buildId, WHO)).rejects.toMatchObject({
      reason: 'still_running',
    });
    const leased = await kit.lease();
    expect(leased.payload).toMatchObject({ attempt: 2, restartedBy: WHO, earlierVerdict: null });
    await kit.run(leased);
    expect(await kit.test(sha)).toMatchObject({ state: 'passed', buildId });
  });

  it('of the job that failed gives the later stages their chance', async () => {
    await start();
    const { buildId } = await kit.push(STAGED);
    await kit.run(await kit.lease());
    const failing = await kit.lease();
    await kit.run(failing, 'failed');
    await kit.ci.restartJob(failing.payload.jobId, WHO);
    await kit.run(await kit.lease());
    const third = await kit.lease();
    expect(third.payload).toMatchObject({ stage: 'deploy', attempt: 1 });
    await kit.run(third);
    expect(await kit.ci.builds.get(buildId)).toMatchObject({ state: 'passed' });
  });
});

describe('limits', () => {
  it('of a repository leave the slots to others', async () => {
    await start({ maxJobsPerRepository: 1 });
    const other = await kit.repository('acme/other');
    await kit.push(STAGED);
    await kit.push(YAML, { to: other });
    const numbers = [await kit.lease(), await kit.lease()].map(
      ({ payload }) => payload.repository.slug,
    );
    expect(new Set(numbers).size).toBe(2);
    expect(await kit.nothingToLease()).toBe(true);
    await kit.ci.settings.change(kit.repositoryUuid, { maxJobs: 2 });
    expect((await kit.lease()).payload.repository.slug).toBe('acme/site');
  });

  it('end a job whose runner renews and never reports', async () => {
    await start({ totalMs: 1_000, leaseMs: 3_600_000 });
    const { buildId } = await kit.push(YAML);
    await kit.lease();
    kit.advance(302_000);
    await kit.ci.runner.sweep();
    const build = await kit.ci.builds.get(buildId);
    expect(build).toMatchObject({ state: 'errored' });
    expect(build?.jobs[0]?.reason).toMatch(/did not report a verdict/);
  });

  it('end a job that nobody takes', async () => {
    await start();
    const { buildId } = await kit.push(YAML);
    kit.advance(24 * 3_600_000 + 1_000);
    await kit.ci.runner.sweep();
    const build = await kit.ci.builds.get(buildId);
    expect(build?.state).toBe('errored');
    expect(build?.jobs[0]?.reason).toMatch(/No runner took the job/);
  });
});

describe('a log', () => {
  it('is followed in whole characters until its end', async () => {
    await start();
    await kit.push(YAML);
    const leased = await kit.lease();
    const { jobId } = leased.payload;
    const bytes = Buffer.from('grün €\n');
    await kit.ci.runner.appendLog(jobId, leased.leaseToken, 0, bytes.subarray(0, 7));
    const first = await kit.ci.jobs.log(jobId, { offset: 0, waitMs: 0 });
    expect(first).toMatchObject({ text: 'grün ', nextOffset: 6, ended: false });
    const following = kit.ci.jobs.log(jobId, { offset: 6, waitMs: 20_000 });
    await kit.ci.runner.appendLog(jobId, leased.leaseToken, 7, bytes.subarray(7));
    expect(await following).toMatchObject({ text: '€\n', nextOffset: 10 });
    const end = kit.ci.jobs.log(jobId, { offset: 10, waitMs: 20_000 });
    await kit.run(leased);
    expect(await end).toMatchObject({ text: '', ended: true });
  });

  it('takes a chunk twice, and refuses a gap and what is too long', async () => {
    await start({ logBytes: 100 });
    await kit.push(YAML);
    const { payload, leaseToken } = await kit.lease();
    const { jobId } = payload;
    const append = (offset: number, text: string) =>
      kit.ci.runner.appendLog(jobId, leaseToken, offset, Buffer.from(text));
    await append(0, 'one\n');
    expect(await append(0, 'one\n')).toEqual({ size: 4 });
    await expect(append(9, 'x')).rejects.toMatchObject({ reason: 'log_gap' });
    await expect(append(4, 'x'.repeat(70_000))).rejects.toMatchObject({ code: 'too_large' });
    expect((await kit.ci.jobs.logBytes(jobId, 0)).toString()).toBe('one\n');
  });

  it('of a job that never ran has ended', async () => {
    await start();
    const { buildId } = await kit.push(YAML);
    await kit.ci.cancelBuild(buildId, WHO);
    const [job] = (await kit.ci.builds.get(buildId))?.jobs ?? [];
    expect(await kit.ci.jobs.log(job?.id ?? 0, { offset: 0, waitMs: 20_000 })).toMatchObject({
      text: '',
      ended: true,
    });
  });
});
