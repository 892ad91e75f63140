import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAskew, MOST_PIXELS, physicalHeight, placeAt, scrolledTo } from './scroll-math.ts';

const arbitraryExtent = fc.record({
  total: fc.integer({ min: 0, max: 2_000_000_000 }),
  viewport: fc.integer({ min: 100, max: 2_000 }),
});

test('a list that is short enough is scrolled as any other', () => {
  const extent = { total: 5_000, viewport: 600 };
  expect(physicalHeight(extent)).toBe(5_000);
  expect(scrolledTo(1_234, placeAt(0, extent), extent)).toEqual({
    physical: 1_234,
    virtual: 1_234,
  });
});

test('both ends of any list can be reached, and no place is beyond them', () => {
  fc.assert(
    fc.property(arbitraryExtent, fc.double({ min: 0, max: 1, noNaN: true }), (extent, part) => {
      const last = Math.max(0, extent.total - extent.viewport);
      const bottom = Math.max(0, physicalHeight(extent) - extent.viewport);
      expect(physicalHeight(extent)).toBeLessThanOrEqual(MOST_PIXELS);
      const there = placeAt(last * part, extent);
      expect(there.physical).toBeLessThanOrEqual(bottom);
      // Dragged to an end from far away.
      fc.pre(bottom > extent.viewport * 10);
      const middle = placeAt(last / 2, extent);
      expect(scrolledTo(0, middle, extent).virtual).toBe(0);
      expect(scrolledTo(bottom, middle, extent).virtual).toBeCloseTo(last, 3);
    }),
  );
});

test('small steps are exact, however long the list, and an end that is none is noticed', () => {
  fc.assert(
    fc.property(
      arbitraryExtent,
      fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      // Small is below three windows, of which the lowest has 100 pixels.
      fc.array(fc.integer({ min: -299, max: 299 }), { maxLength: 30 }),
      (extent, part, steps) => {
        fc.pre(extent.total > 100_000);
        let place = placeAt((extent.total - extent.viewport) * part, extent);
        for (const step of steps) {
          const next = scrolledTo(place.physical + step, place, extent);
          expect(next.virtual - place.virtual).toBeCloseTo(step, 3);
          place = next;
        }
      },
    ),
  );
  const extent = { total: 100_000_000, viewport: 600 };
  // 2000 pixels from the top of the list is almost the top of the scrollbar: there it is reached too early.
  const near = placeAt(2_000, extent);
  const reached = scrolledTo(0, near, extent);
  expect(reached.virtual).toBeGreaterThan(0);
  expect(isAskew(reached, extent)).toBe(true);
  expect(isAskew(placeAt(0, extent), extent)).toBe(false);
});
