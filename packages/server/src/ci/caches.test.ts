import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { LeasedJob } from '@sluice/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { type CiKit, createCiKit, type KitOptions } from './test/kit.ts';

let kit: CiKit;
afterEach(() => kit.close());

const YAML = 'language: generic\nscript: true\n';
const SLUG = 'linux-focal-generic';

const start = async (caches: KitOptions['caches'] = {}) => {
  kit = await createCiKit({ caches });
};

/** A job of a push to this branch, which holds its lease. */
async function leased(branch = 'main', to?: Parameters<CiKit['push']>[1]): Promise<LeasedJob> {
  await kit.push(YAML, {
    files: { page: `${Math.random()}` },
    refspec: `+HEAD:refs/heads/${branch}`,
    ...to,
  });
  return kit.lease();
}

const store = (job: LeasedJob, content: string, slug = SLUG) =>
  kit.ci.runner.caches.store(
    job.payload.jobId,
    job.leaseToken,
    slug,
    Readable.from([Buffer.from(content)]),
  );

async function fetched(job: LeasedJob, slug = SLUG): Promise<string | null> {
  const found = await kit.ci.runner.caches.fetch(job.payload.jobId, job.leaseToken, slug);
  return found === null ? null : text(found.stream);
}

/** Makes the job's build one of a pull request, as the webhook of a forge will. */
const asPullRequest = (job: LeasedJob, number: number, trusted: number) =>
  kit.store.db
    .updateTable('builds')
    .set({ event: 'pull_request', pull_request: JSON.stringify({ number }), trusted })
    .where('id', '=', job.payload.build.id)
    .execute();

const scopes = async () =>
  (await kit.ci.caches.list(kit.repositoryUuid)).map((archive) => archive.scope);
const files = () => readdir(join(kit.dataDir, 'caches')).catch(() => []);

describe('who may touch which cache (spec/travis.md 8, spec/faults.md 26)', () => {
  it('a branch reads its own, else that of the default branch, and writes its own', async () => {
    await start();
    await store(await leased('main'), 'of main');
    const feature = await leased('feature');
    expect(await fetched(feature)).toBe('of main');
    expect(await fetched(feature, 'linux-focal-other')).toBeNull();
    await store(feature, 'of feature');
    expect(await fetched(feature)).toBe('of feature');
    expect(await fetched(await leased('main'))).toBe('of main');
    expect(await scopes()).toEqual(['branch:feature', 'branch:main']);
  });

  it('a pull request reads its target, writes only what is its own, and from a fork nothing', async () => {
    await start();
    await store(await leased('main'), 'of main');
    const pull = await leased('main');
    await asPullRequest(pull, 4, 1);
    expect(await fetched(pull)).toBe('of main');
    await store(pull, 'of the pull request');
    expect(await fetched(pull)).toBe('of the pull request');
    const fork = await leased('main');
    await asPullRequest(fork, 5, 0);
    expect(await fetched(fork)).toBe('of main');
    await expect(store(fork, 'poison')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await fetched(await leased('main'))).toBe('of main');
    expect(await scopes()).toEqual(['branch:main', 'pull:4']);
    expect(await files()).toHaveLength(2);
  });

  it('a tag has its own, also one that is named as a branch', async () => {
    await start();
    await store(await leased('main'), 'of main');
    await kit.push(YAML, { files: { page: 'tagged' }, refspec: 'HEAD:refs/tags/main' });
    const tag = await kit.lease();
    expect(tag.payload.build.tag).toBe('main');
    await store(tag, 'of the tag');
    expect(await fetched(await leased('main'))).toBe('of main');
  });

  it('no repository sees another one’s, and no lease means no cache', async () => {
    await start();
    const job = await leased('main');
    await store(job, 'secret of site');
    const other = await kit.repository('acme/other');
    const theirs = await leased('main', { to: other });
    expect(await fetched(theirs)).toBeNull();
    const stolen = { ...job, leaseToken: theirs.leaseToken };
    await expect(fetched(stolen)).rejects.toMatchObject({ reason: 'lease_lost' });
    await expect(store(stolen, 'x')).rejects.toMatchObject({ reason: 'lease_lost' });
    await kit.run(job);
    await expect(store(job, 'too late')).rejects.toMatchObject({ reason: 'lease_lost' });
    await expect(fetched(theirs, '../../sluice.db')).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('the room for caches', () => {
  it('goes to those that were used last', async () => {
    await start({ repositoryBytes: 25 });
    const job = await leased('main');
    for (const name of ['a', 'b']) {
      kit.advance(1_000);
      await store(job, name.repeat(10), name);
    }
    kit.advance(1_000);
    expect(await fetched(job, 'a')).toBe('a'.repeat(10));
    kit.advance(1_000);
    await store(job, 'c'.repeat(10), 'c');
    expect(await fetched(job, 'b')).toBeNull();
    expect(await fetched(job, 'a')).not.toBeNull();
    expect(await files()).toHaveLength(2);
  });

  it('is limited over all repositories too', async () => {
    await start({ totalBytes: 25 });
    const job = await leased('main');
    await store(job, '1'.repeat(20));
    kit.advance(1_000);
    const other = await kit.repository('acme/other');
    const theirs = await leased('main', { to: other });
    await store(theirs, '2'.repeat(20));
    expect(await fetched(job)).toBeNull();
    expect(await fetched(theirs)).toBe('2'.repeat(20));
  });

  it('is not taken by what is too large or breaks off; the older archive stays', async () => {
    await start({ repositoryBytes: 25 });
    const job = await leased('main');
    await store(job, 'good');
    await expect(store(job, 'x'.repeat(26))).rejects.toMatchObject({ code: 'too_large' });
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('the runner is gone');
      })(),
    );
    const { jobId } = job.payload;
    await expect(kit.ci.runner.caches.store(jobId, job.leaseToken, SLUG, broken)).rejects.toThrow(
      'the runner is gone',
    );
    expect(await fetched(job)).toBe('good');
    expect(await files()).toHaveLength(1);
  });

  it('is tidied up at the start: half an archive, one without a row, a row without one', async () => {
    await start();
    const job = await leased('main');
    await store(job, 'good');
    await store(job, 'lost', 'lost');
    const [kept] = await kit.store.db.selectFrom('ci_caches').selectAll().orderBy('id').execute();
    const directory = join(kit.dataDir, 'caches');
    await writeFile(join(directory, 'abc.tar.gz.partial'), 'half');
    await kit.ci.stop();
    await kit.store.db
      .updateTable('ci_caches')
      .set({ file: 'gone.tar.gz' })
      .where('slug', '=', 'lost')
      .execute();
    await kit.ci.start();
    expect(await files()).toEqual([kept?.file]);
    expect(await fetched(job)).toBe('good');
    expect(await fetched(job, 'lost')).toBeNull();
    expect(await kit.ci.caches.remove(kit.repositoryUuid, { scope: 'branch:main' })).toHaveLength(
      1,
    );
    expect(await files()).toEqual([]);
  });
});
