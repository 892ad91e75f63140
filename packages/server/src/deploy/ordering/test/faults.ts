import { byAcceptance, byBranch, byDescent, byMerge, byOverride, compare } from '../compare.ts';
import { commitFacts } from '../facts.ts';
import { isRunning, newest, RULES, type Rules } from '../rules.ts';

/**
 * One planted fault for each rule: what somebody could plausibly have written instead. The tests prove
 * that the promises notice every one of them; a fault that nothing notices means a promise is missing.
 */
export interface Fault {
  readonly name: string;
  /** The part of ordering.md that it breaks. */
  readonly section: string;
  readonly rules: Partial<Rules>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'by acceptance number alone, whatever the history says',
    section: '3.2',
    rules: { compare: (a, b) => byAcceptance(a, b) },
  },
  {
    name: 'the branch does not matter to who is newer',
    section: '3.1',
    rules: {
      compare: (a, b, facts) =>
        byOverride(a, b) ?? byDescent(a, b, facts) ?? byMerge(a, b, facts) ?? byAcceptance(a, b),
    },
  },
  {
    name: 'an ancestor beats its descendant',
    section: '3.2',
    rules: {
      compare: (a, b, facts) => {
        const right = compare(a, b, facts);
        return right.rule === 'descendant' ? { ...right, newer: !right.newer } : right;
      },
    },
  },
  {
    name: 'the earlier merge beats the later',
    section: '3.3',
    rules: {
      compare: (a, b, facts) => {
        const right = compare(a, b, facts);
        return right.rule === 'later_merge' ? { ...right, newer: !right.newer } : right;
      },
    },
  },
  {
    name: 'merges are not looked at',
    section: '3.3',
    rules: {
      compare: (a, b, facts) =>
        byOverride(a, b) ?? byBranch(a, b, facts) ?? byDescent(a, b, facts) ?? byAcceptance(a, b),
    },
  },
  {
    name: 'the smaller acceptance number wins',
    section: '3.4',
    rules: {
      compare: (a, b, facts) => {
        const right = compare(a, b, facts);
        return right.rule === 'acceptance_number' ? { ...right, newer: !right.newer } : right;
      },
    },
  },
  { name: 'nobody joins', section: '3', rules: { joins: () => false } },
  {
    name: 'the build mode is no part of the fingerprint',
    section: '1',
    rules: { joins: (asked, other) => RULES.joins({ ...asked, mode: other.mode }, other) },
  },
  {
    name: 'the configuration is no part of the fingerprint',
    section: '1',
    rules: {
      joins: (asked, other) => RULES.joins({ ...asked, configVersion: other.configVersion }, other),
    },
  },
  {
    name: 'FORCE joins one that has started',
    section: '3',
    rules: {
      joins: (asked, other) =>
        RULES.joins(asked, other) ||
        (asked.mode === 'FORCE' &&
          isRunning(other.status) &&
          RULES.joins(asked, { ...other, status: 'QUEUED' })),
    },
  },
  {
    name: 'joins one that is being cancelled',
    section: '3',
    rules: { joins: (asked, other) => RULES.joins(asked, { ...other, cancelRequestedBy: null }) },
  },
  { name: 'what is live is deployed again', section: '3', rules: { sameAsLive: () => false } },
  {
    name: 'FORCE is answered with live',
    section: '3',
    rules: { sameAsLive: (asked, live) => RULES.sameAsLive({ ...asked, mode: 'AUTO' }, live) },
  },
  {
    name: 'a signal without a commit is answered with live',
    section: '3',
    rules: { sameAsLive: (asked, live) => RULES.sameAsLive({ ...asked, headSignal: false }, live) },
  },
  {
    name: 'a changed configuration is answered with live',
    section: '3',
    rules: {
      sameAsLive: (asked, live) =>
        RULES.sameAsLive({ ...asked, configVersion: live.configVersion }, live),
    },
  },
  { name: 'every commit is on the branch', section: '2.2', rules: { branch: () => 'on' } },
  {
    name: 'no commit is on the branch',
    section: '2.2',
    rules: { branch: (d) => (d.allowOffBranch || d.rollbackRelease !== null ? 'on' : 'off') },
  },
  {
    name: 'a force push does not concern those that wait',
    section: '3',
    rules: {
      branch: (d, facts, at) => {
        const right = RULES.branch(d, facts, at);
        return right === 'removed' ? 'on' : right;
      },
    },
  },
  { name: 'the gate is always open', section: '2.3', rules: { gate: () => ({ kind: 'open' }) } },
  {
    name: 'any finished build opens the gate',
    section: '2.3',
    rules: {
      gate: (d, facts, at) =>
        commitFacts(facts, d.sha ?? '').verdict.state === 'failed'
          ? { kind: 'open' }
          : RULES.gate(d, facts, at),
    },
  },
  {
    name: 'an unfinished build fails the deployment',
    section: '2.3',
    rules: {
      gate: (d, facts, at) => {
        const right = RULES.gate(d, facts, at);
        return right.kind === 'wait' ? { kind: 'closed', why: 'not passed' } : right;
      },
    },
  },
  {
    name: 'a build that never comes is awaited for ever',
    section: '2.3',
    rules: {
      gate: (d, facts, at) =>
        facts.gate && commitFacts(facts, d.sha ?? '').verdict.state === 'none'
          ? { kind: 'wait' }
          : RULES.gate(d, facts, at),
    },
  },
  {
    name: 'a commit that never comes is awaited for ever',
    section: '2.4',
    rules: { awaitedTooLong: () => false },
  },
  {
    name: 'a commit that is not here fails at once',
    section: '2.4',
    rules: { awaitedTooLong: () => true },
  },
  { name: 'lost to a red head', section: '2.6', rules: { belowRedHead: () => null } },
  {
    name: 'below a red head the newest tested, though live contains it',
    section: '2.6',
    rules: { belowRedHead: (tested, _live, facts) => newest(tested, facts)?.sha ?? null },
  },
  {
    name: 'below a red head the oldest tested',
    section: '2.6',
    rules: {
      belowRedHead: (tested, live, facts) =>
        tested.filter((one) => RULES.belowRedHead([one], live, facts) !== null).at(0)?.sha ?? null,
    },
  },
  { name: 'ADOPT starts without an image', section: '5', rules: { imageMissing: () => false } },
  {
    name: 'ADOPT fails with an image',
    section: '5',
    rules: { imageMissing: (d) => d.mode === 'ADOPT' },
  },
  { name: 'several run at once', section: '2.5', rules: { mayStart: () => true } },
  { name: 'none ever starts', section: '2.5', rules: { mayStart: () => false } },
  {
    name: 'one that runs goes live whatever became newer meanwhile',
    section: '7',
    rules: { overtaken: () => null },
  },
  {
    name: 'whoever is queued is not judged again',
    section: '3',
    rules: { judgesAgain: () => false },
  },
  {
    name: 'a failure takes those it had superseded with it',
    section: '3.5',
    rules: { fateOfCarried: (end) => (end === 'FAILED' ? 'mirror' : RULES.fateOfCarried(end)) },
  },
  {
    name: 'a cancelled superseder gives a fall-back',
    section: '3.5',
    rules: {
      fateOfCarried: (end) => (end === 'CANCELLED' ? 'fall_back' : RULES.fateOfCarried(end)),
    },
  },
  {
    name: 'a success gives a fall-back, too',
    section: '3.6',
    rules: {
      fateOfCarried: (end) => (end === 'SUCCEEDED' ? 'fall_back' : RULES.fateOfCarried(end)),
    },
  },
  {
    name: 'a success cancels those it had superseded',
    section: '3.6',
    rules: { fateOfCarried: (end) => (end === 'SUCCEEDED' ? 'cancel' : RULES.fateOfCarried(end)) },
  },
  {
    name: 'the oldest returns',
    section: '3.5',
    rules: {
      returning: (pool, facts) =>
        newest(pool, facts, (a, b, f) => {
          const right = compare(a, b, f);
          return { ...right, newer: !right.newer };
        })?.number ?? null,
    },
  },
  { name: 'untested ones return', section: '3.5', rules: { mayReturn: (d) => d.sha !== null } },
  {
    name: 'the others do not stand behind the one that returns',
    section: '3.5',
    rules: { standsBehind: () => false },
  },
  {
    name: 'what live contains returns, too',
    section: '3.5',
    rules: { containedInLive: () => false },
  },
  {
    name: 'live contains everything',
    section: '3.5',
    rules: { containedInLive: () => true },
  },
  {
    name: 'a rollback does not hold',
    section: '4.1',
    rules: { rollbackPlan: (q, r) => ({ ...RULES.rollbackPlan(q, r), hold: false }) },
  },
  {
    name: 'a rollback forgets the queued one',
    section: '4.1',
    rules: { rollbackPlan: (q, r) => ({ ...RULES.rollbackPlan(q, r), remember: null }) },
  },
  {
    name: 'a rollback lets the running one go on',
    section: '4.1',
    rules: { rollbackPlan: (q, r) => ({ ...RULES.rollbackPlan(q, r), cancel: null }) },
  },
  {
    name: 'a rollback cancels past the switch',
    section: '4.1',
    rules: { rollbackPlan: (q, r) => ({ ...RULES.rollbackPlan(q, r), cancel: r }) },
  },
  { name: 'the hold holds nobody', section: '4.2', rules: { passesHold: () => true } },
  {
    name: 'the hold holds the override, too',
    section: '4.2',
    rules: { passesHold: (d) => d.rollbackRelease !== null },
  },
  {
    name: 'the last one held is the candidate',
    section: '4.2',
    rules: { candidate: (remembered) => remembered.at(-1)?.number ?? null },
  },
  {
    name: 'resume deploys the candidate and drops the others',
    section: '4.2',
    rules: { resumes: (all, candidate) => all.filter((r) => r.number === candidate) },
  },
  {
    name: 'resume deploys nothing',
    section: '4.2',
    rules: { resumes: () => [] },
  },
  { name: 'cancelled past the switch', section: '4.3', rules: { mayCancel: () => true } },
  { name: 'nothing running can be cancelled', section: '4.3', rules: { mayCancel: () => false } },
  {
    name: 'after a crash always from the check-out',
    section: '6',
    rules: { resumeFrom: () => null },
  },
  {
    name: 'after a crash always goes on where it was',
    section: '6',
    rules: { resumeFrom: (status) => status },
  },
];
