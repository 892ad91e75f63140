/**
 * The room of figures: how an application's deliveries and builds fare. It reads rows and decides nothing for anybody.
 * `timeline`, `lead-time`, `flaky` and `statistics` are pure; the definitions stand in docs/explanation/insights.md.
 */
import type { Insights as InsightsJson } from '@sluice/contract';
import type { Store } from '../store/index.ts';
import { findFlaky, suspects } from './flaky.ts';
import { type Commit, leadTimes } from './lead-time.ts';
import { before, contains, dateOf, type Period, periodUntil } from './period.ts';
import {
  type EndedBuild,
  type EndedRun,
  readBuilds,
  readConfigs,
  readDeployments,
  readPushes,
  readRuns,
} from './rows.ts';
import { daily, median, percentile, type Sample, valuesOf, within } from './statistics.ts';
import { readTimeline, type Timeline } from './timeline.ts';

export interface InsightsDeps {
  readonly store: Store;
  /** The commits reachable from `heads` and not from `without`; `git` knows them. */
  commits(
    repositoryUuid: string,
    heads: readonly string[],
    without: readonly string[],
  ): Promise<readonly Commit[]>;
  readonly now?: () => Date;
}

interface Subject {
  readonly repositoryUuid: string;
  /** Null: an application without environments. */
  readonly environment: { readonly uuid: string; readonly slug: string } | null;
  readonly environments: readonly string[];
  readonly days: number;
}

/** Points of the charts of builds; more could not be told apart. */
const MOST_BUILDS = 500;
const MOST_FLAKY = 50;

export function createInsights({ store, commits, now = () => new Date() }: InsightsDeps) {
  const deliveries = async (subject: Subject, whole: Period) => {
    if (subject.environment === null) return { timeline: readTimeline([]), leads: [] };
    const { uuid } = subject.environment;
    const { deployments, liveBefore } = await readDeployments(store, uuid, whole);
    const lived = deployments.filter((d) => d.liveAt !== null);
    const inside = (at: number | null) => at !== null && contains(whole, at);
    const heads = lived.filter((d) => inside(d.liveAt));
    const earlier = lived.filter((d) => !inside(d.liveAt));
    const known = new Set(earlier.map((d) => d.sha));
    if (liveBefore !== null) known.add(liveBefore);
    const { repositoryUuid } = subject;
    const graph = await commits(repositoryUuid, [...new Set(heads.map((d) => d.sha))], [...known]);
    const leads = leadTimes(heads, {
      graph: new Map(graph.map((commit) => [commit.sha, commit])),
      pushes: await readPushes(store, repositoryUuid, whole),
      hadLive: known.size > 0,
    });
    return { timeline: readTimeline(deployments), leads };
  };

  /** The figures of the last `days` UTC days, and of as many before them. */
  const of = async (subject: Subject): Promise<InsightsJson> => {
    const period = periodUntil(now().getTime(), subject.days);
    const earlier = before(period);
    const whole: Period = { from: earlier.from, to: period.to };
    const { timeline, leads } = await deliveries(subject, whole);
    const builds = await readBuilds(store, subject.repositoryUuid, whole);
    const runs = await readRuns(store, subject.repositoryUuid, whole);
    const recent = runs.filter((run) => contains(period, run.endedAt));
    const configs = await readConfigs(store, suspects(recent));
    const { days, previous } = summaries(period, earlier, { timeline, leads, builds, runs });
    return {
      ...{ days: subject.days, from: dateOf(period.from), to: dateOf(period.to - 1) },
      environment: subject.environment?.slug ?? null,
      environments: [...subject.environments],
      ...days,
      previous,
      builds: builds
        .filter((build) => contains(period, build.endedAt))
        .slice(-MOST_BUILDS)
        .map((build) => ({
          ...{ id: build.id, number: build.number, state: build.state },
          at: new Date(build.endedAt).toISOString(),
          seconds: secondsOf(build),
          queued_seconds: build.queuedSeconds,
        })),
      flaky_jobs: findFlaky(recent, configs)
        .slice(0, MOST_FLAKY)
        .map(({ lastAt, ...job }) => ({ ...job, last_at: new Date(lastAt).toISOString() })),
    };
  };

  return { of };
}

const secondsOf = ({ startedAt, endedAt }: EndedBuild): number | null =>
  startedAt === null ? null : Math.max(0, endedAt - startedAt) / 1_000;

interface Facts {
  readonly timeline: Timeline;
  readonly leads: readonly Sample[];
  readonly builds: readonly EndedBuild[];
  readonly runs: readonly EndedRun[];
}

const count = (values: readonly number[]): number => values.length;
const share = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function summaries(period: Period, earlier: Period, { timeline, leads, builds, runs }: Facts) {
  const delivered = timeline.deliveries.flatMap(({ liveAt }): Sample[] =>
    liveAt === null ? [] : [{ at: liveAt, value: 1 }],
  );
  const changes = timeline.changes.map(({ at, failed }) => ({ at, value: failed ? 1 : 0 }));
  const restored = timeline.incidents.map(({ from, to }) => ({ at: to, value: (to - from) / 1e3 }));
  const durations = builds.flatMap((build): Sample[] => {
    const value = secondsOf(build);
    return value === null || build.state === 'canceled' ? [] : [{ at: build.endedAt, value }];
  });
  const queues = runs.flatMap(({ endedAt: at, queuedSeconds: value }): Sample[] =>
    value === null ? [] : [{ at, value }],
  );
  const spread = (samples: readonly Sample[]) => {
    const inside = within(samples, period);
    const values = valuesOf(inside);
    return {
      median: median(values),
      p90: percentile(values, 0.9),
      count: values.length,
      series: daily(inside, period, median),
    };
  };
  const of = (samples: readonly Sample[], then: (values: readonly number[]) => number | null) =>
    then(valuesOf(within(samples, earlier)));
  const { from, to } = period;
  const inside = within(changes, period);
  const total = within(delivered, period).length;
  const { openSince } = timeline;
  return {
    days: {
      deployment_frequency: {
        total,
        per_day: total / ((to - from) / 86_400_000),
        series: daily(within(delivered, period), period, count),
      },
      lead_time: spread(leads),
      change_failure_rate: {
        rate: share(valuesOf(inside)),
        failures: inside.filter(({ value }) => value === 1).length,
        changes: inside.length,
        series: daily(inside, period, share),
      },
      time_to_restore: {
        ...spread(restored),
        open_since: openSince === null ? null : new Date(openSince).toISOString(),
      },
      build_duration: spread(durations),
      queue_time: spread(queues),
    },
    previous: {
      deployments: within(delivered, earlier).length,
      lead_time: of(leads, median),
      change_failure_rate: of(changes, share),
      time_to_restore: of(restored, median),
      build_duration: of(durations, median),
      queue_time: of(queues, median),
    },
  };
}
