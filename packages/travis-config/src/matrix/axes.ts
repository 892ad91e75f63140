import { ConfigError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Json } from '../messages.ts';
import { matrixKeys } from '../schema/languages.ts';
import type { BuildConfig, EnvRow, JobConfig } from '../types.ts';
import type { Axis } from './axis.ts';
import { sharedValues } from './inherit.ts';
import { unsupported } from './supported.ts';

/** The axes of a configuration in their fixed order (spec 4, step 2), `env` last. */
export function axesOf(config: BuildConfig): Axis[] {
  const surroundings = { language: config.language, os: config.os ?? [] };
  const axes: Axis[] = [];
  for (const key of matrixKeys) {
    const values = config[key];
    if (!Array.isArray(values) || values.length === 0 || unsupported(key, surroundings)) continue;
    axes.push({ key, values });
  }
  const rows: EnvRow[] = config.env?.jobs ?? [];
  if (rows.length > 0) axes.push({ key: 'env', values: rows });
  return axes;
}

/** The number of jobs the matrix and `jobs.include` give before any is dropped. */
function rawSize(config: BuildConfig): number {
  const axes = axesOf(config);
  const product = axes.reduce((size, axis) => size * axis.values.length, 1);
  const included = config.jobs?.include?.length ?? 0;
  return (axes.length > 0 ? product : 0) + included;
}

/** Refuses a matrix too large before anything of it is built. @throws ConfigError */
export function checkSize(config: BuildConfig, limits: Limits): void {
  const size = rawSize(config);
  if (size > limits.maxJobs) {
    const axes = axesOf(config).map(({ key, values }) => `${key} ${values.length}`);
    const message = `The matrix has ${size} jobs (${axes.join(' x ')}), at most ${limits.maxJobs} are possible.`;
    throw new ConfigError('matrix_too_large', message);
  }
  const { jobs } = config;
  const entries = (jobs?.exclude?.length ?? 0) + (jobs?.allow_failures?.length ?? 0);
  if (size * entries > limits.maxComparisons) {
    const message = `${size} jobs and ${entries} entries of exclude and allow_failures are too many to compare.`;
    throw new ConfigError('matrix_too_large', message);
  }
  const nodes = size * countNodes({ ...sharedValues(config), env: config.env?.global });
  if (nodes > limits.maxJobNodes) {
    const message = `The ${size} jobs of the matrix would be too large together; share less at the root.`;
    throw new ConfigError('matrix_too_large', message);
  }
}

/** Long texts count by their length: copying them is cheap, comparing jobs is not. */
function countNodes(value: Json | undefined): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 100);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countNodes(inner), 1);
}

/** The cartesian product, the last axis varying fastest (spec 4, step 3). No axes: no jobs. */
export function product(axes: readonly Axis[]): JobConfig[] {
  if (axes.length === 0) return [];
  let jobs: JobConfig[] = [{}];
  for (const { key, values } of axes) {
    jobs = jobs.flatMap((job) =>
      values.map((value) => ({ ...job, [key]: key === 'env' ? [value] : value })),
    );
  }
  return jobs;
}
