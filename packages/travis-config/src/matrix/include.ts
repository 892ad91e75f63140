import type { BuildConfig, JobConfig } from '../types.ts';
import type { Axis } from './axis.ts';

/**
 * The expanded jobs and those of `jobs.include` (spec 4, step 4). A single job made of single values only is
 * dropped when jobs are included: its axes were meant as the defaults of the included ones.
 */
export function withIncluded(
  expanded: JobConfig[],
  axes: readonly Axis[],
  config: BuildConfig,
): JobConfig[] {
  const included = includedJobs(config);
  const isSingle = expanded.length === 1 && axes.every((axis) => axis.values.length === 1);
  return isSingle && included.length > 0 ? included : [...expanded, ...included];
}

/** The included jobs; one without a stage has the stage of the one before it. */
function includedJobs(config: BuildConfig): JobConfig[] {
  let stage: string | undefined;
  return (config.jobs?.include ?? []).map((entry) => {
    stage = entry.stage ?? stage;
    return stage === undefined ? { ...entry } : { ...entry, stage };
  });
}
