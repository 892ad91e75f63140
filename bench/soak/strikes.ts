import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../packages/cli/src/simulate/random.ts';
import type { OwnServer } from '../../packages/cli/src/simulate/server.ts';
import type { Member, SoakPlace } from './place.ts';
import type { Victim } from './victim.ts';

/** Who is killed when. */
export interface Strikes extends OwnServer {
  /** SIGKILLs by kind. */
  readonly counts: Readonly<Record<'servers' | 'runners' | 'applications', number>>;
  /** How long a killed application was away, at most, in milliseconds. */
  readonly longestAwayMs: number;
}

/** How long a killed process stays away before it is started again. */
const AWAY_MS = { from: 0, to: 3_000 };

/**
 * In turn a server, a runner, an application. In the first half of the time one server and one runner are spared, in the
 * second half others: so of each kind somebody lives long enough to show whether it grows.
 */
export function createStrikes(
  place: SoakPlace,
  victim: Victim,
  random: Random,
  isSecondHalf: () => boolean,
): Strikes {
  const counts = { servers: 0, runners: 0, applications: 0 };
  let longestAwayMs = 0;
  let turn = 0;

  const revive = async (member: Member) => {
    await member.kill();
    await pause(random.between(AWAY_MS.from, AWAY_MS.to));
    await member.start();
  };
  const kinds = [
    async () => {
      counts.servers += 1;
      await revive(place.servers[isSecondHalf() ? 1 : 0]);
    },
    async () => {
      counts.runners += 1;
      const [one, two, three] = place.runners;
      await revive(random.pick(isSecondHalf() ? [two, three] : [one, two]));
    },
    async () => {
      counts.applications += 1;
      longestAwayMs = Math.max(longestAwayMs, await victim.strike());
    },
  ];

  return {
    url: place.url,
    counts,
    get longestAwayMs() {
      return longestAwayMs;
    },
    crash: async () => {
      const kind = kinds[turn % kinds.length];
      turn += 1;
      await kind?.();
    },
    stop: () => Promise.resolve(),
    words: () => place.servers.map((server) => server.output()).join('\n'),
  };
}
