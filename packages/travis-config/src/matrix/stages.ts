import type { BuildConfig, JobConfig, Stage } from '../types.ts';
import type { Judge } from './conditions.ts';

const defaultStage = 'test';

/**
 * Gives each job its stage, and the stages their order (spec 4, step 12). Without `stages` and without a job
 * that names one there are none.
 */
export function withStages(
  given: JobConfig[],
  config: BuildConfig,
  judge: Judge,
): { jobs: JobConfig[]; stages: Stage[] } {
  const configured = config.stages ?? [];
  if (configured.length === 0 && given.every((job) => job.stage === undefined)) {
    return { jobs: given, stages: [] };
  }
  const jobs = assigned(given, configured);
  const stages = accepted(ordered(configured, jobs), config, judge);
  const names = new Set(stages.map(({ name }) => name.toLowerCase()));
  const kept = jobs.filter(({ stage = '' }) => names.has(stage.toLowerCase()));
  const used = new Set(kept.map(({ stage = '' }) => stage.toLowerCase()));
  return { jobs: kept, stages: stages.filter(({ name }) => used.has(name.toLowerCase())) };
}

/** A job without a stage has that of the job before it, the first one the default. */
function assigned(jobs: JobConfig[], configured: readonly Stage[]): JobConfig[] {
  const names = [...configured.map(({ name }) => name), ...jobs.map((job) => job.stage)];
  let stage = names.find((name) => name?.toLowerCase() === defaultStage) ?? defaultStage;
  return jobs.map((job) => {
    stage = job.stage ?? stage;
    return { ...job, stage };
  });
}

/** Those of `stages`, then those met in jobs; names compare without case, the first spelling stays. */
function ordered(configured: readonly Stage[], jobs: JobConfig[]): Stage[] {
  const stages = new Map<string, Stage>();
  for (const stage of [...configured, ...jobs.map((job) => ({ name: job.stage ?? '' }))]) {
    const key = stage.name.toLowerCase();
    if (!stages.has(key)) stages.set(key, stage);
  }
  return [...stages.values()];
}

function accepted(stages: Stage[], config: BuildConfig, judge: Judge): Stage[] {
  const data = judge.rootData(config, config.env?.global ?? []);
  return stages.filter((stage) => {
    if (judge.accepts(stage.if, data, 'stages')) return true;
    const index = config.stages?.indexOf(stage) ?? -1;
    const args = { number: index + 1, condition: stage.if ?? null };
    judge.skipped('skip_stage', `stages.${index}`, 'stages', args);
    return false;
  });
}
