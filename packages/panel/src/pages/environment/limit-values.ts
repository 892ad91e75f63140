import type { EnvironmentLimits } from '@sluice/contract';
import { limits as text } from '../../text/limits.ts';
import { bytesText } from '../../text/units.ts';

export type LimitKind = keyof EnvironmentLimits;
export const LIMIT_KINDS = ['milli_cpus', 'memory_bytes', 'processes'] as const;

/** How many of what the server counts make one of what people write: cores and MB. */
export const UNIT: Readonly<Record<LimitKind, number>> = {
  milli_cpus: 1_000,
  memory_bytes: 1_024 * 1_024,
  processes: 1,
};

const TEXTS: Readonly<Record<LimitKind, (value: number) => string>> = {
  milli_cpus: (value) => text.cores(value / UNIT.milli_cpus),
  memory_bytes: bytesText,
  processes: text.count,
};

/** `0.5 cores`, `512 MB`, `200`; null is no limit. */
export const limitText = (kind: LimitKind, value: number | null): string =>
  value === null ? text.none : TEXTS[kind](value);
