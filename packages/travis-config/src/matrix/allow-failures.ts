import type { ConditionData } from '../conditions/index.ts';
import type { Json } from '../messages.ts';
import type { BuildConfig, EnvRow, JobConfig, JobMatcher } from '../types.ts';
import type { Judge } from './conditions.ts';
import { isEqual } from './equal.ts';
import { globalRemover, type WithoutGlobal } from './global.ts';

/** Marks the jobs that may fail (spec 4, step 13). */
export function withAllowedFailures(
  jobs: JobConfig[],
  config: BuildConfig,
  data: ConditionData,
  judge: Judge,
): JobConfig[] {
  const entries = config.jobs?.allow_failures ?? [];
  if (entries.length === 0) return jobs;
  const skipped = new Set<number>();
  const applied = new Set<number>();
  const withoutGlobal = globalRemover(config);
  const marked = jobs.map((job) => {
    const isAllowed = entries.some((entry, index) => {
      if (!matches(entry, job, data, withoutGlobal)) return false;
      const isMeant = judge.accepts(entry['if'], judge.jobData(job, []), 'jobs.allow_failures');
      (isMeant ? applied : skipped).add(index);
      return isMeant;
    });
    return isAllowed ? { ...job, allow_failure: true } : job;
  });
  for (const index of skipped.difference(applied)) {
    const args = { number: index + 1, condition: entries[index]?.['if'] ?? null };
    const key = 'jobs.allow_failures';
    judge.skipped('skip_allow_failure', `${key}.${index}`, key, args);
  }
  return marked;
}

/** All keys equal; an empty entry matches every job. */
function matches(
  entry: JobMatcher,
  job: JobConfig,
  data: ConditionData,
  withoutGlobal: WithoutGlobal,
): boolean {
  return Object.entries(entry).every(([key, value]) => {
    switch (key) {
      case 'if':
        return true;
      case 'branch':
        return data.branch === value;
      case 'env':
        return sameRow(job.env ?? [], value, withoutGlobal);
      case 'stage':
        return sameStage(job.stage, value);
      default:
        return isEqual(job[key], value);
    }
  });
}

/** The full row, with or without the global variables. */
function sameRow(env: EnvRow[], value: Json | undefined, withoutGlobal: WithoutGlobal): boolean {
  return isEqual(env, value) || isEqual(withoutGlobal(env), value);
}

function sameStage(stage: string | undefined, value: Json | undefined): boolean {
  return typeof value === 'string' && (stage ?? 'test').toLowerCase() === value.toLowerCase();
}
