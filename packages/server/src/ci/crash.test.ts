import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRepository, type TestRepository } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccounts } from '../accounts/index.ts';
import { createGit } from '../git/index.ts';
import { createSecrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import { openStore } from '../store/test/open-store.ts';

const WORKER = join(import.meta.dirname, 'test/crash-worker.ts');
const BUILDS = 6;
const YAML = `language: generic
jobs:
  include:
    - {stage: test, script: one}
    - {stage: test, script: two}
    - {stage: deploy, script: three}
`;

let dataDir: string;
let work: TestRepository;
let child: ChildProcess | null = null;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-ci-crash-'));
  work = await createRepository();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await work.remove();
  await rm(dataDir, { recursive: true, force: true });
});

/** Pushes that nobody has looked at yet. */
async function givenPushes(): Promise<void> {
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 2048 });
  const git = createGit({ dataDir, store, secrets });
  await git.start();
  const { uuid: organisationUuid } = await createAccounts({ store }).createOrganisation(
    { name: 'Acme', owner: null },
    'test',
  );
  const { uuid } = await store.transaction((trx) =>
    git.createHosted(trx, { organisationUuid, slug: 'acme/site' }),
  );
  await git.ensureOnDisk(uuid);
  await store.transaction((trx) => git.update(trx, uuid, { ciEnabled: true }));
  for (let index = 1; index <= BUILDS; index += 1) {
    await work.commit(`Commit ${index}`, { '.travis.yml': YAML, page: `${index}` });
    await work.push(git.path(uuid));
    await git.reconcileRefs(uuid);
  }
  await git.stop();
  await store.close();
}

/** Runs the worker and kills it when it has printed its `lines`-th line; null: lets it come to its end. */
async function run(lines: number | null): Promise<string[]> {
  const worker = spawn(process.execPath, [WORKER, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = worker;
  const printed: string[] = [];
  const reader = createInterface({ input: worker.stdout });
  reader.on('line', (line) => {
    printed.push(line);
    if (printed.length === lines) worker.kill('SIGKILL');
  });
  await Promise.all([once(worker, 'exit'), once(reader, 'close')]);
  return printed;
}

describe('a server that is killed again and again', () => {
  it('loses no verdict, doubles nothing, and brings every build to its end', async () => {
    await givenPushes();
    const said: string[] = [];
    // At another point of the story each time: after a lease, a verdict, an end.
    for (const lines of [1, 2, 3, 4, 5, 1, 2, 7, 3]) {
      said.push(...(await run(lines)));
      const store = await openStore({ dataDir });
      await expectDurable(store, said);
      await store.close();
    }
    said.push(...(await run(null)));
    expect(said.at(-1)).toBe('quiet');

    const store = await openStore({ dataDir });
    try {
      await expectDurable(store, said);
      const builds = await store.db.selectFrom('builds').selectAll().orderBy('id').execute();
      // One build a push, numbered without a gap, all of them passed.
      expect(builds.map((build) => build.number)).toEqual(
        Array.from({ length: BUILDS }, (_, index) => index + 1),
      );
      expect(builds.map((build) => [build.state, build.verdict])).toEqual(
        builds.map(() => ['passed', 'passed']),
      );
      const jobs = await store.db.selectFrom('jobs').selectAll().execute();
      expect(jobs).toHaveLength(BUILDS * 3);
      for (const job of jobs) {
        expect(job.state).toBe('passed');
        expect(
          said.filter((line) => line === `verdict ${job.id} ${job.attempt}`).length,
        ).toBeLessThanOrEqual(1);
        expect(await store.logs.isEnded(`job-${job.id}-${job.attempt}`)).toBe(true);
      }
      const tests = await store.db.selectFrom('commit_tests').select('state').execute();
      expect(tests.map((row) => row.state)).toEqual(builds.map(() => 'passed'));
      const tokens = await store.db
        .selectFrom('job_tokens')
        .select('job_id')
        .where('ended_at', 'is', null)
        .execute();
      expect(tokens).toEqual([]);
    } finally {
      await store.close();
    }
  });
});

/** What the worker was told is stored is stored, whenever it died. */
async function expectDurable(store: Store, said: readonly string[]): Promise<void> {
  for (const line of said) {
    const [what, id] = line.split(' ');
    if (what !== 'verdict' && what !== 'finished') continue;
    const job = await store.db
      .selectFrom('jobs')
      .select(['state', 'verdict'])
      .where('id', '=', Number(id))
      .executeTakeFirstOrThrow();
    expect(job.verdict).toBe('passed');
    if (what === 'finished') expect(job.state).toBe('passed');
  }
}
