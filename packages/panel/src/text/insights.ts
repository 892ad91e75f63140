/** `25 minutes`, `3.5 hours`: a span in a sentence, rounded as people speak. */
export function spanWords(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  for (const [size, unit] of units) {
    const value = seconds / size;
    if (value < 1) continue;
    const rounded = value < 10 ? Math.round(value * 2) / 2 : Math.round(value);
    return `${rounded} ${rounded === 1 ? unit : `${unit}s`}`;
  }
  const whole = Math.round(seconds);
  return `${whole} ${whole === 1 ? 'second' : 'seconds'}`;
}

export const percentWords = (share: number): string => `${Math.round(share * 100)} %`;

const times = (count: number): string =>
  count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;

/** Change against the period before, in words; null where there is nothing to compare. */
function trend(
  now: number | null,
  before: number | null,
  words: { readonly less: string; readonly more: string },
): string | null {
  if (now === null || before === null || before === 0) return null;
  const change = (now - before) / before;
  if (Math.abs(change) < 0.05) return 'as in the period before';
  return `${Math.round(Math.abs(change) * 100)} % ${change < 0 ? words.less : words.more} than in the period before`;
}

export const insightsText = {
  title: 'Insights',
  environment: 'Environment',
  period: 'Period',
  days: (days: number) => `${days} days`,
  reading: 'In words',
  numbers: (title: string) => `${title}: numbers`,
  date: 'Date (UTC)',
  none: '–',
  noneThatDay: 'nothing',
  median: 'half within',
  p90: 'nine in ten within',
  keys: 'Arrow keys go from one to the next.',

  frequency: 'Deployment frequency',
  frequencyText: 'Deployments that changed what is live, a day. Rollbacks are not among them.',
  frequencyValue: (total: number) => `${total} ${total === 1 ? 'deployment' : 'deployments'}`,
  frequencyTrend: (now: number, before: number) =>
    before === 0 ? null : trend(now, before, { less: 'fewer', more: 'more' }),

  lead: 'Lead time',
  leadText: 'From each commit to the moment in which it was live; the median of a day.',
  leadNone: 'Nothing went live yet.',
  slower: (now: number | null, before: number | null) =>
    trend(now, before, { less: 'shorter', more: 'longer' }),

  failure: 'Change failure rate',
  failureText:
    'The share of deployments that failed after they had started, or were rolled back within a week.',
  failureOf: (failures: number, changes: number) => `${failures} of ${changes}`,
  failureNone: 'No change yet.',
  failureTrend: (now: number | null, before: number | null) =>
    trend(now, before, { less: 'lower', more: 'higher' }),

  restore: 'Time to restore',
  restoreText: 'From a failure to the next success, on the day of that; the median of a day.',
  restoreNone: 'Nothing had to be restored.',
  openSince: 'Broken since',
  openSinceText: 'and no deployment has succeeded after that.',

  builds: 'Builds',
  buildDuration: 'Build duration',
  buildDurationText: 'How long builds took from their first job to their end; the median of a day.',
  buildNone: 'No build has ended in this period.',
  queue: 'Waiting for a slot',
  queueText: 'How long jobs waited until a runner took them; the median of a day.',
  scatter: 'Every build',
  scatterText: 'Each mark is a build and leads to it; higher ones took longer.',
  build: (number: number, state: string, duration: string, at: string) =>
    `Build ${number}, ${state}, ${duration}, ${at}`,

  flaky: 'Flaky jobs',
  flakyList: 'List of flaky jobs',
  flakyText:
    'Jobs that both passed and failed with the same commit and configuration. Whoever waits for them learns to ignore them.',
  flakyNone: 'No job has changed its mind in this period.',
  job: 'Job',
  flips: 'Changed its mind',
  flipsValue: (flips: number, runs: number) => `${times(flips)} in ${runs} runs`,
  lastChange: 'Last time',

  noEnvironment: 'This application has no environment to look at.',
  emptyTitle: 'Nothing has happened in this period',
  emptyText:
    'Once commits are built and deployed, this page shows how often, how quickly and how safely that goes.',
  emptyAction: 'See the commits',

  sentences: {
    deployed: (total: number, days: number) =>
      total === 0
        ? `Nothing new went live in ${days} days.`
        : `You deployed ${times(total)} in ${days} days${total >= days ? `, about ${Math.round(total / days)} a day` : ''}.`,
    lead: (median: number, p90: number | null) =>
      `Half of the commits were live within ${spanWords(median)}${p90 === null ? '' : `, nine in ten within ${spanWords(p90)}`}.`,
    failures: (failures: number, changes: number) =>
      changes === 1
        ? `The one change ${failures === 0 ? 'did not fail' : 'failed'}.`
        : failures === 0
          ? `None of the ${changes} changes failed.`
          : `${failures} of ${changes} changes failed.`,
    restored: (median: number) => `It took ${spanWords(median)} to be back.`,
    builds: (count: number, median: number) =>
      `${count === 1 ? 'One build' : `${count} builds`} took ${spanWords(median)} at the median.`,
  },
} as const;
