import type { JobLimits } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The service's own defaults (docs/reference/settings.md). */
export const DEFAULT_LIMITS: JobLimits = {
  silenceMs: 10 * 60_000,
  totalMs: 50 * 60_000,
  afterVerdictMs: 120 * 60_000,
  logBytes: 4_000_000,
};

export interface LimitOptions {
  readonly jobSeconds?: string;
  readonly jobSilenceSeconds?: string;
}

/** The limits of a job, with those that the command line changes. */
export function limitsOf(options: LimitOptions): JobLimits {
  const { jobSeconds, jobSilenceSeconds } = options;
  return {
    ...DEFAULT_LIMITS,
    ...(jobSeconds === undefined ? {} : { totalMs: positive('--job-seconds', jobSeconds) * 1000 }),
    ...(jobSilenceSeconds === undefined
      ? {}
      : { silenceMs: positive('--job-silence-seconds', jobSilenceSeconds) * 1000 }),
  };
}

/** A positive number of the command line. */
export function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new CommandError(exitCodes.usage, `${flag} must be a positive number, not "${text}".`);
}
