import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLiveLines } from './live-lines.ts';

test('lines are those of a plain split, however the text comes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), maxLength: 200 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(9)), (all, cuts) => {
      const live = createLiveLines(11);
      let at = 0;
      for (const size of cuts) {
        live.push(all.slice(at, at + size), null);
        at += size;
      }
      live.push(all.slice(at), null);
      const lines = all.split('\n');
      if (lines.at(-1) === '') lines.pop();
      expect(live.total).toBe(10 + lines.length);
      expect(lines.map((_, index) => live.get(11 + index)?.text)).toEqual(lines);
    }),
  );
});

test('of a progress bar without end the last state is kept, and of many lines the newest', () => {
  const live = createLiveLines(1);
  for (let percent = 0; percent < 20_000; percent += 1)
    live.push(`\rdone ${percent} of many`, null);
  expect(live.get(1)?.text.length).toBeLessThanOrEqual(65_536);
  expect(live.get(1)?.text.split('\r').at(-1)).toBe('done 19999 of many');
  for (let line = 0; line < 12_000; line += 1) live.push('x\n', null);
  expect(live.next).toBe(12_001);
  expect(live.get(live.first - 1)).toBeUndefined();
  expect(live.get(live.first)?.text).toBe('x');
  expect(live.next - live.first).toBeLessThanOrEqual(5_000);
});
