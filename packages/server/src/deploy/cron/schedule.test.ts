import { describe, expect, test } from 'vitest';
import { dueAt, problemOf } from './schedule.ts';

const at = (text: string) => new Date(`2026-01-05T${text}Z`);
const due = (schedule: string, since: string, now: string) =>
  dueAt(schedule, at(since), at(now))?.toISOString().slice(11, 19) ?? null;

describe('when a job is due', () => {
  test('at its minute and until it has run, once', () => {
    expect(due('*/10 * * * *', '11:55:00', '11:59:59')).toBeNull();
    expect(due('*/10 * * * *', '11:55:00', '12:00:00')).toBe('12:00:00');
    expect(due('*/10 * * * *', '11:55:00', '12:03:00')).toBe('12:00:00');
    expect(due('*/10 * * * *', '12:00:00', '12:03:00')).toBeNull();
  });

  test('of several that were missed the last, and none that is long ago', () => {
    expect(due('* * * * *', '11:00:00', '12:03:20')).toBe('12:03:00');
    expect(due('0 3 * * *', '02:00:00', '03:09:00')).toBe('03:00:00');
    expect(due('0 3 * * *', '02:00:00', '03:11:00')).toBeNull();
  });

  test.each(['* * * *', '61 * * * *', 'daily', '0 0 31 2 *', '* * * * * *', ''])(
    '"%s" is no schedule',
    (schedule) => expect(problemOf(schedule)).toMatch(/\S/),
  );

  test.each(['*/10 * * * *', '@daily', '0 4 * * mon-fri'])('"%s" is one', (schedule) =>
    expect(problemOf(schedule)).toBeNull(),
  );
});
