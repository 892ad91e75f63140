import type { JobView } from '@sluice/contract';
import { createCuttingProxy } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { createPlace, type Place, type Site } from '../support/site.ts';

/**
 * `sluice runner` as processes of their own, over TCP, with real jobs; the server itself runs none. Would catch: a job that
 * is lost with its runner or runs twice at once, a log with a line too many or too few after a lost connection or a
 * killed server, a runner that takes jobs it is not made for, one that leaves before its work is done.
 */
const LIMIT = 240_000;
let place: Place;
let site: Site;
const runners: RunnerProcess[] = [];

beforeAll(async () => {
  place = await createPlace({ flags: ['--runner-concurrency', '0', '--lease-seconds', '8'] });
  site = await place.createApplication('Farm');
}, LIMIT);
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.destroy()));
  const { results } = await place.client().runners.list();
  for (const { uuid } of results) await place.client().runners.remove(uuid);
});
afterAll(() => place.destroy(), LIMIT);

const start = async (name: string, words: string[] = [], server = place.installation.url()) => {
  const { token } = await place.client().runnerTokens.create({});
  const runner = await startRunner(server, token, ['--name', name, ...words]);
  runners.push(runner);
  await runner.says(`${name} works for`);
  return runner;
};

let pushes = 0;
const push = async (yaml: string): Promise<number> => {
  pushes += 1;
  const sha = await site.push(`Change ${pushes}`, { '.travis.yml': `language: generic\n${yaml}` });
  const find = async () =>
    (await place.client().builds.list({ application: site.application.uuid, sha })).results[0]?.id;
  await expect.poll(find, { timeout: 60_000 }).toBeDefined();
  return (await find()) ?? 0;
};
const jobsOf = async (build: number): Promise<JobView[]> =>
  (await place.client().builds.get(build)).jobs;
const firstJob = async (build: number): Promise<JobView> => {
  const [job] = await jobsOf(build);
  if (job === undefined) throw new Error(`build ${build} has no job`);
  return job;
};
const passes = async (build: number) => {
  const find = async () => (await place.client().builds.get(build)).finished_at;
  await expect.poll(find, { timeout: LIMIT, interval: 300 }).not.toBeNull();
  const reasons = (await jobsOf(build)).map(({ reason }) => reason);
  expect((await place.client().builds.get(build)).state, reasons.join('\n')).toBe('passed');
};
const logOf = async (job: number): Promise<string> => {
  const answer = await fetch(`${place.installation.url()}/ci/v3/jobs/${job}/log`, {
    headers: { authorization: `Token ${place.token}`, accept: 'text/plain' },
  });
  return answer.text();
};

test(
  'two runners share ten jobs, and one that is stopped finishes what it has',
  async () => {
    const one = await start('one', ['--concurrency', '2']);
    await start('two', ['--concurrency', '2']);
    const jobs = Array.from(
      { length: 10 },
      (_, index) => `    - {name: j${index}, script: sleep 0.5}`,
    );
    const build = await push(`jobs:\n  include:\n${jobs.join('\n')}\n`);
    await passes(build);
    const { results } = await place.client().runners.list();
    const taken = results.map((runner) => runner.jobs_taken);
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(10);
    expect(Math.min(...taken)).toBeGreaterThan(1);
    expect((await jobsOf(build)).map((job) => job.attempt)).toEqual(Array(10).fill(1));

    await place.client().runners.pause(results.find(({ name }) => name === 'two')?.uuid ?? '');
    const last = await push('script: sleep 3; echo done\n');
    await one.says(/job \d+\.1 begins(?![\s\S]*ends)/).catch(() => undefined);
    await expect
      .poll(async () => (await firstJob(last)).state, { timeout: 60_000 })
      .toBe('started');
    one.signal('SIGTERM');
    expect(await one.ended()).toBe(0);
    expect((await firstJob(last)).state).toBe('passed');
    const after = (await place.client().runners.list()).results.find(({ name }) => name === 'one');
    expect(after?.state).toBe('offline');
  },
  LIMIT,
);

test(
  'a second signal gives back what runs',
  async () => {
    const one = await start('one');
    const build = await push('script: test -e /nowhere || sleep 4\n');
    await expect
      .poll(async () => (await firstJob(build)).state, { timeout: 60_000 })
      .toBe('started');
    one.signal('SIGTERM');
    await one.says('Taking no more jobs');
    one.signal('SIGTERM');
    expect(await one.ended()).toBe(0);
    await expect
      .poll(async () => (await firstJob(build)).state, { timeout: 60_000 })
      .toBe('queued');
    expect((await firstJob(build)).waiting_for).toBe('a runner: one is offline');
    await start('two');
    await passes(build);
    const { id, attempt } = await firstJob(build);
    expect(attempt).toBe(2);
    expect(await logOf(id)).toContain('The runner one was stopped during attempt 1.');
  },
  LIMIT,
);

test(
  'a job waits for a runner with its labels, which may take one job and be gone',
  async () => {
    await start('plain');
    const build = await push('runner: {gpu: a100}\nscript: echo on the right machine\n');
    expect((await firstJob(build)).waiting_for).toBe('a runner with gpu=a100; there is none');
    const right = await start('right', ['--label', 'gpu=a100', '--ephemeral']);
    expect(await right.ended()).toBe(0);
    await passes(build);
    const { results } = await place.client().runners.list();
    expect(results.map(({ name }) => name)).toEqual(['plain']);
  },
  LIMIT,
);

test(
  'a runner that is killed loses its job to another',
  async () => {
    const victim = await start('victim');
    const build = await push('script: sleep 5\n');
    await expect
      .poll(async () => (await firstJob(build)).state, { timeout: 60_000 })
      .toBe('started');
    victim.signal('SIGKILL');
    await victim.ended();
    await start('heir');
    await passes(build);
    const { id, attempt } = await firstJob(build);
    expect(attempt).toBe(2);
    expect(await logOf(id)).toContain('The runner victim stopped responding during attempt 1.');
  },
  LIMIT,
);

test(
  'no line is lost or doubled when the connection is cut again and again and the server is killed',
  async () => {
    const proxy = await createCuttingProxy(() => place.installation.url());
    try {
      await start('far', [], proxy.url);
      const stop = proxy.cutAgainAndAgain(12);
      const lines = 3_000;
      const build = await push(
        // A clone over such a line fails after three tries, as it should.
        `git: {clone: false}\nscript: for i in $(seq 1 ${lines}); do echo "line $i of a log"; test $((i % 50)) != 0 || sleep 0.1; done\n`,
      );
      await expect
        .poll(async () => (await firstJob(build)).state, { timeout: 120_000 })
        .toBe('started');
      await place.installation.signal('SIGKILL');
      await place.installation.start();
      await passes(build);
      expect(stop()).toBeGreaterThan(3);
      const { id, attempt } = await firstJob(build);
      expect(attempt).toBe(1);
      const whole = Array.from({ length: lines }, (_, index) => `line ${index + 1} of a log`);
      const log = await logOf(id);
      expect(log.match(/^line \d+ of a log(?=\r?$)/gm)).toEqual(whole);
    } finally {
      await proxy.close();
    }
  },
  LIMIT,
);
