import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { LeasedJob } from '@sluice/contract';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { type CiKit, createCiKit, type KitOptions } from '../test/kit.ts';
import { artifactPath } from './names.ts';

let kit: CiKit;
afterEach(() => kit?.close());

const YAML = 'language: generic\nscript: true\n';
const start = async (artifacts: KitOptions['artifacts'] = {}) => {
  kit = await createCiKit({ artifacts });
};
const leased = async (to?: Parameters<CiKit['push']>[1]): Promise<LeasedJob> => {
  await kit.push(YAML, { files: { page: `${Math.random()}` }, ...to });
  return kit.lease();
};
const hash = (content: string) => createHash('sha256').update(content).digest('hex');
const store = (
  job: LeasedJob,
  path: string,
  content: string,
  lie: { sizeBytes?: number; sha256?: string } = {},
) =>
  kit.ci.runner.artifacts.store(job.payload.jobId, job.leaseToken, {
    ...{ path, sizeBytes: content.length, sha256: hash(content) },
    ...lie,
    body: Readable.from([Buffer.from(content)]),
  });
const list = async (job: LeasedJob, attempt?: number) =>
  (await kit.ci.artifacts.list(job.payload.jobId, attempt)).artifacts;
const paths = async (job: LeasedJob) => (await list(job)).map(({ path }) => path);
const read = async (job: LeasedJob, id: number) => {
  const found = await kit.ci.artifacts.open(job.payload.jobId, id);
  return found === null ? null : text(found.stream);
};
const files = async () => {
  const entries = await readdir(join(kit.dataDir, 'artifacts'), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
};

describe('who may keep what', () => {
  it('a job keeps its own files while it is leased, each path once', async () => {
    await start();
    const job = await leased();
    await store(job, 'out/report.txt', 'first');
    await store(job, './out//report.txt', 'second');
    await store(job, 'a.log', 'log');
    const [log, report] = await list(job);
    expect([log?.path, report?.path]).toEqual(['a.log', 'out/report.txt']);
    expect(report).toMatchObject({ size_bytes: 6, sha256: hash('second'), attempt: 1 });
    expect(await read(job, report?.id ?? 0)).toBe('second');
    expect(await files()).toBe(2);
    // After the verdict too: that is when files are sent.
    await kit.ci.runner.verdict(job.payload.jobId, job.leaseToken, 'failed');
    await store(job, 'after.txt', 'after the verdict');
    await kit.run(job, 'failed');
    await expect(store(job, 'late.txt', 'late')).rejects.toMatchObject({ reason: 'lease_lost' });
    expect(await paths(job)).toEqual(['a.log', 'after.txt', 'out/report.txt']);
  });

  it('nobody else’s lease lets it write, and no other job shows the file', async () => {
    await start();
    const job = await leased();
    const other = await kit.repository('acme/other');
    const theirs = await leased({ to: other });
    await store(job, 'mine.txt', 'mine');
    const stolen = { ...job, leaseToken: theirs.leaseToken };
    await expect(store(stolen, 'x', 'x')).rejects.toMatchObject({ reason: 'lease_lost' });
    const [mine] = await list(job);
    expect(await read(theirs, mine?.id ?? 0)).toBeNull();
    expect(await read(job, 999)).toBeNull();
    expect(await list(theirs)).toEqual([]);
  });

  it('what arrives cut short, changed or longer is not kept', async () => {
    await start();
    const job = await leased();
    for (const lie of [{ sizeBytes: 99 }, { sizeBytes: 2 }, { sha256: hash('other') }]) {
      await expect(store(job, 'x', 'content', lie)).rejects.toMatchObject({
        reason: 'artifact_damaged',
      });
    }
    expect(await list(job)).toEqual([]);
    expect(await files()).toBe(0);
    expect(await readdir(join(kit.dataDir, 'incoming'))).toEqual([]);
  });

  it('each attempt has its own, and the newest are shown', async () => {
    await start();
    const job = await leased();
    await store(job, 'one.txt', 'one');
    await kit.ci.runner.giveBack(job.payload.jobId, job.leaseToken);
    const again = await kit.lease();
    expect(again.payload.attempt).toBe(2);
    await store(again, 'two.txt', 'two');
    expect(await paths(again)).toEqual(['two.txt']);
    expect((await list(again, 1)).map(({ path }) => path)).toEqual(['one.txt']);
  });
});

describe('room', () => {
  it('is limited in files and bytes for a job, and says so', async () => {
    await start({ jobBytes: 20, jobFiles: 2 });
    const job = await leased();
    const full = { reason: 'artifacts_full' };
    await expect(store(job, 'big', 'x'.repeat(21))).rejects.toMatchObject({
      reason: 'artifact_too_large',
    });
    await store(job, 'a', 'x'.repeat(15));
    await expect(store(job, 'b', 'x'.repeat(6))).rejects.toMatchObject(full);
    await store(job, 'a', 'x'.repeat(20));
    await store(job, 'a', 'x');
    await store(job, 'b', 'x');
    await expect(store(job, 'c', 'x')).rejects.toMatchObject(full);
    expect(await paths(job)).toEqual(['a', 'b']);
  });

  it('holds when many come at once', async () => {
    await start({ jobBytes: 100, jobFiles: 5 });
    const job = await leased();
    const all = Array.from({ length: 12 }, (_, index) => store(job, `f${index}`, 'x'.repeat(10)));
    const kept = (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled');
    expect(kept).toHaveLength(5);
    expect(await list(job)).toHaveLength(5);
    expect(await files()).toBe(5);
  });

  it('is given back when the time is over, the oldest first when there are too many', async () => {
    await start({ keptMs: 60_000, totalBytes: 25 });
    const job = await leased();
    await store(job, 'first', 'x'.repeat(10));
    kit.advance(30_000);
    await store(job, 'second', 'x'.repeat(10));
    await store(job, 'third', 'x'.repeat(10));
    await kit.ci.artifacts.sweep();
    expect(await paths(job)).toEqual(['second', 'third']);
    kit.advance(61_000);
    await kit.ci.artifacts.sweep();
    expect(await paths(job)).toEqual([]);
    expect(await files()).toBe(0);
  });

  it('can be switched off, and emptied by hand', async () => {
    await start({ jobBytes: 0 });
    await expect(store(await leased(), 'a', '')).rejects.toMatchObject({ code: 'too_large' });
    await kit.close();
    await start();
    const job = await leased();
    await store(job, 'a', 'x');
    expect(await kit.ci.artifacts.remove(job.payload.jobId)).toBe(1);
    expect(await files()).toBe(0);
  });
});

test('no name leads out of a directory or hides what it is (property)', () => {
  const piece = fc.oneof(
    fc.constantFrom('..', '.', '/', '\\', '\0', '\n', '\u202E', ' ', 'a', 'ä', '~', 'C:', '%2e%2e'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      let path: string;
      try {
        path = artifactPath(pieces.join(''));
      } catch (error) {
        expect(error).toMatchObject({ reason: 'artifact_name' });
        return;
      }
      expect(join('/base', path).startsWith('/base/')).toBe(true);
      expect(path).not.toMatch(/[\\\p{Cc}\p{Cf}]|^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/u);
      expect(artifactPath(path)).toBe(path);
    }),
    { numRuns: 2_000 },
  );
});
