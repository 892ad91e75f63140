import type { Applications } from '../../applications/index.ts';
import type { Git } from '../../git/types.ts';
import type { Router } from '../../router/index.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import type { ProbeTiming, Runtime, ServiceMount } from '../runtimes/runtime.ts';
import type { Routing } from './routing.ts';

/** The rooms that the pipeline works with; joined in `main.ts`. */
export interface PipelineRooms {
  readonly store: Store;
  readonly git: Pick<Git, 'commit' | 'checkout'>;
  readonly applications: Pick<
    Applications,
    'get' | 'environment' | 'snapshot' | 'secretKey' | 'host' | 'domains'
  >;
  readonly services: AttachedServices;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly router: Pick<Router, 'setRoutes' | 'removeRoute' | 'routes' | 'drained'>;
  readonly runtime: Runtime;
  readonly limits: PipelineLimits;
  readonly logger: PipelineLogger;
}

/** What stands behind an environment: databases and the like. */
export interface AttachedServices {
  /** Resolves when all of them answer; throws with the reason when one does not. */
  attach(
    environmentUuid: string,
    say: (text: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  injected(environmentUuid: string): Promise<{
    readonly variables: Readonly<Record<string, string>>;
    /** Values that no log may show. */
    readonly secrets: readonly string[];
    readonly mounts: readonly ServiceMount[];
  }>;
}

/** Everything that its steps are given. */
export interface PipelineDeps extends PipelineRooms {
  readonly routing: Routing;
}

export interface PipelineLimits {
  readonly buildMs: number;
  /** Of each release command. */
  readonly releaseCommandMs: number;
  readonly probe: ProbeTiming;
  /** How long old instances may finish their requests, and then have from SIGTERM to SIGKILL. */
  readonly drainMs: number;
  readonly stopGraceMs: number;
  /** Releases of an environment that can be rolled back to. */
  readonly keepReleases: number;
}

/** A part of pino's. */
export interface PipelineLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
