import { matrixKeys } from '../schema/languages.ts';
import type { BuildConfig, EnvRow, JobConfig, JobMatcher } from '../types.ts';
import { record } from '../yaml/node.ts';
import type { Axis } from './axis.ts';
import { unique } from './equal.ts';

/** Root keys that are about the build, not its jobs (spec 4, step 6). */
const buildOnly = ['jobs', 'env', 'import', 'stages', 'notifications', 'version'];

/**
 * Each job with every root key it does not set itself: whole keys, nothing is merged. Of the matrix keys it
 * gets the first value (spec 4, steps 6 and 7).
 */
export function inherited(
  jobs: JobConfig[],
  config: BuildConfig,
  axes: readonly Axis[],
): JobConfig[] {
  const firsts = axes.filter(({ key }) => key !== 'env').map(({ key, values }) => [key, values[0]]);
  const defaults = { ...sharedValues(config), ...Object.fromEntries(firsts) };
  return jobs.map((job) => withEnv({ ...defaults, ...job }, config));
}

/** What every job gets of the root, apart from matrix keys and env. */
export function sharedValues(config: BuildConfig): JobMatcher {
  const isShared = (key: string) =>
    !buildOnly.includes(key) && !matrixKeys.some((matrixKey) => matrixKey === key);
  return record(Object.entries(config).filter(([key]) => isShared(key)));
}

function withEnv(job: JobConfig, config: BuildConfig): JobConfig {
  const [firstRow] = config.env?.jobs ?? [];
  const own: EnvRow[] = job.env ?? (firstRow ? [firstRow] : []);
  const env = unique([...(config.env?.global ?? []), ...own]);
  const { env: _, ...rest } = job;
  return env.length > 0 ? { ...rest, env } : rest;
}
