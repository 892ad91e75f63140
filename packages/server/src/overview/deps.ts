import type { Runtime } from '../deploy/runtimes/runtime.ts';
import type { Git } from '../git/types.ts';
import type { Store } from '../store/index.ts';

export interface OverviewDeps {
  readonly store: Store;
  readonly git: Pick<Git, 'history' | 'commits'>;
  readonly runtime: Pick<Runtime, 'instances'>;
  /** The address of an environment, by the first label of its host name. */
  readonly url: (hostLabel: string) => string;
}
