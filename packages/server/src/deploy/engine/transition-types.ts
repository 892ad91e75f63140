import type { Trx } from '../../store/index.ts';
import type { Decided } from '../ordering/types.ts';
import type { Who } from './context.ts';

/** Deployments by acceptance number. */
export interface Names {
  uuidOf(number: number): string | null;
}

/** Who caused a transition, for the deployments that it makes. */
export interface Origin {
  readonly who: Who;
  readonly via: string;
}

export interface TransitionOptions {
  readonly origin?: Origin;
  /** The caller's right to run: with another number in the environment, `FenceLost` is thrown. */
  readonly fence?: number;
  /** Called when its turn has come and nothing is read yet. */
  readonly begun?: () => void;
  /** Progress of the running deployment, 0 to 100. */
  readonly percent?: number;
  /** More rows for the same transaction; awaits nothing but its own queries. */
  readonly also?: (trx: Trx, names: Names, decided: Decided) => Promise<void>;
}
