import { attempt, type Place } from './attempt.ts';
import { type Kills, startKills } from './kills.ts';
import { brokenPromises } from './promises/index.ts';
import type { Violation } from './promises/promise.ts';
import { createRandom } from './random.ts';
import type { StormRecord } from './record.ts';
import type { Storm } from './storm.ts';

/** Many storms against one server, several at once, each in an application of its own. */
export interface Campaign {
  /** In the order in which they begin. */
  readonly storms: readonly Storm[];
  /** How many are under way at a time. */
  readonly parallel: number;
  /** Begin no further storm after one has failed. */
  readonly failFast: boolean;
  readonly onOutcome: (outcome: Outcome, done: number) => void;
}

/** What became of one storm. Its record is kept only where a promise was broken: hundreds of them are large. */
export interface Outcome {
  readonly seed: number | null;
  readonly storm: Storm;
  readonly broken: readonly Violation[];
  readonly record: StormRecord | null;
  readonly figures: Figures;
}

export interface Figures {
  readonly deeds: number;
  readonly kills: number;
  readonly deployments: number;
  /** Deployments that got as far as running. */
  readonly ran: number;
  readonly builds: number;
  readonly requests: number;
  readonly seconds: number;
}

export interface Result {
  /** By their place in the campaign, not by when they ended. */
  readonly outcomes: readonly Outcome[];
  /** SIGKILLs, each of which struck all that were under way. */
  readonly kills: number;
  readonly seconds: number;
}

/** A server of one's own is killed again and again while the storms last; they share the kills. */
export async function runCampaign(place: Place, campaign: Campaign): Promise<Result> {
  const begunAt = Date.now();
  const outcomes: Outcome[] = [];
  const kills =
    place.server === null ? null : startKills(place.server, createRandom(campaign.storms.length));
  let next = 0;
  let done = 0;
  let isOver = false;
  const worker = async () => {
    for (;;) {
      const index = next++;
      const storm = campaign.storms[index];
      if (storm === undefined || isOver) return;
      place.interruption.throwIfAborted();
      const outcome = await outcomeOf(place, storm, kills);
      outcomes[index] = outcome;
      done += 1;
      isOver ||= campaign.failFast && outcome.broken.length > 0;
      campaign.onOutcome(outcome, done);
    }
  };
  try {
    await Promise.all(Array.from({ length: campaign.parallel }, worker));
  } finally {
    await kills?.stop();
  }
  // Those that did not begin left holes.
  return {
    outcomes: outcomes.filter(() => true),
    kills: kills?.count ?? 0,
    seconds: (Date.now() - begunAt) / 1_000,
  };
}

/** A storm that could not be finished has broken a promise too. */
export async function outcomeOf(place: Place, storm: Storm, kills: Kills | null): Promise<Outcome> {
  const begunAt = Date.now();
  const seconds = () => (Date.now() - begunAt) / 1_000;
  try {
    const seen = await attempt(place, storm);
    const record = kills === null ? seen : kills.addTo(seen);
    const broken = brokenPromises(record);
    return {
      ...{ seed: storm.seed, storm: record.storm, broken },
      record: broken.length === 0 ? null : record,
      figures: { ...count(record), seconds: seconds() },
    };
  } catch (error) {
    place.interruption.throwIfAborted();
    const text = error instanceof Error ? error.message : String(error);
    const broken = [{ promise: 'somebody answers', text }];
    return {
      ...{ seed: storm.seed, storm, broken, record: null },
      figures: { ...NOTHING, seconds: seconds() },
    };
  }
}

const NOTHING = { deeds: 0, kills: 0, deployments: 0, ran: 0, builds: 0, requests: 0 };

const count = ({ deeds, deployments, builds, requests }: StormRecord) => ({
  deeds: deeds.length,
  kills: deeds.filter((deed) => deed.action.do === 'crash').length,
  deployments: deployments.length,
  ran: deployments.filter((one) => one.running_at !== null).length,
  builds: builds.length,
  requests,
});
