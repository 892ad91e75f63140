import { describe, expect, it } from 'vitest';
import { type Machine, mayRun, waitingFor } from './matching.ts';
import { needsOf, needsText, readNeeds } from './needs.ts';

const machine = (more: Partial<Machine> = {}): Machine => ({
  ...{ name: 'one', os: 'linux', arch: 'amd64', labels: {}, isolates: true },
  ...{ organisationUuid: null, embedded: false, ...more },
});
const wanted = (config: Record<string, unknown>, trusted = true) => ({
  ...{ needs: needsOf(config), trusted, organisationUuid: 'acme' },
});
const none = new Set<string>();

describe('needsOf', () => {
  it.each([
    [{}, { os: 'linux' }],
    [{ os: 'osx' }, { os: 'osx' }],
    [{ os: 'linux-ppc64le' }, { os: 'linux', arch: 'ppc64le' }],
    [{ arch: 'arm64-graviton2' }, { os: 'linux', arch: 'arm64' }],
    [
      { arch: 'arm64', runner: { gpu: 'a100' } },
      { os: 'linux', arch: 'arm64', gpu: 'a100' },
    ],
    // The keys of the file decide about the machine, whatever a label says.
    [{ runner: { os: 'windows' } }, { os: 'linux' }],
  ])('of %j are %j', (config, needs) => {
    expect(needsOf(config)).toEqual(needs);
    expect(readNeeds(needsText(needs))).toEqual(needs);
  });

  it('are one text whatever their order, and hold any value', () => {
    expect(needsText({ b: 'x,y=z', a: '%' })).toBe(needsText({ a: '%', b: 'x,y=z' }));
    expect(readNeeds(needsText({ b: 'x,y=z', a: '%' }))).toEqual({ a: '%', b: 'x,y=z' });
    expect(readNeeds(null)).toEqual({ os: 'linux' });
  });
});

describe('mayRun', () => {
  it('asks for the system, the processor and every label', () => {
    expect(mayRun(machine(), wanted({}), none)).toBe(true);
    expect(mayRun(machine({ os: 'osx' }), wanted({}), none)).toBe(false);
    expect(mayRun(machine(), wanted({ arch: 'arm64' }), none)).toBe(false);
    expect(mayRun(machine({ arch: 'arm64' }), wanted({ arch: 'arm64' }), none)).toBe(true);
    expect(mayRun(machine({ arch: 'arm64' }), wanted({}), none)).toBe(true);
    const gpu = wanted({ runner: { gpu: 'true', big: 'true' } });
    expect(mayRun(machine({ labels: { gpu: 'true' } }), gpu, none)).toBe(false);
    expect(mayRun(machine({ labels: { gpu: 'true', big: 'true', x: '' } }), gpu, none)).toBe(true);
  });

  it('keeps what is not trusted from machines that do not isolate, and organisations apart', () => {
    expect(mayRun(machine({ isolates: false }), wanted({}, false), none)).toBe(false);
    expect(mayRun(machine({ organisationUuid: 'other' }), wanted({}), none)).toBe(false);
    expect(mayRun(machine({ organisationUuid: 'acme' }), wanted({}), none)).toBe(true);
  });

  it('lets the embedded runner stand in for processors that no registered runner has', () => {
    const embedded = machine({ embedded: true });
    expect(mayRun(embedded, wanted({ arch: 's390x' }), none)).toBe(true);
    expect(mayRun(embedded, wanted({ arch: 's390x' }), new Set(['s390x']))).toBe(false);
    expect(mayRun(embedded, wanted({ runner: { gpu: 'true' } }), none)).toBe(false);
  });
});

describe('waitingFor', () => {
  const arm = { ...machine({ name: 'arm', arch: 'arm64' }), state: 'offline' as const };
  it.each([
    [{}, true, [], 'a runner; there is none'],
    [{ arch: 'arm64' }, true, [], 'a runner with arch=arm64; there is none'],
    [{ arch: 'arm64' }, true, [arm], 'a runner with arch=arm64: arm is offline'],
    [{ arch: 'arm64' }, true, [{ ...arm, state: 'online' as const }], null],
    [
      { os: 'osx', runner: { pool: 'big' } },
      false,
      [arm],
      'a runner with os=osx, pool=big that isolates its jobs (the build is not trusted); there is none',
    ],
  ])('%j (trusted: %s)', (config, trusted, machines, words) => {
    expect(waitingFor(wanted(config, trusted), machines)).toBe(words);
  });
});
