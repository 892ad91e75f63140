/** One run of a job that came to a verdict. */
export interface JobRun {
  readonly job: number;
  readonly attempt: number;
  readonly sha: string;
  /** In its build, from 1. */
  readonly number: number;
  readonly stage: string | null;
  readonly name: string | null;
  readonly passed: boolean;
  readonly endedAt: number;
}

export interface FlakyJob {
  readonly name: string;
  readonly flips: number;
  readonly runs: number;
  readonly lastAt: number;
  readonly job: number;
}

/** A job is told from others of its build by stage and name, or by its number where it has no name. */
const labelOf = ({ stage, name, number }: JobRun): string =>
  [...(stage === null ? [] : [stage]), name ?? `job ${number}`].join(': ');

/** The jobs that ran on commits where one of the same label both passed and failed: only their configurations matter. */
export function suspects(runs: readonly JobRun[]): number[] {
  const mixed = [...group(runs, (run) => `${run.sha} ${labelOf(run)}`).values()].filter(isMixed);
  return [...new Set(mixed.flat().map((run) => run.job))];
}

/**
 * Pure: jobs that both failed and passed with the same commit and the same configuration, whatever run that was: an
 * attempt, a restart, another build. `flips` counts the changes from one run to the next.
 */
export function findFlaky(
  runs: readonly JobRun[],
  configs: ReadonlyMap<number, string>,
): FlakyJob[] {
  const found = new Map<string, FlakyJob>();
  const totals = group(runs, labelOf);
  const same = group(
    runs.filter((run) => configs.has(run.job)),
    (run) => `${run.sha} ${labelOf(run)} ${configs.get(run.job)}`,
  );
  for (const [first, ...others] of same.values()) {
    if (first === undefined) continue;
    const name = labelOf(first);
    const ordered = [first, ...others].sort(
      (a, b) => a.endedAt - b.endedAt || a.job - b.job || a.attempt - b.attempt,
    );
    let last = first;
    let flips = 0;
    let previous: JobRun | null = null;
    for (const run of ordered) {
      if (previous !== null && previous.passed !== run.passed) {
        flips += 1;
        last = run;
      }
      previous = run;
    }
    if (flips === 0) continue;
    const known = found.get(name);
    const newest = known !== undefined && known.lastAt > last.endedAt ? known : null;
    found.set(name, {
      name,
      flips: flips + (known?.flips ?? 0),
      runs: totals.get(name)?.length ?? 0,
      lastAt: newest?.lastAt ?? last.endedAt,
      job: newest?.job ?? last.job,
    });
  }
  return [...found.values()].sort(
    (a, b) => b.flips - a.flips || b.lastAt - a.lastAt || (a.name < b.name ? -1 : 1),
  );
}

const isMixed = (runs: readonly JobRun[]): boolean =>
  runs.some((run) => run.passed) && runs.some((run) => !run.passed);

function group<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [item]);
    else members.push(item);
  }
  return groups;
}
