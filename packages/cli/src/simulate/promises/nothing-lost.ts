import {
  type DeedRecord,
  headsBetween,
  type SeenDeployment,
  SLACK_MS,
  type StormRecord,
  time,
} from '../record.ts';
import type { Promised } from './promise.ts';

/** Every signal belongs to a deployment, every deployment ends, every end has a reason. */
export const nothingLost: Promised = (record) => {
  const found = record.restless === null ? [] : [`it did not come to rest: ${record.restless}`];
  const known = new Map(record.deployments.map((one) => [one.uuid, one]));
  for (const deed of record.deeds) found.push(...wrongWith(record, known, deed));
  for (const one of record.deployments) {
    const call = `#${one.number} (${one.commit})`;
    if (one.ended_at === null) continue;
    if (one.success === null || one.reason === null || one.reason === '')
      found.push(`${call} ended ${one.status} without an outcome or a reason`);
    if (one.percent !== 100) found.push(`${call} ended at ${one.percent} percent`);
  }
  return found;
};

function wrongWith(
  record: StormRecord,
  known: ReadonlyMap<string, SeenDeployment>,
  deed: DeedRecord,
): string[] {
  const { action } = deed;
  if (action.do === 'rollback' && deed.refusal !== null) {
    // Nothing was live before: there is nothing to go back to.
    return /no_release|image_gone/.test(deed.refusal) ? [] : [`a rollback: ${deed.refusal}`];
  }
  if (action.do === 'push' && deed.refusal !== null && /rejected/.test(deed.refusal)) return [];
  if (deed.refusal !== null) return [`${action.do} at ${action.at}: ${deed.refusal}`];
  if (action.do !== 'signal') return [];
  const name = `the signal for ${action.commit ?? 'the head'} at ${action.at}`;
  const deployment = deed.deployment === null ? undefined : known.get(deed.deployment);
  if (deployment === undefined) return [`${name} belongs to no deployment`];
  const found: string[] = [];
  const twins = record.deeds.filter(
    (other) => other.action.do === 'signal' && other.action.key === action.key,
  );
  if (action.key !== null && twins.some((other) => other.deployment !== deed.deployment))
    found.push(`${name} was delivered twice and made two deployments`);
  if (deed.commit !== null && deployment.commit !== deed.commit)
    found.push(`${name} was resolved to ${deed.commit} and became ${deployment.commit}`);
  if (action.commit !== null && deployment.commit !== action.commit)
    found.push(`${name} became a deployment of ${deployment.commit}`);
  const heads = headsBetween(record, deed.sentAt, deed.answeredAt);
  if (action.commit === null && action.key === null && !heads.includes(deed.commit))
    found.push(`${name} was resolved to ${deed.commit}; the head was ${heads.join(' or ')}`);
  return found;
}

/** While a deployment was under way. */
export const headsDuring = (record: StormRecord, one: SeenDeployment) =>
  headsBetween(
    record,
    time(one.started_at) - SLACK_MS,
    (one.ended_at === null ? record.endedAt : time(one.ended_at)) + SLACK_MS,
  );
