import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stories } from './test/stories.ts';
import { type Deployment, readTimeline, type Timeline } from './timeline.ts';

const WEEK_MS = 7 * 86_400_000;

/** The definitions of docs/explanation/insights.md word by word, with no regard to cost. */
function naive(story: readonly Deployment[]): Timeline {
  const lived = story.filter((d) => d.liveAt !== null);
  const at = (d: Deployment | undefined) => d?.liveAt ?? d?.failedAt ?? 0;
  const rolledBack = (d: Deployment) =>
    lived.some((rollback, index) => {
      const before = lived[index - 1];
      if (!rollback.isRollback || before === undefined) return false;
      const isOf = before.uuid === d.uuid || before.originUuid === d.uuid;
      const goesBack = rollback.originLiveAt < before.originLiveAt;
      return isOf && goesBack && at(rollback) - at(d) <= WEEK_MS;
    });
  const failed = (d: Deployment) =>
    !d.isRollback && (d.failedAt !== null || (d.liveAt !== null && rolledBack(d)));
  const good = (d: Deployment) => d.liveAt !== null && !rolledBack(d);
  const delivered = (d: Deployment) => {
    const before = lived[lived.indexOf(d) - 1];
    return d.liveAt !== null && !d.isRollback && before?.sha !== d.sha;
  };
  const fixOf = (d: Deployment) => story.find((other, n) => n > story.indexOf(d) && good(other));
  const fixes = [...new Set(story.filter(failed).map(fixOf))];
  const open = story.filter((d) => failed(d) && fixOf(d) === undefined);
  return {
    deliveries: story.filter(delivered),
    changes: story
      .filter((d) => delivered(d) || (!d.isRollback && d.failedAt !== null))
      .map((d) => ({ at: at(d), failed: failed(d) })),
    incidents: fixes.flatMap((fix) => {
      const first = story.find((d) => failed(d) && fixOf(d) === fix);
      return fix === undefined ? [] : [{ from: at(first), to: at(fix) }];
    }),
    openSince: open[0] === undefined ? null : at(open[0]),
  };
}

test('a story is read as the definitions say, whatever happened', () => {
  fc.assert(
    fc.property(stories, (story) => {
      expect(readTimeline(story)).toEqual(naive(story));
    }),
    { numRuns: 2_000 },
  );
});

test('the order in which rows are read does not matter', () => {
  const shuffled = stories.chain((story) =>
    fc.tuple(fc.constant(story), fc.shuffledSubarray(story, { minLength: story.length })),
  );
  fc.assert(
    fc.property(shuffled, ([story, rows]) => {
      expect(readTimeline(rows)).toEqual(readTimeline(story));
    }),
  );
});

const day = (number: number) => Date.UTC(2026, 2, number);
const delivery = (number: number, at: number): Deployment => ({
  ...{ uuid: `d${number}`, number, sha: `c${number}`, configVersion: 1, isRollback: false },
  ...{ liveAt: at, failedAt: null, originUuid: `d${number}`, originLiveAt: at },
});
const rollbackTo = (target: Deployment, number: number, at: number): Deployment => ({
  ...target,
  ...{ uuid: `d${number}`, number, isRollback: true, liveAt: at },
});

test('a rollback makes the deployment that it takes back a failure, until a week is over', () => {
  const good = delivery(1, day(1));
  const bad = delivery(2, day(2));
  const early = readTimeline([good, bad, rollbackTo(good, 3, day(9))]);
  expect(early.changes.map(({ failed }) => failed)).toEqual([false, true]);
  expect(early.incidents).toEqual([{ from: day(2), to: day(9) }]);
  expect(early.deliveries).toHaveLength(2);
  const late = readTimeline([good, bad, rollbackTo(good, 3, day(9) + 1)]);
  expect(late.changes.map(({ failed }) => failed)).toEqual([false, false]);
  expect(late.incidents).toEqual([]);
});

test('going forward again by a rollback blames nobody', () => {
  const first = delivery(1, day(1));
  const second = delivery(2, day(2));
  const back = rollbackTo(first, 3, day(3));
  const timeline = readTimeline([first, second, back, rollbackTo(second, 4, day(4))]);
  expect(timeline.changes.map(({ failed }) => failed)).toEqual([false, true]);
});
