import type { Snapshot } from '../../applications/types.ts';
import type { Git } from '../../git/types.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import type { Limits } from '../ordering/types.ts';
import type { Pipeline } from '../pipeline-types.ts';

/** What the engine is given; `deploy/index.ts` explains each. */
export interface EngineDeps {
  readonly store: Store;
  readonly git: Pick<Git, 'history' | 'fetch' | 'readFile'>;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly applications: { snapshot(environmentUuid: string): Promise<Snapshot> };
  readonly pipeline: Pipeline;
  /** `upSince` is the engine's own to say. */
  readonly limits: Omit<Limits, 'upSince'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown, context: string) => void;
  /**
   * Called at every point where a crash must do no harm, before it is passed; tests stop or kill the
   * process there. Absent in production.
   */
  readonly debugPoint?: ((name: string) => Promise<void> | void) | undefined;
}

/** Who does something, as it is recorded. */
export interface Who {
  readonly userUuid: string;
  readonly email: string;
  /** False for a person: one who names a commit answers for it where it can make no build (2.3). */
  readonly isMachine?: boolean;
}

export const SYSTEM: Who = { userUuid: '', email: 'sluice', isMachine: true };
