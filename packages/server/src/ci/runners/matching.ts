import type { Needs } from './needs.ts';

export type RunnerState = 'online' | 'offline' | 'paused' | 'draining';

/** A machine that could run jobs, as matching sees it. */
export interface Machine {
  readonly name: string;
  readonly os: string;
  readonly arch: string;
  readonly labels: Readonly<Record<string, string>>;
  /** False: it gets no job that is not trusted. */
  readonly isolates: boolean;
  /** Only jobs of this organisation; null: of all. */
  readonly organisationUuid: string | null;
  /** The runner inside the server. */
  readonly embedded: boolean;
}

export interface Wanted {
  readonly needs: Needs;
  readonly trusted: boolean;
  readonly organisationUuid: string | null;
}

/**
 * Whether a machine may run a job. `arches` are those of the registered runners: the embedded runner stands in for
 * processors that nobody else has, as it does where it is the only one.
 */
export function mayRun(machine: Machine, wanted: Wanted, arches: ReadonlySet<string>): boolean {
  if (!wanted.trusted && !machine.isolates) return false;
  if (machine.organisationUuid !== null && machine.organisationUuid !== wanted.organisationUuid) {
    return false;
  }
  return satisfies(machine, wanted.needs, arches);
}

/** The part of it that depends on what the job needs alone. */
export function satisfies(machine: Machine, needs: Needs, arches: ReadonlySet<string>): boolean {
  return Object.entries(needs).every(([name, value]) => {
    if (name === 'os') return machine.os === value;
    if (name === 'arch') {
      return machine.arch === value || (machine.embedded && !arches.has(value));
    }
    return machine.labels[name] === value;
  });
}

/**
 * What a queued job waits for besides its turn, as the end of "waits for ..."; null when a runner that may have it is at
 * work. Pure.
 */
export function waitingFor(
  wanted: Wanted,
  machines: readonly (Machine & { readonly state: RunnerState })[],
): string | null {
  const arches = registeredArches(machines);
  const able = machines.filter((machine) => mayRun(machine, wanted, arches));
  if (able.some(({ state }) => state === 'online')) return null;
  const kind = `a runner${qualities(wanted)}`;
  if (able.length === 0) return `${kind}; there is none`;
  const list = able.map(({ name, state }) => `${name} is ${state}`);
  return `${kind}: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ', ...' : ''}`;
}

export const registeredArches = (machines: readonly Machine[]): ReadonlySet<string> =>
  new Set(machines.filter(({ embedded }) => !embedded).map(({ arch }) => arch));

/** What goes without saying is left out: linux, and a build that is trusted. */
function qualities({ needs, trusted }: Wanted): string {
  const pairs = Object.entries(needs)
    .filter(([name, value]) => name !== 'os' || value !== 'linux')
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const words = pairs.length === 0 ? '' : ` with ${pairs.join(', ')}`;
  return trusted ? words : `${words} that isolates its jobs (the build is not trusted)`;
}
