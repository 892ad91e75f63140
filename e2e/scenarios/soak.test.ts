import { findPostgres, lacks } from '@sluice/testing';
import { expect, it } from 'vitest';
import { report } from '../../bench/soak/report.ts';
import { soak } from '../../bench/soak/run.ts';
import { drawTimeline } from '../../packages/cli/src/simulate/timeline.ts';

/**
 * Two minutes of `bench/soak.ts`, whose twenty are for `script/bench soak`: two servers over one PostgreSQL, three runners, and
 * SIGKILLs of servers, runners and an application. Correctness is absolute; what is too much at rest is told with room.
 */
const skip = lacks('PostgreSQL (apt-get install postgresql)', (await findPostgres()) !== null);
/** Only for a hang: what is under way is waited for as long as it moves. */
const LONG_MS = 1_200_000;

it.skipIf(skip)(
  'two servers and three runners that are killed again and again lose nothing and leave nothing behind',
  async () => {
    const result = await soak({
      seconds: 45,
      applications: 2,
      pace: { seconds: 20, secondsPerCommit: 7 },
      warmUpStorms: 1,
      lifeMs: { from: 4_000, to: 8_000 },
      seed: 7,
      interruption: new AbortController().signal,
      progress: () => undefined,
    });
    const told = `${result.records.map(drawTimeline).join('\n')}\n${report(result)}`;
    expect(result.broken, told).toEqual([]);
    // It was one: somebody was killed, something was built and went live.
    expect(result.kills['servers']).toBeGreaterThan(0);
    expect(result.totals['deployments that ran']).toBeGreaterThan(1);
  },
  LONG_MS,
);
