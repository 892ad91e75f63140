import { expect, test } from 'vitest';
import { createLru } from '../lru.ts';
import { createTurns } from '../turns.ts';
import { createShared } from './shared.ts';

test('work for one key runs in order, also after a failure; other keys do not wait', async () => {
  const turns = createTurns();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const a = turns.take('x', async () => {
    await first.promise;
    seen.push('a');
    throw new Error('on purpose');
  });
  const b = turns.take('x', async () => {
    seen.push('b');
  });
  await turns.take('y', async () => {
    seen.push('y');
  });
  first.resolve();
  await expect(a).rejects.toThrow('on purpose');
  await b;
  await turns.settled();
  expect(seen).toEqual(['y', 'a', 'b']);
});

test('shared work begins after the call: who comes late shares the next run', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const shared = createShared(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const first = shared('x');
  const late = [shared('x'), shared('x'), shared('x')];
  expect(gates).toHaveLength(1);
  gates[0]?.reject(new Error('on purpose'));
  await expect(first).rejects.toThrow('on purpose');
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.resolve();
  await Promise.all(late);
  expect(gates).toHaveLength(2);
});

test('the map forgets what was not used for longest', () => {
  const lru = createLru<number>(2);
  lru.set('a', 1);
  lru.set('b', 2);
  lru.get('a');
  lru.set('c', 3);
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
});
