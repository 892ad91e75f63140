import { headsBetween, type PageSeen, SLACK_MS, type StormRecord, time } from '../record.ts';
import type { Promised } from './promise.ts';

/** What the application's address serves never goes back to an older commit without a rollback. */
export const monotony: Promised = (record) => {
  const found: string[] = [];
  const pages = record.pages.filter((page) => page.commit !== null);
  for (const [index, now] of pages.entries()) {
    const before = pages[index - 1];
    if (before === undefined || before.commit === now.commit) continue;
    if (mayFollow(record, before, now)) continue;
    found.push(`the page went from ${before.commit} back to ${now.commit}, which is older`);
  }
  return found;
};

function mayFollow(record: StormRecord, before: PageSeen, now: PageSeen): boolean {
  const [old, fresh] = [before.commit ?? '', now.commit ?? ''];
  const made = record.deployments.filter(
    (one) =>
      one.commit === fresh && one.running_at !== null && time(one.running_at) <= now.at + SLACK_MS,
  );
  const last = made.at(-1);
  if (last === undefined) return false;
  const rollbacks = record.deeds.filter((deed) => deed.action.do === 'rollback');
  if (made.some((one) => rollbacks.some((deed) => deed.deployment === one.uuid))) return true;
  // It was judged between its acceptance and this moment, by whatever the branch was then.
  const heads = headsBetween(record, time(last.started_at) - SLACK_MS, now.at);
  return heads.some((head) => record.graph.order(fresh, old, head) !== 'older');
}
