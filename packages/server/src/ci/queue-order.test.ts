import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNext, type Waiting } from './queue-order.ts';

const waiting = (repositoryUuid: string, facts: Partial<Waiting> = {}): Waiting => ({
  repositoryUuid,
  jobId: facts.ticket ?? 1,
  ticket: 1,
  afterVerdict: false,
  holding: 0,
  maxHolding: null,
  lastLease: 0,
  ...facts,
});
const room = { holding: 0, max: null };
const full = { holding: 1, max: 1 };

describe('chooseNext', () => {
  it('takes the oldest between repositories that were served alike', () => {
    const chosen = chooseNext([waiting('a', { ticket: 2 }), waiting('b', { ticket: 1 })], room);
    expect(chosen?.repositoryUuid).toBe('b');
  });

  it('takes the repository that was served longest ago, however old the other one’s jobs are', () => {
    const chosen = chooseNext(
      [
        waiting('busy', { ticket: 1, lastLease: 9 }),
        waiting('quiet', { ticket: 500, lastLease: 2 }),
      ],
      room,
    );
    expect(chosen?.repositoryUuid).toBe('quiet');
  });

  it('prefers whoever holds fewer slots', () => {
    const chosen = chooseNext(
      [waiting('a', { holding: 2 }), waiting('b', { holding: 1, lastLease: 5, ticket: 9 })],
      room,
    );
    expect(chosen?.repositoryUuid).toBe('b');
  });

  it('hands nothing out when all slots are held, except to a job that has its verdict', () => {
    expect(chooseNext([waiting('a')], full)).toBeNull();
    expect(chooseNext([waiting('a', { afterVerdict: true })], full)?.repositoryUuid).toBe('a');
  });

  it('keeps the limit of a repository without stopping the others', () => {
    const chosen = chooseNext(
      [waiting('a', { holding: 1, maxHolding: 1 }), waiting('b', { holding: 4, ticket: 7 })],
      room,
    );
    expect(chosen?.repositoryUuid).toBe('b');
  });

  it('starves nobody: with one slot, n repositories are each served within n turns', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.array(fc.nat(1000)), (count, tickets) => {
        const lastLease = new Map<number, number>();
        const served: number[] = [];
        for (let turn = 1; turn <= count; turn += 1) {
          const heads = Array.from({ length: count }, (_, index) =>
            waiting(String(index), {
              ticket: (tickets[index] ?? 0) * count + index,
              lastLease: lastLease.get(index) ?? 0,
            }),
          );
          const chosen = Number(chooseNext(heads, { holding: 0, max: 1 })?.repositoryUuid);
          lastLease.set(chosen, turn);
          served.push(chosen);
        }
        expect(new Set(served).size).toBe(count);
      }),
    );
  });
});
