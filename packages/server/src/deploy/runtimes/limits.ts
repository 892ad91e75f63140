import type { EnvironmentLimits } from '../../applications/index.ts';
import { SluiceError } from '../../errors.ts';

/** Of one container. 0: no limit. */
export interface ResourceLimits {
  /** Thousandths of a processor. */
  readonly milliCpus: number;
  readonly memoryBytes: number;
  /** And threads. */
  readonly processes: number;
}

/** One limit of an environment, as people see it. Null: none. */
export interface LimitView {
  /** The environment's own; null: it has the default. 0: it wants none. */
  readonly own: number | null;
  /** What holds for the next container. */
  readonly value: number | null;
  readonly default: number | null;
  readonly max: number | null;
}

export type LimitsView = { readonly [Name in keyof ResourceLimits]: LimitView };

/** What environments may use: the administrator's defaults and caps, and what each asks for within them. */
export interface LimitPolicy {
  /** What a container of the environment gets. A cap that came later than the wish holds all the same. */
  effective(own: EnvironmentLimits): ResourceLimits;
  /** Throws `invalid` with the fields (`limits.memory_bytes`, ...) that cannot be had. */
  check(wish: Partial<EnvironmentLimits>): void;
  view(own: EnvironmentLimits): LimitsView;
}

type Name = keyof ResourceLimits;

const NAMES: readonly Name[] = ['milliCpus', 'memoryBytes', 'processes'];
const FIELDS = {
  milliCpus: 'milli_cpus',
  memoryBytes: 'memory_bytes',
  processes: 'processes',
} as const;
/** Below these no engine starts a container. */
const LEAST: ResourceLimits = { milliCpus: 10, memoryBytes: 6 * 1024 ** 2, processes: 1 };

export function createLimitPolicy(defaults: ResourceLimits, most: ResourceLimits): LimitPolicy {
  const capped = (name: Name, value: number): number => {
    if (most[name] === 0) return value;
    return value === 0 ? most[name] : Math.min(value, most[name]);
  };
  const effective: LimitPolicy['effective'] = (own) =>
    each((name) => capped(name, own[name] ?? defaults[name]));
  return {
    effective,
    check: (wish) => {
      const fields: Record<string, string[]> = {};
      for (const name of NAMES) {
        const complaint = complain(name, wish[name] ?? null, most[name]);
        if (complaint !== null) fields[`limits.${FIELDS[name]}`] = [complaint];
      }
      const [first] = Object.values(fields);
      if (first !== undefined) throw new SluiceError('invalid', first.join(' '), { fields });
    },
    view: (own) => {
      const values = effective(own);
      return each((name) => ({
        own: own[name],
        value: values[name] || null,
        default: capped(name, defaults[name]) || null,
        max: most[name] || null,
      }));
    },
  };
}

function complain(name: Name, value: number | null, most: number): string | null {
  if (value === null) return null;
  if (most > 0 && (value === 0 || value > most)) {
    const wish = value === 0 ? 'No limit' : inWords(name, value);
    return `${wish} is more than the administrator allows (${inWords(name, most)}).`;
  }
  if (value !== 0 && value < LEAST[name]) {
    return `${inWords(name, value)} is too little to start anything: use at least ${inWords(name, LEAST[name])}.`;
  }
  return null;
}

/** `1.5 processors`, `512 MB of memory`, `200 processes`. */
export function inWords(name: Name, value: number): string {
  if (name === 'milliCpus') return `${value / 1_000} processors`;
  if (name === 'processes') return `${value} processes`;
  const megabytes = value / 1024 ** 2;
  return `${Number.isInteger(megabytes) ? megabytes : megabytes.toFixed(1)} MB of memory`;
}

function each<T>(of: (name: Name) => T): { readonly [One in Name]: T } {
  return {
    milliCpus: of('milliCpus'),
    memoryBytes: of('memoryBytes'),
    processes: of('processes'),
  };
}
