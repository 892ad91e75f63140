import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TraceFacts, traceOf } from './trace.ts';

/** Any moment: clocks that were set back are part of life. */
const moment = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const perhaps = fc.option(moment, { nil: null });

const facts: fc.Arbitrary<TraceFacts> = fc.record({
  deployment: fc.record({
    uuid: fc.uuid(),
    number: fc.nat(),
    sha: fc.option(fc.string(), { nil: null }),
    status: fc.constantFrom('SUCCEEDED', 'FAILED', 'SUPERSEDED'),
    reason: fc.option(fc.string(), { nil: null }),
    via: fc.string(),
    requested_by: fc.string(),
    accepted_at: moment,
    running_at: perhaps,
    ended_at: moment,
    environment: fc.string(),
    application: fc.string(),
  }),
  steps: fc.array(
    fc.record({
      step: fc.string(),
      started_at: moment,
      ended_at: perhaps,
      outcome: fc.constantFrom('done', 'failed', null),
      detail: fc.option(fc.string(), { nil: null }),
    }),
    { maxLength: 5 },
  ),
  push: fc.option(fc.record({ ref: fc.string(), received_at: moment }), { nil: null }),
  build: fc.option(
    fc.record({
      number: fc.nat(),
      state: fc.constantFrom('passed', 'failed'),
      created_at: moment,
      started_at: perhaps,
      finished_at: perhaps,
    }),
    { nil: null },
  ),
  jobs: fc.uniqueArray(
    fc.record({
      number: fc.nat(),
      name: fc.option(fc.string(), { nil: null }),
      stage_name: fc.option(fc.string(), { nil: null }),
      state: fc.constantFrom('passed', 'failed', 'canceled'),
      queued_at: perhaps,
      started_at: perhaps,
      finished_at: perhaps,
      lease_runner: fc.option(fc.string(), { nil: null }),
    }),
    { selector: ({ number }) => number, maxLength: 5 },
  ),
});

test('is one tree: one root, every other span below one that is there, no stretch negative, the same ids each time', async () => {
  await fc.assert(
    fc.property(facts, (given) => {
      const spans = traceOf(given);
      const ids = spans.map(({ spanId }) => spanId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
      expect(spans.filter(({ parentId }) => parentId === null)).toHaveLength(1);
      for (const [index, { traceId, spanId, parentId, from, to }] of spans.entries()) {
        expect(traceId).toMatch(/^[0-9a-f]{32}$/);
        expect(spanId).toMatch(/^[0-9a-f]{16}$/);
        // Parents come first, so there is no circle.
        if (parentId !== null) expect(ids.slice(0, index)).toContain(parentId);
        expect(to).toBeGreaterThanOrEqual(from);
      }
      expect(traceOf(given)).toEqual(spans);
    }),
  );
});
