import fc from 'fast-check';
import type { Deployment } from '../timeline.ts';

const HOUR_MS = 3_600_000;

interface Step {
  readonly kind: 'deploy' | 'again' | 'fail' | 'roll_back';
  /** Since the step before; none: both in one millisecond. */
  readonly hours: number;
  /** Which of the releases so far a rollback goes to. */
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('deploy', 'deploy', 'again', 'fail', 'roll_back'),
  hours: fc.constantFrom(0, 1, 30, 100, 167, 168, 169),
  pick: fc.nat(20),
});

/** What an environment may have gone through, as the rows would tell it. */
export const stories: fc.Arbitrary<Deployment[]> = fc
  .array(step, { maxLength: 25 })
  .map((steps) => tell(steps));

function tell(steps: readonly Step[]): Deployment[] {
  const deployments: Deployment[] = [];
  const made: Deployment[] = [];
  let at = Date.UTC(2026, 0, 5);
  let sha = 0;
  for (const [index, { kind, hours, pick }] of steps.entries()) {
    at += hours * HOUR_MS;
    const target = made[pick % Math.max(1, made.length)];
    if (kind === 'deploy') sha += 1;
    const base = { uuid: `d${index}`, number: index + 1, sha: `c${sha}`, configVersion: 1 };
    if (kind === 'fail') {
      const own = { isRollback: false, liveAt: null, failedAt: at };
      deployments.push({ ...base, ...own, originUuid: base.uuid, originLiveAt: 0 });
    } else if (kind !== 'roll_back') {
      const own = { isRollback: false, liveAt: at, failedAt: null };
      const deployment = { ...base, ...own, originUuid: base.uuid, originLiveAt: at };
      deployments.push(deployment);
      made.push(deployment);
    } else if (target !== undefined) {
      deployments.push({
        ...{ uuid: base.uuid, number: base.number, isRollback: true, liveAt: at, failedAt: null },
        ...{ sha: target.sha, configVersion: 1 },
        ...{ originUuid: target.uuid, originLiveAt: target.originLiveAt },
      });
    }
  }
  return deployments;
}
