import { startOfFile } from '../limits.ts';
import type { BuildConfig } from '../types.ts';
import { type Context, report } from './context.ts';

/** Notes job names given more than once: allowed, but rarely meant. */
export function reportDuplicates(config: BuildConfig, context: Context): void {
  const seen = new Set<string>();
  for (const [index, { name }] of (config.jobs?.include ?? []).entries()) {
    if (name === undefined) continue;
    if (seen.has(name)) {
      const exact = `jobs.include.${index}`;
      const at = context.positions.get(exact) ?? startOfFile;
      report(context, 'duplicate', { key: 'jobs.include', exact }, at, { values: `name: ${name}` });
    }
    seen.add(name);
  }
}
