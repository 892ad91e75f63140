import { expect, test } from 'vitest';
import { act, signal } from './test/actions.ts';
import { CLAIMS } from './test/claims.ts';
import { World } from './test/world.ts';

/**
 * One line of story for each rule of ordering.md and each ordering fault of spec/faults.md. All claims of
 * section 7 are checked at every step besides.
 */

const PASSED = { state: 'passed', url: null } as const;
const FAILED = { state: 'failed', result: 'failed', url: 'http://sluice/builds/7' } as const;

/** A line of tested commits c1..cn, nothing deployed. */
function line(count: number): World {
  const world = new World(CLAIMS);
  for (let i = 0; i < count; i++) act(world, { do: 'push', late: false });
  for (const sha of world.graph.all()) world.verdicts.set(sha, PASSED);
  return world;
}

/** `status rule` of each deployment, in the order of acceptance. */
const tell = (world: World) =>
  [...world.ended.values(), ...world.unfinished()]
    .sort((a, b) => a.number - b.number)
    .map((d) => `${d.sha} ${d.status}`);

const observe = (world: World) => world.apply({ kind: 'observe' });
const live = (world: World) => world.state.live?.sha ?? null;
const of = (world: World, number: number) => {
  const d = world.find(number);
  if (!d) throw new Error(`no deployment ${number}`);
  return d;
};

test('fault 1: ten merges in a second: live is the newest, the others say what superseded them', () => {
  const world = line(10);
  for (const sha of world.graph.all()) signal(world, sha);
  world.end(true);
  world.end(true);
  expect(live(world)).toBe('c10');
  expect(world.starts).toBe(2);
  expect(
    tell(world)
      .slice(1, 9)
      .every((one) => one.endsWith('SUPERSEDED')),
  ).toBe(true);
  expect([...world.ended.values()].every((d) => d.success)).toBe(true);
});

test('fault 2: the older build finishes last: superseded by live, which does not move', () => {
  const world = line(2);
  world.verdicts.delete('c1');
  world.verdicts.set('c1', { state: 'unfinished', url: null });
  const old = signal(world, 'c1');
  signal(world, 'c2');
  world.end(true);
  world.verdicts.set('c1', PASSED);
  observe(world);
  expect(of(world, old)).toMatchObject({ status: 'SUPERSEDED', success: true, supersededBy: 2 });
  expect(live(world)).toBe('c2');
});

test('fault 3: the newest build fails: live is the newest that passed', () => {
  const world = line(3);
  world.verdicts.set('c3', FAILED);
  signal(world, 'c1');
  signal(world, 'c2');
  const red = signal(world, 'c3');
  expect(of(world, red)).toMatchObject({ status: 'FAILED', reasonCode: 'untested' });
  expect(of(world, red).reason).toContain('http://sluice/builds/7');
  world.end(true);
  world.end(true);
  expect(live(world)).toBe('c2');
});

test('fault 4: two signals for one commit are one deployment, running or not', () => {
  const world = line(1);
  expect([signal(world, 'c1'), signal(world, null), signal(world, 'c1')]).toEqual([1, 1, 1]);
  world.step('BUILDING');
  expect(signal(world, 'c1')).toBe(1);
});

test('fault 5: a force push removes a queued commit: CANCELLED, and what it had superseded returns', () => {
  const world = line(3);
  signal(world, 'c1');
  signal(world, 'c2');
  signal(world, 'c3');
  act(world, { do: 'force_push', to: 1 });
  expect(of(world, 3)).toMatchObject({ status: 'CANCELLED', rule: 'removed_from_branch' });
  expect(of(world, 2)).toMatchObject({ status: 'QUEUED' });
});

test('fault 6: an older tree in a newer commit is newer; of two merges the later one wins', () => {
  const world = line(1);
  act(world, { do: 'merge', from: 0, wide: false });
  act(world, { do: 'merge', from: 0, wide: false });
  for (const sha of world.graph.all()) world.verdicts.set(sha, PASSED);
  signal(world, 'c1');
  const [late, early] = [signal(world, 'c4'), signal(world, 'c2')];
  expect(of(world, early)).toMatchObject({ status: 'SUPERSEDED', rule: 'later_merge' });
  expect(of(world, late).status).toBe('QUEUED');
});

test('3.4: two commits of one merge: the acceptance number decides', () => {
  const world = line(1);
  act(world, { do: 'merge', from: 0, wide: true });
  for (const sha of world.graph.all()) world.verdicts.set(sha, PASSED);
  signal(world, 'c1');
  const [first, second] = [signal(world, 'c3'), signal(world, 'c2')];
  expect(of(world, first)).toMatchObject({ status: 'SUPERSEDED', rule: 'acceptance_number' });
  expect(of(world, second).status).toBe('QUEUED');
});

test('fault 7: a rollback holds the others until somebody resumes', () => {
  const world = line(3);
  signal(world, 'c1');
  world.end(true);
  signal(world, 'c2');
  world.end(true);
  signal(world, 'c3');
  act(world, { do: 'rollback', which: 0 });
  world.end(false);
  world.end(true);
  expect(live(world)).toBe('c1');
  expect(of(world, signal(world, 'c2'))).toMatchObject({ status: 'HELD', success: false });
  expect(of(world, 3)).toMatchObject({ status: 'CANCELLED' });
  expect(of(world, world.state.candidate ?? 0).sha).toBe('c2');
  world.apply({ kind: 'resume', by: 'ada' });
  world.end(true);
  expect(live(world)).toBe('c2');
});

test('4.1: the queued one becomes the candidate; past its switch the running one finishes first', () => {
  const world = line(3);
  signal(world, 'c1');
  world.end(true);
  signal(world, 'c2');
  signal(world, 'c3');
  world.switchOver();
  act(world, { do: 'rollback', which: 0 });
  expect(of(world, 3)).toMatchObject({ status: 'HELD' });
  expect(world.state.candidate).toBe(3);
  expect(of(world, 2).cancelRequestedBy).toBeNull();
  world.end(true);
  expect(of(world, 2)).toMatchObject({ status: 'SUCCEEDED' });
  world.end(true);
  expect(live(world)).toBe('c1');
});

test('4.2: override_hold deploys and the hold stays', () => {
  const world = line(2);
  signal(world, 'c1');
  world.end(true);
  act(world, { do: 'rollback', which: 0 });
  world.end(true);
  const number = signal(world, 'c2', 'AUTO', 'hold');
  world.end(true);
  expect(of(world, number)).toMatchObject({ status: 'SUCCEEDED' });
  expect(world.state.hold).not.toBeNull();
});

test('fault 8: a restarted old build does not bring old code back', () => {
  const world = line(2);
  signal(world, 'c2');
  world.end(true);
  expect(of(world, signal(world, 'c1'))).toMatchObject({ status: 'SUPERSEDED', success: true });
  expect(live(world)).toBe('c2');
});

test('fault 9: clocks that differ by a day change nothing', () => {
  const world = line(2);
  signal(world, 'c2');
  world.now -= 86_400_000;
  const old = signal(world, 'c1');
  expect(of(world, old)).toMatchObject({ status: 'SUPERSEDED', supersededBy: 1 });
});

test('fault 10: thirty signals while one holds long: two deployments in all', () => {
  const world = line(30);
  for (const sha of world.graph.all()) signal(world, sha);
  world.end(true);
  world.end(true);
  expect(world.starts).toBe(2);
  expect(live(world)).toBe('c30');
});

test.each([1, 10, 60])(
  'fault 11: the commit comes %i s after its signal and goes live',
  (seconds) => {
    const world = line(1);
    act(world, { do: 'push', late: true });
    const early = signal(world, 'c2');
    expect(of(world, early).status).toBe('AWAITING_COMMIT');
    act(world, { do: 'wait', seconds });
    act(world, { do: 'arrive' });
    world.verdicts.set('c2', PASSED);
    observe(world);
    world.end(true);
    expect(live(world)).toBe('c2');
  },
);

test('fault 11: past the deadline it fails with commit, repository and the last error of the fetch', () => {
  const world = line(1);
  world.mirror = true;
  world.fetchError = 'could not read from remote';
  const lost = signal(world, 'c9');
  act(world, { do: 'wait', seconds: 120 });
  expect(of(world, lost)).toMatchObject({ status: 'FAILED', reasonCode: 'commit_unavailable' });
  for (const part of ['c9', 'org/app', '120 s', 'could not read from remote'])
    expect(of(world, lost).reason).toContain(part);
});

test('2.4: fetched at once, then after 1, 2, 4, 8 ... s', () => {
  const world = line(1);
  world.mirror = true;
  const fetches: number[] = [];
  const start = world.now;
  const look = (decided: ReturnType<typeof observe>) => {
    if (decided.commands.some((command) => command.kind === 'fetch'))
      fetches.push((world.now - start) / 1000);
  };
  const asked = {
    kind: 'signal',
    arrivedAt: start,
    target: 'c9',
    sha: 'c9',
    mode: 'AUTO',
  } as const;
  const flags = { by: 'ci', allowOffBranch: false, overrideHold: false, explicit: false };
  look(world.apply({ ...asked, ...flags }));
  for (let second = 1; second < 120; second++) {
    world.now += 1000;
    look(observe(world));
  }
  expect(fetches).toEqual([0, 1, 3, 7, 15, 31, 63]);
});

test('fault 12: news that comes twice or for nothing changes nothing', () => {
  const world = line(2);
  signal(world, 'c1');
  const before = tell(world);
  for (let i = 0; i < 3; i++) expect(observe(world).changed).toEqual([]);
  expect(tell(world)).toEqual(before);
});

test('fault 13: a commit of a feature branch is skipped, green', () => {
  const world = line(1);
  act(world, { do: 'feature', from: 0 });
  world.verdicts.set('c2', PASSED);
  const d = of(world, signal(world, 'c2'));
  expect(d).toMatchObject({ status: 'SKIPPED', success: true, reasonCode: 'not_on_branch' });
});

test('2.2: of a mirror it is judged by a fetch after the signal, and once more 15 s later', () => {
  const world = line(1);
  world.mirror = true;
  act(world, { do: 'feature', from: 0 });
  world.verdicts.set('c2', PASSED);
  const number = signal(world, 'c2');
  expect(of(world, number).status).toBe('AWAITING_COMMIT');
  world.fetchBegan = world.now;
  observe(world);
  expect(of(world, number)).toMatchObject({ status: 'AWAITING_COMMIT' });
  world.now += 15_000;
  observe(world);
  expect(of(world, number).status).toBe('AWAITING_COMMIT');
  world.fetchBegan = world.now;
  observe(world);
  expect(of(world, number)).toMatchObject({ status: 'SKIPPED' });
});

test('2.2: allow_off_branch deploys it; a commit of the branch beats it afterwards (3.1)', () => {
  const world = line(1);
  act(world, { do: 'feature', from: 0 });
  world.verdicts.set('c2', PASSED);
  signal(world, 'c1');
  world.end(true);
  signal(world, 'c2', 'AUTO', 'off_branch');
  world.end(true);
  expect(live(world)).toBe('c2');
  signal(world, 'c1');
  world.end(true);
  expect(live(world)).toBe('c1');
});

test('fault 14: without a commit the head at acceptance is the target for good', () => {
  const world = line(1);
  const number = signal(world, null);
  act(world, { do: 'push', late: false });
  expect(of(world, number).sha).toBe('c1');
});

test('2.3: it awaits its build, two minutes for one to exist', () => {
  const world = line(1);
  world.verdicts.delete('c1');
  const number = signal(world, 'c1');
  expect(of(world, number).status).toBe('AWAITING_BUILD');
  act(world, { do: 'wait', seconds: 119 });
  expect(of(world, number).status).toBe('AWAITING_BUILD');
  act(world, { do: 'wait', seconds: 1 });
  expect(of(world, number)).toMatchObject({ status: 'FAILED', reasonCode: 'untested' });
});

test('2.3: a commit that can make no build needs a person who names it', () => {
  const world = line(1);
  world.verdicts.set('c1', { state: 'impossible', why: 'it has no .travis.yml' });
  expect(of(world, signal(world, 'c1'))).toMatchObject({ status: 'FAILED' });
  const asked = { kind: 'signal', arrivedAt: world.now, target: 'c1', sha: 'c1' } as const;
  const flags = { by: 'ada', mode: 'AUTO', allowOffBranch: false, overrideHold: false } as const;
  const { answer } = world.apply({ ...asked, ...flags, explicit: true });
  expect(of(world, 'number' in answer ? (answer.number ?? 0) : 0).status).toBe('PROVISIONING');
});

test('2.6: a signal without a commit falls back below a red head', () => {
  const world = line(3);
  world.verdicts.set('c3', FAILED);
  const head = signal(world, null);
  expect(of(world, head)).toMatchObject({ status: 'SUPERSEDED', rule: 'red_head' });
  world.end(true);
  expect(live(world)).toBe('c2');
  expect(of(world, head)).toMatchObject({ success: true });
  expect(of(world, signal(world, null))).toMatchObject({ status: 'FAILED', rule: 'untested' });
});

test('3: FORCE, a changed configuration or no commit deploy again what is live; a named one does not', () => {
  const world = line(1);
  signal(world, 'c1');
  world.end(true);
  expect(signal(world, 'c1')).toBe(1);
  for (const again of [
    () => signal(world, 'c1', 'FORCE'),
    () => signal(world, null),
    () => {
      act(world, { do: 'config' });
      return signal(world, 'c1');
    },
  ]) {
    expect(of(world, again()).status).toBe('PROVISIONING');
    world.end(true);
  }
});

test('3.5: it falls back over several failures; a newer one that is queued carries them all', () => {
  const world = line(4);
  for (const sha of ['c1', 'c2', 'c3']) signal(world, sha);
  world.end(true);
  expect(of(world, 2).supersededBy).toBe(3);
  signal(world, 'c4');
  world.end(false);
  expect(of(world, 2)).toMatchObject({ status: 'SUPERSEDED', success: null });
  expect(world.running()?.sha).toBe('c4');
  world.end(false);
  expect(world.running()?.sha).toBe('c2');
  world.end(true);
  expect(tell(world)).toEqual(['c1 SUCCEEDED', 'c2 SUCCEEDED', 'c3 FAILED', 'c4 FAILED']);
});

test('3.5: a cancelled superseder gives no fall-back', () => {
  const world = line(3);
  for (const sha of ['c1', 'c2', 'c3']) signal(world, sha);
  world.apply({ kind: 'observe' });
  world.cancelled.add(3);
  world.apply({ kind: 'cancel', number: 3, by: 'ada' });
  expect(of(world, 2)).toMatchObject({ status: 'CANCELLED', rule: 'superseder_cancelled' });
});

test('5: ADOPT with no image fails at once and displaces nobody', () => {
  const world = line(3);
  signal(world, 'c1');
  signal(world, 'c2');
  const adopt = of(world, signal(world, 'c3', 'ADOPT'));
  expect(adopt).toMatchObject({ status: 'FAILED', reasonCode: 'no_image' });
  expect(adopt.reason).toContain('c3');
  expect(of(world, 2).status).toBe('QUEUED');
});

test('6: a crash before the release commands starts again, later it goes on there', () => {
  const world = line(1);
  signal(world, 'c1');
  world.step('BUILDING');
  const again = world.apply({ kind: 'recover' });
  expect(again.commands[0]).toMatchObject({ kind: 'start', resumeFrom: null });
  world.step('RELEASING');
  expect(world.apply({ kind: 'recover' }).commands[0]).toMatchObject({ resumeFrom: 'RELEASING' });
  world.switchOver();
  expect(world.apply({ kind: 'recover' }).commands[0]).toMatchObject({ resumeFrom: 'FINALIZING' });
});

/** c2 is live, a force push took it off, and c1 runs; then a merge brings c2 back. */
function undone(): World {
  const world = line(2);
  signal(world, 'c2');
  world.end(true);
  act(world, { do: 'force_push', to: 0 });
  signal(world, 'c1');
  world.step('BUILDING');
  expect(world.running()?.sha).toBe('c1');
  return world;
}

test('7: a force push that is undone while the older commit runs does not roll the environment back', () => {
  const world = undone();
  act(world, { do: 'merge', from: 1, wide: false });
  const { answer } = world.apply({ kind: 'switch', number: 2, releaseUuid: 'r2' });
  expect(answer).toEqual({ kind: 'switch', committed: false });
  expect(live(world)).toBe('c2');
  expect(of(world, 2)).toMatchObject({
    ...{ status: 'SUPERSEDED', rule: 'descendant', supersededBy: 1, success: true },
  });

  // Its pipeline has cleaned up: the next one starts, and it stays ended.
  signal(world, world.graph.head);
  world.apply({
    ...{ kind: 'ended', number: 2 },
    outcome: { ok: false, reasonCode: 'cancelled', reason: 'It was cancelled.' },
  });
  expect(of(world, 2).status).toBe('SUPERSEDED');
});
