import { matrixKeys } from '../schema/languages.ts';
import type { BuildConfig, EnvRow, JobConfig, JobMatcher } from '../types.ts';
import { record } from '../yaml/node.ts';
import { unique } from './equal.ts';

/** Root keys that are about the build, not its jobs (spec 4, step 6). */
const buildOnly = ['jobs', 'env', 'import', 'stages', 'notifications', 'version'];

/**
 * Each job with every root key it does not set itself: whole keys, nothing is merged. Of the matrix keys it
 * gets the first value (spec 4, steps 6 and 7).
 */
export function inherited(jobs: JobConfig[], config: BuildConfig): JobConfig[] {
  const defaults = { ...sharedValues(config), ...firstValues(config) };
  return jobs.map((job) => withEnv({ ...defaults, ...job }, config));
}

/**
 * Also of those keys that are no axis with the root's language: a job in another one may know them. What a
 * job's own language does not know goes later (spec 4, step 9).
 */
function firstValues(config: BuildConfig): JobMatcher {
  return record(
    matrixKeys.flatMap((key) => {
      const values = config[key];
      const first = Array.isArray(values) ? values[0] : undefined;
      return first === undefined ? [] : [[key, first] as const];
    }),
  );
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
