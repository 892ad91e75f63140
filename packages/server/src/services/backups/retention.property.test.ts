import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expired, type Kept } from './retention.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.parse('2026-06-01T00:00:00.000Z');

const backups = fc
  .uniqueArray(fc.record({ age: fc.nat(400), isGood: fc.boolean() }), {
    maxLength: 40,
    selector: ({ age }) => age,
  })
  .map((all) =>
    all.map(
      ({ age, isGood }): Kept => ({
        uuid: `backup-${age}`,
        createdAt: new Date(NOW - age * DAY_MS - 1).toISOString(),
        isGood,
      }),
    ),
  );
const limit = fc.option(fc.integer({ min: 1, max: 50 }), { nil: null });
const retention = fc.record({ count: limit, days: limit });

const left = (all: readonly Kept[], gone: readonly string[]) =>
  all.filter(({ uuid }) => !gone.includes(uuid));
const newestGood = (all: readonly Kept[]) =>
  all
    .filter(({ isGood }) => isGood)
    .map(({ createdAt }) => createdAt)
    .sort()
    .at(-1);

test('the newest good backup always stays, and no limit is exceeded by others (property)', () => {
  fc.assert(
    fc.property(backups, retention, (all, limits) => {
      const gone = expired(all, limits, NOW);
      const kept = left(all, gone);
      expect(new Set(gone).size).toBe(gone.length);
      expect(newestGood(kept)).toBe(newestGood(all));
      const good = kept.filter(({ isGood }) => isGood);
      if (limits.count !== null) expect(good.length).toBeLessThanOrEqual(limits.count);
      const newest = newestGood(all) ?? '';
      for (const { createdAt, isGood } of kept) {
        const age = (NOW - Date.parse(createdAt)) / DAY_MS;
        if (isGood && createdAt !== newest && limits.days !== null) {
          expect(age).toBeLessThanOrEqual(limits.days);
        }
        // A failure is of interest only until it worked again.
        if (!isGood) expect(createdAt > newest).toBe(true);
      }
    }),
  );
});

test('what goes does not depend on the order, nor on what went before (property)', () => {
  fc.assert(
    fc.property(backups, retention, (all, limits) => {
      const gone = expired(all, limits, NOW);
      expect(expired(all.toReversed(), limits, NOW)).toEqual(gone);
      expect(expired(left(all, gone), limits, NOW)).toEqual([]);
    }),
  );
});

test('without limits no good one goes, and nothing goes that a wider limit would keep (property)', () => {
  fc.assert(
    fc.property(backups, fc.integer({ min: 1, max: 20 }), (all, count) => {
      const good = all.filter(({ isGood }) => isGood).map(({ uuid }) => uuid);
      const none = expired(all, { count: null, days: null }, NOW);
      expect(none.filter((uuid) => good.includes(uuid))).toEqual([]);
      const wide = expired(all, { count: count + 1, days: null }, NOW);
      expect(expired(all, { count, days: null }, NOW)).toEqual(expect.arrayContaining(wide));
    }),
  );
});
