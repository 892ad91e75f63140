import { startOfFile } from '../limits.ts';
import { unsupported } from '../matrix/supported.ts';
import type { Json } from '../messages.ts';
import type { BuildConfig, JobConfig } from '../types.ts';
import { type Context, report } from './context.ts';

/** Warns of keys that have no effect with the language and systems given, at the root and in jobs (spec 2). */
export function reportUnsupported(config: BuildConfig, context: Context): void {
  const os = config.os ?? [];
  reportKeys(config, { language: config.language, os }, { key: '', exact: '' }, context);
  for (const [index, job] of (config.jobs?.include ?? []).entries()) {
    const surroundings = {
      language: job.language ?? config.language,
      os: job.os === undefined ? os : [job.os],
    };
    const exact = `jobs.include.${index}`;
    reportKeys(job, surroundings, { key: 'jobs.include', exact }, context);
  }
}

function reportKeys(
  values: BuildConfig | JobConfig,
  surroundings: { language: string | undefined; os: readonly string[] },
  path: { key: string; exact: string },
  context: Context,
): void {
  for (const [key, value] of Object.entries(values)) {
    const reason = unsupported(key, surroundings);
    if (!reason || value === undefined) continue;
    const exact = path.exact === '' ? key : `${path.exact}.${key}`;
    // A default nobody wrote has no place in the file and needs no warning.
    const at = context.positions.get(exact);
    if (!at) continue;
    const name = path.key === '' ? key : `${path.key}.${key}`;
    const args: { [name: string]: Json } = { ...reason, key, value };
    report(context, 'unsupported', { key: name, exact }, at ?? startOfFile, args);
  }
}
