import type { JobConfig, Stage } from '../types.ts';

/** By stage, then jobs that may fail after the others, then as they were (spec 4, step 14). */
export function inOrder(jobs: JobConfig[], stages: readonly Stage[]): JobConfig[] {
  const order = new Map(stages.map(({ name }, index) => [name.toLowerCase(), index]));
  const rank = (job: JobConfig): number => {
    const stage = order.get(job.stage?.toLowerCase() ?? '') ?? 0;
    return 2 * stage + (job.allow_failure === true ? 1 : 0);
  };
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}
