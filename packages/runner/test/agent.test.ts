import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobPayload } from '@sluice/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../src/agent/connection.ts';
import { createRunner, type Runner, type RunnerOptions } from '../src/agent/runner.ts';
import type { Executor } from '../src/executors/executor.ts';
import { createHostExecutor } from '../src/executors/host/index.ts';
import {
  createRepository,
  hostOptions,
  plainText,
  type TestRepository,
} from './support/machine.ts';
import { payloadOf } from './support/payload.ts';
import { ProtocolServer, type ServedJob, serveGit } from './support/protocol-server.ts';

const TOKEN = 'slj_0123456789abcdefghijABCDEFGHIJ0123456789';

let directory: string;
let executor: Executor;
let repository: TestRepository;
let git: Awaited<ReturnType<typeof serveGit>>;
let server: ProtocolServer;
const runners: Runner[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-agent-'));
  executor = await createHostExecutor(hostOptions(directory));
  repository = createRepository(join(directory, 'app.git'), { 'hello.txt': 'hello\n' });
  git = await serveGit(directory, TOKEN);
});
afterAll(async () => {
  await git.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  server = new ProtocolServer();
  await server.listen();
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.kill()));
  await server.close();
});

function startRunner(changes: Partial<RunnerOptions> = {}): Runner {
  const runner = createRunner({
    connection: connect(
      server.socketPath ? { socketPath: server.socketPath } : { url: server.url, token: 't' },
    ),
    executor,
    name: 'test-runner',
    waitSeconds: 5,
    renewMs: 50,
    ...changes,
  });
  runners.push(runner);
  runner.start();
  return runner;
}

const finished = (job: ServedJob) => server.until(() => job.finishes.length > 0);
const plain = (job: ServedJob) => plainText(job.log.toString());
const queue = (config: Record<string, unknown>, changes: Parameters<typeof payloadOf>[1] = {}) =>
  server.add(payloadOf(config, changes));

function cloning(config: Record<string, unknown>): JobPayload {
  const payload = payloadOf({ git: {}, ...config }, { build: { sha: repository.sha } });
  payload.clone = { url: `${git.url}/app.git`, token: TOKEN, ref: 'refs/heads/main' };
  return payload;
}

describe('a job through the protocol', () => {
  it('clones with its token, streams its log, and finishes', async () => {
    const job = server.add(
      cloning({ script: ['cat hello.txt', 'git log --oneline', 'env | grep -c GIT_CONFIG'] }),
    );
    startRunner();
    await finished(job);
    expect(job.finishes).toEqual([
      { leaseToken: job.leaseToken, state: 'passed', exitCode: 0, reason: null },
    ]);
    expect(job.verdicts).toEqual(['passed']);
    expect(plain(job)).toContain('$ git clone --depth=50 --branch=main');
    expect(plain(job)).toMatch(/^hello$/m);
    expect(plain(job)).toContain('First');
  });

  it('never shows the token, neither plain nor as git sends it', async () => {
    const job = server.add(
      cloning({ script: ['env', 'git remote -v', 'GIT_CURL_VERBOSE=1 git fetch 2>&1', 'ps axww'] }),
    );
    startRunner();
    await finished(job);
    expect(job.log.toString()).not.toContain(TOKEN);
    expect(job.log.toString()).not.toContain(Buffer.from(`x-job:${TOKEN}`).toString('base64'));
    expect(job.log.toString()).toContain('[secure]');
  });

  it('fetches a commit that the shallow clone lacks, and says so', async () => {
    const old = repository.sha;
    for (let i = 0; i < 3; i++) repository.git('commit', '-q', '--allow-empty', '-m', `later ${i}`);
    const payload = cloning({ script: ['git rev-parse HEAD'], git: { depth: 1 } });
    const job = server.add(payload);
    startRunner();
    await finished(job);
    expect(job.finishes[0]?.state).toBe('passed');
    expect(plain(job)).toContain(`${old}\n`);
    expect(plain(job)).toContain('is not in the fetched history');
  });

  it('errors when the repository cannot be cloned', async () => {
    const payload = cloning({ script: ['true'] });
    payload.clone.token = 'wrong';
    const job = server.add(payload);
    startRunner({ timing: { retryPause: 0 } });
    await finished(job);
    expect(job.finishes[0]).toMatchObject({ state: 'errored', exitCode: 2 });
    expect(job.verdicts).toEqual(['errored']);
  });

  it('works over a Unix socket', async () => {
    await server.close();
    server = new ProtocolServer();
    await server.listen(join(directory, 'internal.sock'));
    const job = queue({ script: ['echo over the socket'] });
    startRunner();
    await finished(job);
    expect(plain(job)).toContain('over the socket');
  });

  it('runs as many jobs at once as it may', async () => {
    const jobs = [1, 2, 3].map((jobId) => queue({ script: ['sleep 0.3'] }, { jobId }));
    const runner = startRunner({ concurrency: 2 });
    await server.until(() => runner.running() === 2);
    await Promise.all(jobs.map(finished));
    expect(jobs.map((job) => job.finishes[0]?.state)).toEqual(['passed', 'passed', 'passed']);
  });

  it('sends notices about the toolchain and strict toolchains as an error', async () => {
    const job = queue({ language: 'go', go: '99.1', script: ['true'] }, { strictToolchains: true });
    startRunner();
    await finished(job);
    expect(job.finishes[0]).toMatchObject({ state: 'errored' });
    expect(job.finishes[0]?.reason).toMatch(/Go 99\.1 is not on this machine/);
  });
});

describe('the verdict (spec/ordering.md 2.3)', () => {
  it('is stored before after_success starts', async () => {
    const stored = Promise.withResolvers<void>();
    server.hold = (kind) => (kind === 'verdict' ? stored.promise : null);
    const job = queue({ script: ['echo tested'], after_success: ['echo deploying'] });
    let asked = false;
    const before = server.hold;
    server.hold = (kind, one) => {
      if (kind === 'verdict') asked = true;
      return before(kind, one);
    };
    startRunner();
    await server.until(
      () => plain(job).includes('"echo tested" exited with 0') && job.renewals > 0,
    );
    // Some renewals later the job still waits: what comes after the test has not begun.
    const renewals = job.renewals;
    await server.until(() => asked && job.renewals > renewals + 6);
    expect(plain(job)).not.toContain('deploying');
    stored.resolve();
    await finished(job);
    expect(plain(job)).toContain('\ndeploying\n');
  });

  it('is tried again until the server has it, and counts once', async () => {
    let troubles = 0;
    server.mishap = (kind) => {
      if (kind !== 'verdict' || troubles >= 3) return null;
      troubles++;
      return (['drop-before', 'unavailable', 'drop-after'] as const)[troubles - 1] ?? null;
    };
    const job = queue({ script: ['false'], after_failure: ['echo cleaning'] });
    startRunner();
    await finished(job);
    expect(new Set(job.verdicts)).toEqual(new Set(['failed']));
    expect(plain(job)).toContain('\ncleaning\n');
    expect(job.finishes[0]).toMatchObject({ state: 'failed', exitCode: 1 });
  });

  it('of an earlier attempt stands', async () => {
    const passed = queue(
      { script: ['false'], after_success: ['echo again'] },
      { earlierVerdict: 'passed', attempt: 2 },
    );
    startRunner();
    await finished(passed);
    expect(passed.finishes[0]?.state).toBe('passed');
    expect(plain(passed)).toContain('\nagain\n');
  });

  it('frees the slot: a job behind runs while after_success goes on', async () => {
    const first = queue({ script: ['true'], after_success: ['echo waiting; sleep 1000'] });
    startRunner({ concurrency: 1 });
    await server.until(() => plain(first).includes('\nwaiting\n'));
    const second = queue({ script: ['echo second'] }, { jobId: 12 });
    await finished(second);
    expect(second.finishes[0]?.state).toBe('passed');
    expect(first.finishes).toEqual([]);
    first.cancelRequested = true;
    await finished(first);
    expect(first.finishes[0]?.state).toBe('passed');
  });

  it('stands when the job is cancelled in after_success', async () => {
    const job = queue({ script: ['true'], after_success: ['echo slow; sleep 1000'] });
    startRunner();
    await server.until(() => plain(job).includes('\nslow\n'));
    job.cancelRequested = true;
    await finished(job);
    expect(job.finishes[0]?.state).toBe('passed');
  });

  it('stands when a deployment fails, and the job is errored', async () => {
    const deploy = [
      { provider: 'script', script: 'echo deploying; exit 4' },
      { provider: 'script', script: 'echo never' },
    ];
    const job = queue({ script: ['true'], deploy, after_script: ['echo never'] });
    startRunner();
    await finished(job);
    expect(job.verdicts).toEqual(['passed']);
    expect(job.finishes[0]).toMatchObject({ state: 'errored', exitCode: 2 });
    expect(plain(job)).not.toMatch(/^never$/m);
  });
});

describe('cancel and lost leases', () => {
  it('ends a cancelled job as canceled, however deaf it is', async () => {
    const job = queue({
      script: ["trap '' TERM INT HUP; echo ready; while :; do sleep 0.05; done"],
    });
    startRunner();
    await server.until(() => plain(job).includes('\nready\n'));
    job.cancelRequested = true;
    await finished(job);
    expect(job.finishes[0]).toMatchObject({ state: 'canceled' });
    expect(job.verdicts).toEqual([]);
    expect(plain(job)).toContain('The job was canceled.');
  });

  it('ends a job whose lease is lost, reports nothing more, and takes the next', async () => {
    const job = queue({ script: ['echo ready; sleep 1000'] });
    const runner = startRunner();
    await server.until(() => plain(job).includes('\nready\n'));
    job.lost = true;
    const next = queue({ script: ['true'] }, { jobId: 12 });
    await finished(next);
    await runner.stop();
    expect(job.finishes).toEqual([]);
    expect(runner.running()).toBe(0);
  });

  it('drains: a running job ends, a waiting one is not taken', async () => {
    const job = queue({ script: ['echo ready; sleep 0.5'] });
    const runner = startRunner();
    await server.until(() => plain(job).includes('\nready\n'));
    const stopped = runner.stop();
    queue({ script: ['true'] }, { jobId: 12 });
    await stopped;
    expect(job.finishes[0]?.state).toBe('passed');
    expect(server.queue).toHaveLength(1);
  });

  it('is killed: the job ends at once and nothing is reported', async () => {
    const job = queue({ script: ['echo ready; sleep 1000'] });
    const runner = startRunner();
    await server.until(() => plain(job).includes('\nready\n'));
    await runner.kill();
    expect(job.finishes).toEqual([]);
  });
});

describe('a bad connection', () => {
  it('loses and doubles nothing of the log', async () => {
    let count = 0;
    server.mishap = (kind) => {
      if (kind === 'lease') return null;
      count++;
      return count % 3 === 0
        ? 'drop-after'
        : count % 5 === 0
          ? 'drop-before'
          : count % 7 === 0
            ? 'unavailable'
            : null;
    };
    const job = queue({ script: ['for i in $(seq 1 40); do echo line $i; sleep 0.02; done'] });
    startRunner();
    await finished(job);
    const lines = [...plain(job).matchAll(/^line (\d+)$/gm)].map((match) => Number(match[1]));
    expect(lines).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(job.finishes.every((one) => one.state === 'passed')).toBe(true);
  });

  it('makes the job wait when the server is slow, and silence does not end it then', async () => {
    const free = Promise.withResolvers<void>();
    let logs = 0;
    server.hold = (kind) => (kind === 'log' && ++logs > 1 ? free.promise : null);
    const job = queue(
      { script: ['head -c 5000000 /dev/zero | tr "\\0" x; echo', 'echo end'] },
      { limits: { logBytes: 20_000_000, silenceMs: 700 } },
    );
    startRunner();
    await server.until(() => logs > 1);
    const renewals = job.renewals;
    await server.until(() => job.renewals > renewals + 25);
    expect(job.finishes).toEqual([]);
    free.resolve();
    await finished(job);
    expect(job.finishes[0]?.state).toBe('passed');
    expect(job.log.length).toBeGreaterThan(5_000_000);
  });

  it('reckons with the server’s clock', async () => {
    server.clockAheadMs = -86_400_000;
    const job = queue({ script: ['sleep 0.3'] });
    startRunner({ orphanMs: 0 });
    await finished(job);
    expect(job.finishes[0]?.state).toBe('passed');
  });
});
