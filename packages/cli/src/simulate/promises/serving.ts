import type { Promised } from './promise.ts';

/** From the first page on every request is answered by a release, and by one whose tests passed. */
export const serving: Promised = (record) => {
  const first = record.pages.findIndex((page) => page.commit !== null);
  if (first < 0) return [];
  const found: string[] = [];
  const plans = new Map(record.storm.commits.map((plan) => [plan.name, plan]));
  for (const page of record.pages.slice(first)) {
    const after = ((page.at - record.begunAt) / 1_000).toFixed(1);
    if (page.commit === null) {
      found.push(`a request after ${after} s was answered with status ${page.status}`);
      continue;
    }
    const plan = plans.get(page.commit);
    if (plan === undefined) found.push(`after ${after} s the page was "${page.commit}"`);
    else if (record.storm.gate && !plan.passes)
      found.push(`after ${after} s the page was that of ${plan.name}, whose tests fail`);
    else if (!plan.deploys)
      found.push(`after ${after} s the page was that of ${plan.name}, whose deployment fails`);
  }
  const last = record.pages.at(-1)?.commit ?? null;
  if (record.restless === null && last !== record.liveCommit)
    found.push(`the API calls ${record.liveCommit} live, but the page is that of ${last}`);
  return found;
};
