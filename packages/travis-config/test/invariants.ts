import { expect } from 'vitest';
import {
  type BuildConfig,
  type ConditionData,
  type JobConfig,
  matrixKeys,
  type Plan,
  parse,
  plan,
} from '../src/index.ts';

const phases =
  /^(?:before|after)_(?:install|script|cache|deploy|success|failure)$|^(?:install|script)$/;

/** The number of jobs before any is dropped, counted here independently of the library. */
export function rawSize(config: BuildConfig): number {
  const lengths = [...matrixKeys.map((key) => config[key]), config.env?.jobs]
    .filter((values) => Array.isArray(values))
    .map((values) => values.length);
  const product = lengths.reduce((size, length) => size * length, lengths.length > 0 ? 1 : 0);
  return product + (config.jobs?.include?.length ?? 0);
}

/** What holds for the plan of any file whatsoever. */
export function checkPlan(text: string, data: ConditionData, defaults: boolean): Plan {
  const result = plan(text, data, { defaults });
  const { config, jobs, stages, messages } = result;
  // Plain data, the same each time.
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  expect(plan(text, data, { defaults })).toEqual(result);
  // A normalised configuration is already normal.
  expect(parse(JSON.stringify(config), { defaults: false }).config).toEqual(config);
  // Size.
  expect(jobs.length).toBeLessThanOrEqual(Math.max(1, rawSize(config)));
  expect(new Set(jobs.map((job) => JSON.stringify(job))).size).toBe(jobs.length);
  for (const job of jobs) checkJob(job);
  checkStages(result);
  expect(stages.length === 0 || jobs.length > 0).toBe(true);
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const message of messages) {
    expect(message.line).toBeGreaterThanOrEqual(1);
    expect(message.line).toBeLessThanOrEqual(lines);
    expect(message.column).toBeGreaterThanOrEqual(1);
    expect(message.key).toMatch(/^[^.\s]/);
  }
  return result;
}

function checkJob(job: JobConfig): void {
  for (const key of ['jobs', 'stages', 'notifications', 'import', 'version']) {
    expect(job).not.toHaveProperty(key);
  }
  for (const [key, value] of Object.entries(job)) {
    expect(value, key).not.toBe(undefined);
    expect(value, key).not.toBe(null);
    if (key !== 'dart_task' && matrixKeys.some((matrixKey) => matrixKey === key)) {
      expect(typeof value, key).toBe('string');
    }
    if (phases.test(key)) {
      expect(Array.isArray(value) && value.length > 0, key).toBe(true);
      for (const command of value as unknown[]) expect(typeof command).toBe('string');
    }
  }
  for (const row of job.env ?? []) {
    for (const value of Object.values(row)) {
      expect(typeof value === 'string' || typeof value.secure === 'string').toBe(true);
    }
  }
}

/** Jobs stand in the order of the stages, those that may fail last in each. */
function checkStages({ jobs, stages }: Plan): void {
  const names = stages.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  const ranks = jobs.map((job) => {
    const index = names.length > 0 ? names.indexOf(job.stage?.toLowerCase() ?? '') : 0;
    expect(index).toBeGreaterThanOrEqual(0);
    return 2 * index + (job.allow_failure === true ? 1 : 0);
  });
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  for (const index of names.keys()) {
    expect(ranks.some((rank) => rank >> 1 === index)).toBe(true);
  }
}
