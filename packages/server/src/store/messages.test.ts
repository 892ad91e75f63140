import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from './index.ts';
import { openStore } from './test/open-store.ts';

const within = { timeout: 60_000, interval: 5 };

/** Would catch: a repository whose messages overtake each other, and one whose trouble keeps all others waiting. */
describe('messages', () => {
  let dataDir: string;
  let store: Store;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-messages-'));
    store = await openStore({ dataDir });
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const publish = (all: readonly string[]) =>
    store.transaction(async (trx) => {
      for (const [index, repositoryUuid] of all.entries())
        await store.messages.publish(trx, 'build', {
          ...{ repositoryUuid, sha: 'a'.repeat(40), buildId: index, state: 'passed' },
        });
    });

  test('of one repository keep their order through failures, one at a time; each is handled to its end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ of: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fails: fc.boolean() }),
          {
            minLength: 1,
            maxLength: 25,
          },
        ),
        async (messages) => {
          const handled: { of: string; index: number }[] = [];
          const atWork = new Set<string>();
          const failed = new Set<number>();
          const overlaps: number[] = [];
          const stop = store.messages.consume('deploy', 'build', async (build) => {
            const { repositoryUuid: of, buildId: index } = build;
            if (atWork.has(of)) overlaps.push(index);
            atWork.add(of);
            await new Promise((done) => setTimeout(done, index % 3));
            atWork.delete(of);
            const isBad = messages[index]?.fails && !failed.has(index);
            failed.add(index);
            if (isBad) throw new Error('not yet');
            handled.push({ of, index });
          });
          try {
            await publish(messages.map(({ of }) => of));
            await expect.poll(() => store.messages.waiting('deploy'), within).toBe(0);
          } finally {
            await stop();
          }
          const orders = Object.groupBy(handled, ({ of }) => of);
          for (const [of, seen] of Object.entries(orders))
            expect(seen?.map(({ index }) => index)).toEqual(
              messages.flatMap((message, index) => (message.of === of ? [index] : [])),
            );
          expect(handled).toHaveLength(messages.length);
          expect(overlaps).toEqual([]);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('of a repository in trouble, or at work for long, keep nobody else waiting', async () => {
    const seen: string[] = [];
    const long = Promise.withResolvers<void>();
    const stop = store.messages.consume('deploy', 'build', async ({ repositoryUuid, buildId }) => {
      if (repositoryUuid === 'broken') throw new Error('its disk is broken');
      if (repositoryUuid === 'slow') await long.promise;
      seen.push(`${repositoryUuid} ${buildId}`);
    });
    await publish(['broken', 'broken', 'slow', 'slow', 'well', 'well']);
    await expect.poll(() => seen, within).toEqual(['well 4', 'well 5']);
    expect(await store.messages.waiting('deploy')).toBe(4);
    long.resolve();
    await expect.poll(() => seen.length, within).toBe(4);
    expect(await store.messages.waiting('deploy')).toBe(2);
    await stop();
  });

  test('of a version that knows no lanes are neither overtaken nor overtake', async () => {
    await publish(['a', 'b', 'a', 'c']);
    await store.db
      .updateTable('messages')
      .set({ lane: '' })
      .where('payload', 'like', '%"buildId":2%')
      .execute();
    const events: string[] = [];
    const stop = store.messages.consume('deploy', 'build', async ({ buildId }) => {
      events.push(`begin ${buildId}`);
      await new Promise((done) => setTimeout(done, 20));
      events.push(`end ${buildId}`);
    });
    await expect.poll(() => events.length, within).toBe(8);
    await stop();
    expect(events.slice(-4)).toEqual(['begin 2', 'end 2', 'begin 3', 'end 3']);
  });
});
