import { type SeenDeployment, SLACK_MS, type StormRecord, time } from '../record.ts';
import { lastRollback, tested } from './convergence.ts';
import { headsDuring } from './nothing-lost.ts';
import type { Promised } from './promise.ts';

/** Each deployment ended as it had to: what fails was broken, what was skipped was off the branch, and so on. */
export const rightEnds: Promised = (record) => [
  ...record.deployments.flatMap((one) => {
    const wrong = one.ended_at === null ? null : wrongEnd(record, one);
    const told = `${one.status} (${one.reason_code ?? one.rule}: ${one.reason})`;
    return wrong === null ? [] : [`#${one.number} of ${one.commit} ended ${told}, but ${wrong}`];
  }),
  ...record.builds.flatMap((build) => {
    const plan = record.storm.commits.find((one) => one.name === build.commit);
    const right = plan === undefined || build.state === (plan.passes ? 'passed' : 'failed');
    return right || build.finished_at === null
      ? []
      : [`the build of ${build.commit} ended ${build.state}`];
  }),
];

function wrongEnd(record: StormRecord, one: SeenDeployment): string | null {
  switch (one.status) {
    case 'SUCCEEDED':
      return null;
    case 'SUPERSEDED':
      return wrongSuperseder(record, one);
    case 'SKIPPED':
      return offBranch(record, one) ? null : 'it was on the branch all the time';
    case 'HELD':
      return lastRollback(record) > 0 ? null : 'nobody set a hold';
    case 'CANCELLED':
      // With the one that had taken its place: both went.
      if (one.reason_code === 'removed_from_branch' || offBranch(record, one))
        return offBranch(record, one) ? null : 'nobody took it off the branch';
      return lastRollback(record) > 0 ? null : 'nobody cancelled anything';
    case 'FAILED':
      return wrongFailure(record, one);
    default:
      return 'that is no end';
  }
}

function wrongFailure(record: StormRecord, one: SeenDeployment): string | null {
  const { storm } = record;
  const plan = storm.commits.find((commit) => commit.name === one.commit);
  switch (one.reason_code) {
    case 'untested':
      return storm.gate && !tested(record).has(one.commit ?? '') ? null : 'it passed its tests';
    case 'interrupted':
      return storm.actions.some((action) => action.do === 'crash') ? null : 'nothing crashed';
    case 'unknown_target':
      return headsDuring(record, one).includes(null) ? null : 'the branch was there';
    case 'commit_unavailable': {
      const pushed = record.deeds.some(
        ({ action, refusal, answeredAt }) =>
          (action.do === 'push' || action.do === 'force-push') &&
          refusal === null &&
          answeredAt < time(one.ended_at ?? one.started_at) - SLACK_MS &&
          record.graph.reachable(action.commit).has(one.commit ?? ''),
      );
      return pushed ? 'it was pushed' : null;
    }
    default:
      return plan?.deploys === false ? null : 'nothing is wrong with that commit';
  }
}

const offBranch = (record: StormRecord, one: SeenDeployment) =>
  headsDuring(record, one).some(
    (head) => head === null || !record.graph.reachable(head).has(one.commit ?? ''),
  );

/** Whatever takes a commit's place is newer, or of the same commit, or stands in for a head that failed its tests. */
function wrongSuperseder(record: StormRecord, one: SeenDeployment): string | null {
  const by = record.deployments.find((other) => other.uuid === one.superseded_by);
  if (by === undefined) return 'nothing took its place';
  if (by.ended_at === null || one.ended_at === null) return 'that one did not end';
  if (by.commit === one.commit || isRollback(record, by)) return null;
  const [mine, other] = [one.commit ?? '', by.commit ?? ''];
  const stoodIn = record.storm.gate && !tested(record).has(mine);
  if (stoodIn && record.graph.reachable(mine).has(other)) return null;
  const earlier = Math.min(time(one.started_at), time(by.started_at)) - SLACK_MS;
  const heads = headsDuring(record, {
    ...one,
    started_at: new Date(earlier).toISOString(),
  });
  const newer = heads.some((head) => record.graph.order(other, mine, head) !== 'older');
  return newer ? null : `#${by.number} of ${by.commit} is older`;
}

const isRollback = (record: StormRecord, one: SeenDeployment) =>
  record.deeds.some((deed) => deed.action.do === 'rollback' && deed.deployment === one.uuid);
