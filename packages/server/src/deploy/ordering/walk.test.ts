import { expect, test } from 'vitest';
import { GROUNDS, walk } from './test/walk.ts';

/** `SLUICE_WALK_DEEPER=1` adds a step, which multiplies the time by about eight. */
const deeper = Number(process.env['SLUICE_WALK_DEEPER'] ?? 0);

test.each(GROUNDS)(
  'every sequence of events: $name',
  (ground) => {
    const places = walk(ground, ground.depth + deeper);
    expect(places).toBeGreaterThan(500);
  },
  3_600_000,
);
