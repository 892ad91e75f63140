import { type SeenDeployment, type StormRecord, time } from '../record.ts';
import { lastRollback } from './convergence.ts';
import type { Promised } from './promise.ts';

/** One deployment changes an environment, one waits behind it, and a flood of signals makes no flood of work. */
export const oneAtATime: Promised = (record) => {
  const found = record.crowds.map(
    (crowd) => `${crowd.deployments.length} deployments were ${crowd.what} at once`,
  );
  const ran = record.deployments.filter(didRun);
  for (const [index, one] of ran.entries())
    for (const other of ran.slice(index + 1))
      if (overlap(one, other)) found.push(`#${one.number} and #${other.number} ran at once`);
  if (record.storm.atMost !== null && ran.length > record.storm.atMost)
    found.push(`${ran.length} deployments ran, more than ${record.storm.atMost}`);
  return [...new Set(found), ...flood(record, ran)];
};

const didRun = (one: SeenDeployment) =>
  one.running_at !== null && ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(one.status);

function overlap(a: SeenDeployment, b: SeenDeployment): boolean {
  const [begin, end] = [span(a), span(b)];
  return begin.from < end.to && end.from < begin.to;
}

const span = (one: SeenDeployment) => ({
  from: time(one.running_at ?? one.started_at),
  to: one.ended_at === null ? Number.MAX_SAFE_INTEGER : time(one.ended_at),
});

/** Of those that came and were ready during one deployment at most two ran. Failures bring others back (3.5). */
function flood(record: StormRecord, ran: readonly SeenDeployment[]): string[] {
  if (lastRollback(record) > 0 || ran.some((one) => one.status !== 'SUCCEEDED')) return [];
  return ran.flatMap((one) => {
    const { from, to } = span(one);
    const during = (text: string | null) => text !== null && time(text) > from && time(text) < to;
    const further = ran.filter((other) => during(other.started_at) && during(other.queued_at));
    return further.length > 2
      ? [`${further.length} further deployments ran for what came during #${one.number}`]
      : [];
  });
}
