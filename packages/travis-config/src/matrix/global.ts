import type { BuildConfig, EnvRow } from '../types.ts';
import { fingerprint } from './equal.ts';

/** A job's rows without those of `env.global`. */
export function withoutGlobal(rows: readonly EnvRow[], config: BuildConfig): EnvRow[] {
  const global = new Set((config.env?.global ?? []).map(fingerprint));
  return rows.filter((row) => !global.has(fingerprint(row)));
}
