import { describe, expect, it } from 'vitest';
import { afterLoss, type HeldJob, remedyFor, type StuckLimits } from './stuck.ts';

const limits: StuckLimits = {
  totalMs: 1_000,
  afterVerdictMs: 5_000,
  graceMs: 100,
  cancelGraceMs: 50,
  maxLapses: 3,
  maxInterruptions: 10,
};
const held = (facts: Partial<HeldJob> = {}): HeldJob => ({
  verdict: null,
  lapses: 0,
  interruptions: 0,
  runner: 'r1',
  attempt: 1,
  leaseExpiresAt: 100_000,
  startedAt: 0,
  verdictAt: null,
  cancelRequestedAt: null,
  ...facts,
});

describe('remedyFor', () => {
  it('leaves a job alone whose runner renews', () => {
    expect(remedyFor(held(), 900, limits)).toBeNull();
  });

  it('puts a job back whose lease lapsed, twice, and gives it up the third time', () => {
    const lapsed = { leaseExpiresAt: 500 };
    expect(remedyFor(held(lapsed), 500, limits)?.kind).toBe('put_back');
    expect(remedyFor(held({ ...lapsed, lapses: 1 }), 500, limits)?.kind).toBe('put_back');
    expect(remedyFor(held({ ...lapsed, lapses: 2 }), 500, limits)).toMatchObject({
      kind: 'end',
      state: 'errored',
    });
  });

  it('keeps the verdict of a job that it gives up', () => {
    const remedy = remedyFor(
      held({ leaseExpiresAt: 500, lapses: 2, verdict: 'passed', verdictAt: 400 }),
      500,
      limits,
    );
    expect(remedy).toMatchObject({ kind: 'end', state: 'passed' });
  });

  it('does not put back what somebody cancelled', () => {
    expect(
      remedyFor(held({ leaseExpiresAt: 500, cancelRequestedAt: 400 }), 500, limits),
    ).toMatchObject({ kind: 'end', state: 'canceled' });
  });

  it('ends a job whose runner renews but never reports, before and after the verdict', () => {
    expect(remedyFor(held(), 1_101, limits)).toMatchObject({ kind: 'end', state: 'errored' });
    const judged = held({ verdict: 'passed', verdictAt: 900 });
    expect(remedyFor(judged, 5_900, limits)).toBeNull();
    expect(remedyFor(judged, 6_001, limits)).toMatchObject({ kind: 'end', state: 'passed' });
  });

  it('ends a cancelled job whose runner does not stop it', () => {
    const cancelled = held({ cancelRequestedAt: 100 });
    expect(remedyFor(cancelled, 240, limits)).toBeNull();
    expect(remedyFor(cancelled, 251, limits)).toMatchObject({ kind: 'end', state: 'canceled' });
  });
});

describe('afterLoss', () => {
  it('counts restarts of the server apart from lost runners', () => {
    expect(afterLoss(held({ lapses: 2 }), 'interrupted', limits).kind).toBe('put_back');
    expect(afterLoss(held({ interruptions: 9 }), 'interrupted', limits).kind).toBe('end');
  });
});
