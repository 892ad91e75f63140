import type { Json } from '../messages.ts';

/** One dimension of the matrix. */
export interface Axis {
  key: string;
  values: readonly Json[];
}
