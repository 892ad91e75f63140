import type { CiRepositoryPatch } from '@sluice/contract';
import type { RepositorySettings } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';

/** Reads a PATCH whose values may be JSON or form text (spec/divio.md 4.1: scripts post forms). Throws `invalid`. */
export function readPatch(
  body: CiRepositoryPatch,
): Partial<RepositorySettings> & { active?: boolean } {
  const change: { active?: boolean; strictToolchains?: boolean | null; maxJobs?: number | null } =
    {};
  if (body.active !== undefined) change.active = readBoolean('active', body.active);
  const strict = body.strict_toolchains;
  if (strict !== undefined) {
    change.strictToolchains =
      strict === null || strict === '' ? null : readBoolean('strict_toolchains', strict);
  }
  const jobs = body.maximum_number_of_builds;
  if (jobs !== undefined) {
    change.maxJobs =
      jobs === null || jobs === '' || Number(jobs) === 0
        ? null
        : readPositive('maximum_number_of_builds', jobs);
  }
  return change;
}

function readBoolean(field: string, value: boolean | string): boolean {
  if (typeof value === 'boolean') return value;
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw invalid(field, 'Must be true or false.');
}

function readPositive(field: string, value: number | string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw invalid(field, 'Must be a positive whole number, or 0 for no limit.');
}

function invalid(field: string, text: string): SluiceError {
  return new SluiceError('invalid', text, { fields: { [field]: [text] } });
}
