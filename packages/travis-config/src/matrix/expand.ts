import type { ConditionData } from '../conditions/index.ts';
import { defaultLimits, type Limits } from '../limits.ts';
import { type Message, Messages, type Position } from '../messages.ts';
import { type Refusal, refusal } from '../request/refusal.ts';
import type { BuildConfig, JobConfig, Stage } from '../types.ts';
import { record } from '../yaml/node.ts';
import { withAllowedFailures } from './allow-failures.ts';
import { axesOf, checkSize, product } from './axes.ts';
import { Judge } from './conditions.ts';
import { unique } from './equal.ts';
import { withoutExcluded } from './exclude.ts';
import { withIncluded } from './include.ts';
import { inherited } from './inherit.ts';
import { inOrder } from './order.ts';
import { withStages } from './stages.ts';
import { unsupported } from './supported.ts';

export interface ExpandOptions {
  limits?: Partial<Limits>;
  /** Where values stood, from {@link parse}, for the messages. */
  positions?: ReadonlyMap<string, Position>;
}

export interface Expansion {
  /** In their final order: number them from 1. */
  jobs: JobConfig[];
  /** In order, with those jobs they have; empty when neither the file nor a job names a stage. */
  stages: Stage[];
  /** Why there is to be no build; the jobs are there nevertheless. */
  refused?: Refusal;
  messages: Message[];
}

/**
 * The jobs and stages of a configuration (spec 4), for one build.
 *
 * `data` holds the variables of spec 13 and, as `env`, the public variables of the repository's settings.
 * No jobs at all means the build is errored ("matrix is empty").
 *
 * @throws ConfigError `matrix_too_large`, before anything is expanded
 */
export function expand(
  config: BuildConfig,
  data: ConditionData = {},
  options: ExpandOptions = {},
): Expansion {
  checkSize(config, { ...defaultLimits, ...options.limits });
  const messages = new Messages();
  const judge = new Judge(data, messages, options.positions ?? new Map());
  const refused = refusal(config, data, judge);

  const axes = axesOf(config);
  const expanded = withIncluded(product(axes), axes, config);
  const given = expanded.length > 0 ? expanded : [{}];
  const complete = inherited(given, config);
  // The root's condition, which jobs inherit like any key, was about the build.
  const conditional = new WeakSet(complete.filter((_, index) => given[index]?.if !== undefined));
  const kept = withoutExcluded(complete, config, judge).map((job) => {
    const supported = supportedOnly(job);
    if (conditional.has(job)) conditional.add(supported);
    return supported;
  });
  const accepted = withoutRefused(unique(kept), (job) => conditional.has(job), judge);
  const staged = withStages(accepted, config, judge);
  const jobs = withAllowedFailures(staged.jobs, config, data, judge);
  return {
    jobs: inOrder(jobs, staged.stages),
    stages: staged.stages,
    ...(refused ? { refused } : {}),
    messages: messages.list,
  };
}

/** A job without the keys that have no effect on its language and system (spec 4, step 9). */
function supportedOnly(job: JobConfig): JobConfig {
  const surroundings = { language: job.language, os: job.os === undefined ? [] : [job.os] };
  return record(Object.entries(job).filter(([key]) => !unsupported(key, surroundings)));
}

/** The jobs without those whose own condition does not hold (spec 4, step 11). */
function withoutRefused(
  jobs: JobConfig[],
  isConditional: (job: JobConfig) => boolean,
  judge: Judge,
): JobConfig[] {
  return jobs.filter((job, index) => {
    if (!isConditional(job)) return true;
    if (judge.accepts(job.if, judge.jobData(job, []), 'jobs.include')) return true;
    const args = { number: index + 1, condition: job.if ?? null };
    judge.skipped('skip_job', 'jobs.include', 'jobs.include', args);
    return false;
  });
}
