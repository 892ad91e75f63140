import type { BuildConfig, EnvRow } from '../types.ts';
import { fingerprint } from './equal.ts';

/** Takes the rows of `env.global` out of a job's. */
export type WithoutGlobal = (rows: readonly EnvRow[]) => EnvRow[];

/** A {@link WithoutGlobal} for one configuration; made once, since it is asked for each job and entry. */
export function globalRemover(config: BuildConfig): WithoutGlobal {
  const global = new Set((config.env?.global ?? []).map((row) => fingerprint(row)));
  if (global.size === 0) return (rows) => [...rows];
  return (rows) => rows.filter((row) => !global.has(fingerprint(row)));
}
