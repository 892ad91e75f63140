import type { EnvironmentLimitsPatch, EnvironmentLimits as LimitsJson } from '@sluice/contract';
import type { EnvironmentLimits } from '../applications/index.ts';
import type { LimitPolicy } from '../deploy/runtimes/limits.ts';
import { SluiceError } from '../errors.ts';

export function limitsJson(policy: LimitPolicy | null, own: EnvironmentLimits): LimitsJson | null {
  if (policy === null) return null;
  const { milliCpus, memoryBytes, processes } = policy.view(own);
  return { milli_cpus: milliCpus, memory_bytes: memoryBytes, processes };
}

/** Throws `conflict` (`no_limits`), and `invalid` for what cannot be had. */
export function readLimits(
  policy: LimitPolicy | null,
  patch: EnvironmentLimitsPatch,
): Partial<EnvironmentLimits> {
  if (policy === null) {
    throw new SluiceError('conflict', 'Applications run as processes here, which have no limits.', {
      reason: 'no_limits',
      remedy: 'Limits need the Docker runtime (setting `runtime`).',
    });
  }
  const { milli_cpus: milliCpus, memory_bytes: memoryBytes, processes } = patch;
  const wish = {
    ...(milliCpus === undefined ? {} : { milliCpus }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(processes === undefined ? {} : { processes }),
  };
  policy.check(wish);
  return wish;
}
