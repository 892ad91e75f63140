import { type JobConfig, matrixKeys } from '@sluice/travis-config';

/** For each job the values that tell it from the others, such as `python=3.11 A=1`; a job alone has all of its own. */
export function distinctions(jobs: readonly JobConfig[]): string[] {
  const values = jobs.map(valuesOf);
  const common = new Set(
    jobs.length < 2 ? [] : values[0]?.filter((value) => values.every((own) => own.includes(value))),
  );
  return values.map((own) => own.filter((value) => !common.has(value)).join(' '));
}

function valuesOf(job: JobConfig): string[] {
  const axes = ['language', ...matrixKeys]
    .filter((key) => key !== 'env' && job[key] !== undefined)
    .map((key) => `${key}=${shown(job[key])}`);
  const env = (job.env ?? []).flatMap((row) =>
    Object.entries(row).map(([name, value]) =>
      typeof value === 'string' && name !== 'secure' ? `${name}=${value}` : '[secure]',
    ),
  );
  return [...axes, ...env];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
