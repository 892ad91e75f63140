import type { BuildConfig, JobConfig, JobMatcher } from '../types.ts';
import type { Judge } from './conditions.ts';
import { isEqual } from './equal.ts';
import { globalRemover, type WithoutGlobal } from './global.ts';

/** The jobs no `jobs.exclude` entry matches, included ones too (spec 4, step 8). */
export function withoutExcluded(jobs: JobConfig[], config: BuildConfig, judge: Judge): JobConfig[] {
  const entries = config.jobs?.exclude ?? [];
  if (entries.length === 0) return jobs;
  const ignored = new Set<number>();
  const applied = new Set<number>();
  const withoutGlobal = globalRemover(config);
  const kept = jobs.filter(
    (job) =>
      !entries.some((entry, index) => {
        if (!matches(entry, job, withoutGlobal)) return false;
        const isMeant = judge.accepts(entry['if'], judge.jobData(job, []), 'jobs.exclude');
        (isMeant ? applied : ignored).add(index);
        return isMeant;
      }),
  );
  for (const index of ignored.difference(applied)) {
    const condition = entries[index]?.['if'] ?? null;
    const args = { number: index + 1, condition };
    judge.skipped('skip_exclude', `jobs.exclude.${index}`, 'jobs.exclude', args);
  }
  return kept;
}

function matches(entry: JobMatcher, job: JobConfig, withoutGlobal: WithoutGlobal): boolean {
  return Object.entries(entry).every(([key, value]) => {
    switch (key) {
      case 'if':
        return true;
      case 'env':
        return isEqual(withoutGlobal(job.env ?? []), value);
      case 'stage':
        return sameStage(job.stage ?? 'test', value);
      default:
        return isEqual(job[key], value);
    }
  });
}

function sameStage(stage: string, value: JobMatcher[string]): boolean {
  return typeof value === 'string' && stage.toLowerCase() === value.toLowerCase();
}
