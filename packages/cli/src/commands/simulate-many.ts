import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { CLOSE_LOOKS, type Place, sharedLooks } from '../simulate/attempt.ts';
import {
  type Figures,
  type Outcome,
  outcomeOf,
  type Result,
  runCampaign,
} from '../simulate/campaign.ts';
import { printStorm } from '../simulate/format.ts';
import { shrink } from '../simulate/shrink.ts';
import type { Storm } from '../simulate/storm.ts';
import { drawTimeline } from '../simulate/timeline.ts';
import { table } from '../ui/table.ts';

export interface Many {
  readonly storms: readonly Storm[];
  readonly parallel: number;
  readonly failFast: boolean;
  readonly json: boolean;
  /** 0: the failing storm is printed as it was. */
  readonly shrinkMs: number;
}

/** `simulate --seeds`: many storms at once; where some fail, the shortest history of the first of them. */
export async function simulateMany(
  context: Context,
  place: Place,
  { storms, parallel, failFast, json, shrinkMs }: Many,
): Promise<ExitCode> {
  const { terminal } = context;
  let failed = 0;
  const shared = { ...place, looks: sharedLooks(parallel), onDeed: () => undefined };
  const result = await runCampaign(shared, {
    ...{ storms, parallel, failFast },
    onOutcome: (outcome, done) => {
      if (outcome.broken.length > 0) failed += 1;
      terminal.progress(`${done} of ${storms.length} storms, ${failed} failed`);
    },
  });
  terminal.progress(null);
  const first = result.outcomes.find(({ broken }) => broken.length > 0);
  if (!json) for (const line of report(context, result)) terminal.print(line);
  const shortest =
    first === undefined
      ? null
      : await shortestFailing(
          context,
          { ...place, looks: CLOSE_LOOKS, onDeed: () => undefined },
          first.storm,
          shrinkMs,
        );
  if (json) terminal.print(JSON.stringify(asJson(result, shortest)));
  else if (shortest !== null)
    terminal.print(
      `\nThe shortest storm that failed, of seed ${first?.seed}:\n\n${printStorm(shortest)}`,
    );
  return shortest === null ? exitCodes.done : exitCodes.failed;
}

/** The storm itself where it cannot be made shorter in the time. */
export function shortestFailing(
  { terminal }: Context,
  place: Place,
  storm: Storm,
  withinMs: number,
): Promise<Storm> {
  if (withinMs > 0) terminal.note('Looking for a shorter storm that fails too ...');
  const fails = async (candidate: Storm) =>
    (await outcomeOf(place, candidate, null)).broken.length > 0;
  return shrink(storm, fails, withinMs);
}

function report({ terminal }: Context, result: Result): string[] {
  const { outcomes, kills, seconds } = result;
  const failing = outcomes.filter(({ broken }) => broken.length > 0);
  const [first] = failing;
  const timeline = first?.record ? [`Seed ${first.seed}:`, '', drawTimeline(first.record)] : [];
  const all = totals(outcomes);
  const rows = failing.flatMap(({ seed, broken }) =>
    broken.map(({ promise, text }) => [String(seed), promise, text]),
  );
  const sum = (what: string, count: number) => [what, count.toLocaleString('en-US')];
  return [
    ...timeline,
    ...table(
      ['Storms', String(outcomes.length)],
      [
        sum('every promise kept', outcomes.length - failing.length),
        sum('failed', failing.length),
        sum('deeds', all.deeds),
        sum('builds', all.builds),
        sum('deployments', all.deployments),
        sum('  of which ran', all.ran),
        sum('requests of the pages', all.requests),
        ...(kills === 0
          ? []
          : [sum('kills of the server', kills), sum('storms struck by one', all.struck)]),
        ['seconds', seconds.toFixed(0)],
        ['storms per minute', ((outcomes.length * 60) / seconds).toFixed(1)],
      ],
    ),
    ...(rows.length === 0 ? [] : ['', ...table(['Seed', 'Broken', ''], rows)]),
    '',
    failing.length === 0
      ? terminal.style('green', 'Every promise was kept.')
      : terminal.style('red', `${failing.length} of ${outcomes.length} storms failed.`),
  ];
}

function totals(outcomes: readonly Outcome[]) {
  const sum = (of: (figures: Figures) => number) =>
    outcomes.reduce((all, { figures }) => all + of(figures), 0);
  return {
    deeds: sum((one) => one.deeds),
    builds: sum((one) => one.builds),
    deployments: sum((one) => one.deployments),
    ran: sum((one) => one.ran),
    requests: sum((one) => one.requests),
    struck: sum((one) => (one.kills > 0 ? 1 : 0)),
  };
}

function asJson({ outcomes, kills, seconds }: Result, shortest: Storm | null) {
  return {
    ok: shortest === null,
    ...{ kills, seconds, totals: totals(outcomes) },
    storms: outcomes.map(({ seed, broken, figures, storm, record }) => ({
      ...{ seed, ok: broken.length === 0, broken, ...figures },
      ...(broken.length === 0 ? {} : { storm: printStorm(storm) }),
      ...(record === null ? {} : { timeline: drawTimeline(record).split('\n') }),
    })),
    shortest: shortest === null ? null : printStorm(shortest),
  };
}
