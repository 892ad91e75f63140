import { setTimeout as pause } from 'node:timers/promises';
import { attempt, type Place, sharedLooks } from '../../packages/cli/src/simulate/attempt.ts';
import { generateStorm, SMALL } from '../../packages/cli/src/simulate/generate.ts';
import { startKills } from '../../packages/cli/src/simulate/kills.ts';
import { brokenPromises } from '../../packages/cli/src/simulate/promises/index.ts';
import type { Violation } from '../../packages/cli/src/simulate/promises/promise.ts';
import { createRandom } from '../../packages/cli/src/simulate/random.ts';
import type { StormRecord } from '../../packages/cli/src/simulate/record.ts';
import type { Storm } from '../../packages/cli/src/simulate/storm.ts';
import { type Growth, growthOf, tooMuch } from './growth.ts';
import { createSoakPlace, type SoakPlace } from './place.ts';
import { lastingPromises } from './promises.ts';
import { lookAtRest, type Rest, settle } from './rest.ts';
import { type Sample, takeSamples } from './samples.ts';
import { longStorm, type Pace } from './storms.ts';
import { createStrikes } from './strikes.ts';
import { createVictim } from './victim.ts';

export interface SoakOptions {
  /** How long pushes and signals come. */
  readonly seconds: number;
  /** At a time. */
  readonly applications: number;
  /** What happens in each of them, until it is removed and the next one comes. */
  readonly pace: Pace;
  readonly warmUpStorms: number;
  /** Between two SIGKILLs. */
  readonly lifeMs: { readonly from: number; readonly to: number };
  readonly seed: number;
  /** Ends it early, with everything cleaned up. */
  readonly interruption: AbortSignal;
  /** Told now and then. */
  readonly progress: (line: string) => void;
}

export interface SoakResult {
  readonly broken: readonly Violation[];
  readonly kills: Readonly<Record<string, number>>;
  readonly longestAwayMs: number;
  readonly totals: Readonly<Record<string, number>>;
  readonly growth: readonly Growth[];
  readonly rest: { readonly before: Rest; readonly after: Rest };
  readonly samples: readonly Sample[];
  /** Of the storms in which a promise was broken. */
  readonly records: readonly StormRecord[];
}

const SETTLE_MS = 120_000;
const SAMPLE_MS = 3_000;

/** Everything from an empty directory to an empty directory. Throws only when the soak itself could not be made. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const place = await createSoakPlace();
  try {
    return await soakIn(place, options);
  } finally {
    await place.destroy();
  }
}

async function soakIn(place: SoakPlace, options: SoakOptions): Promise<SoakResult> {
  const { seconds, applications, seed, progress } = options;
  const calm: Place = {
    ...{ client: place.client, url: place.url, token: place.token },
    ...{ organisation: place.organisation, server: null, onDeed: () => undefined },
    interruption: options.interruption,
    looks: { ...sharedLooks(applications * 2), list: 2_000 },
  };
  progress('warming up');
  const victim = await createVictim(place);
  const small = Array.from({ length: options.warmUpStorms }, (_, index) =>
    generateStorm(seed + index, false, SMALL),
  );
  await Promise.all(small.map((storm) => attempt(calm, { ...storm, gate: true })));
  await settleDown(place, 1);
  const before = await lookAtRest(place);

  const halfAt = Date.now() + (seconds * 1_000) / 2;
  const strikes = createStrikes(place, victim, createRandom(seed), () => Date.now() > halfAt);
  const sampling = takeSamples(place, SAMPLE_MS);
  const kills = startKills(strikes, createRandom(seed + 1), options.lifeMs);
  let [done, seedOfNext] = [0, seed + 100];
  const told = tell(options, () => `${kills.count} kills, ${done} applications came to rest`);
  const judged: Judged[] = [];
  const end = Date.now() + seconds * 1_000;
  // One application after the other in each lane: on a slow machine there are fewer of them, not a growing backlog.
  const lane = async () => {
    while (Date.now() < end) {
      const storm = longStorm(seedOfNext++, options.pace);
      const outcome = await Promise.allSettled([attempt({ ...calm, server: strikes }, storm)]);
      judged.push(judge(outcome[0], storm, kills.addTo));
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: applications }, lane));
  told.abort();
  const killing = await kills.stop().then(
    () => [],
    (error: unknown) => [{ promise: 'what was killed comes back', text: wordsOf(error) }],
  );
  if (options.interruption.aborted) await sampling.stop();
  options.interruption.throwIfAborted();
  await victim.remove().catch(() => undefined);
  progress('waiting for what is left to go');
  const { rest: after, left } = await settle(place, before, SETTLE_MS);
  await sampling.stop();

  const growth = growthOf(sampling.samples);
  return {
    broken: [
      ...judged.flatMap(({ broken }) => broken),
      ...killing,
      ...left.map((text) => ({ promise: 'nothing is left over', text })),
      ...growth.flatMap(tooMuch).map((text) => ({ promise: 'nothing grows', text })),
    ],
    kills: { ...strikes.counts },
    longestAwayMs: strikes.longestAwayMs,
    totals: totalsOf(judged.map(({ figures }) => figures)),
    ...{ growth, rest: { before, after }, samples: sampling.samples },
    records: judged.flatMap(({ record }) => (record === null ? [] : [record])),
  };
}

interface Judged {
  /** Kept only where a promise was broken. */
  readonly record: StormRecord | null;
  readonly broken: readonly Violation[];
  readonly figures: Readonly<Record<string, number>>;
}

function judge(
  outcome: PromiseSettledResult<StormRecord>,
  storm: Storm,
  addKills: (record: StormRecord) => StormRecord,
): Judged {
  const where = (broken: readonly Violation[]) =>
    broken.map(({ promise, text }) => ({ promise, text: `application ${storm.seed}: ${text}` }));
  if (outcome.status === 'rejected')
    return {
      ...{ record: null, figures: {} },
      broken: where([{ promise: 'somebody answers', text: wordsOf(outcome.reason) }]),
    };
  const record = addKills(outcome.value);
  const broken = where([...brokenPromises(record), ...lastingPromises(record)]);
  return { record: broken.length === 0 ? null : record, broken, figures: figuresOf(record) };
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** The environments of removed applications let go of their processes; `victims` stay. */
async function settleDown(place: SoakPlace, victims: number): Promise<void> {
  for (;;) {
    const query = "select count(*) from instances where state <> 'stopped'";
    if (Number(await place.query(query)) <= victims) return;
    await pause(500);
  }
}

function tell({ progress, seconds }: SoakOptions, text: () => string): AbortController {
  const over = new AbortController();
  const begun = Date.now();
  const timer = setInterval(
    () => progress(`${Math.round((Date.now() - begun) / 1_000)} of ${seconds} s: ${text()}`),
    15_000,
  );
  over.signal.addEventListener('abort', () => clearInterval(timer));
  return over;
}

function figuresOf({ deeds, builds, deployments, requests }: StormRecord) {
  return {
    applications: 1,
    pushes: deeds.filter(({ action }) => /push/.test(action.do)).length,
    signals: deeds.filter(({ action }) => action.do === 'signal').length,
    builds: builds.length,
    deployments: deployments.length,
    'deployments that ran': deployments.filter((one) => one.running_at !== null).length,
    'requests to applications': requests,
  };
}

function totalsOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const figures of all)
    for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}
