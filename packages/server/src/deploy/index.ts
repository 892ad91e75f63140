import type { Snapshot } from '../applications/index.ts';
import type { Git } from '../git/index.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import type { EngineDeps, Who } from './engine/context.ts';
import { logStream } from './engine/deployment-log.ts';
import { createEngine } from './engine/engine.ts';
import {
  deploymentsOfCommit,
  type EnvironmentStateView,
  environmentState,
  keptReleases,
  type ReleaseView,
} from './engine/environment-view.ts';
import type { SignalInput } from './engine/intake.ts';
import type { RollbackTo } from './engine/rollback.ts';
import { openVariables } from './engine/started-with.ts';
import { createViews, type DeploymentFilter, type DeploymentView } from './engine/views.ts';
import { DEFAULT_LIMITS } from './ordering/types.ts';
import type { Pipeline } from './pipeline-types.ts';
import type { LogPage } from './runtimes/runtime.ts';
import { createWhy, type WhyView } from './why/why.ts';

export type { Who } from './engine/context.ts';
export type { EnvironmentStateView, ReleaseView } from './engine/environment-view.ts';
export type { SignalInput } from './engine/intake.ts';
export type { RollbackTo } from './engine/rollback.ts';
export type { DeploymentFilter, DeploymentView } from './engine/views.ts';

export interface DeployDeps {
  readonly store: Store;
  readonly git: Pick<Git, 'history' | 'fetch' | 'readFile'>;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly applications: { snapshot(environmentUuid: string): Promise<Snapshot> };
  readonly pipeline: Pipeline;
  readonly runtime: {
    logs(environmentUuid: string, cursor: string | null, limit: number): Promise<LogPage>;
  };
  readonly settings: {
    /** How long a commit that is not here yet is awaited (ordering.md 2.4). */
    readonly commitWaitMs: number;
    /** How long a build of a commit may take to exist (2.3). */
    readonly buildAbsentMs: number;
    /** When a mirror is looked at again before a commit is judged off the branch (2.2). */
    readonly secondLookMs?: number;
  };
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  readonly onError?: (error: unknown, context: string) => void;
  readonly debugPoint?: EngineDeps['debugPoint'];
}

/** Signals in, deployments out: the room that decides which commit goes live (ordering.md). */
export interface Deploy {
  /** Heals what a crash left, takes up what was running, and begins to listen for pushes and builds. */
  start(): Promise<void>;
  /** Starts nothing new; resolves when nothing runs any more. */
  drain(): Promise<void>;
  /** Lets go; applications serve on, and the next start takes up what was running. */
  stop(): Promise<void>;
  /**
   * Accepts a signal; durable when this resolves. `joined`: it belongs to a deployment that was there.
   * Throws `invalid` for a prefix that is unknown or ambiguous, `not_found`, and `conflict`
   * (`idempotency_key_reused`).
   */
  signal(input: SignalInput): Promise<{ deployment: DeploymentView; joined: boolean }>;
  /** Throws `conflict` (`already_live`, `already_ended`), `not_found`. */
  cancel(deploymentUuid: string, who: Who): Promise<DeploymentView>;
  /** To be called when an environment, or its application, was removed: ends what is under way there. */
  environmentRemoved(environmentUuid: string, who: Who): Promise<void>;
  /** Deploys a kept release and puts the environment on hold. Throws `conflict` (`image_gone`, `no_release`). */
  rollback(environmentUuid: string, to: RollbackTo, who: Who): Promise<DeploymentView>;
  /** Lifts the hold and deploys the candidate; null where there is none. */
  resume(environmentUuid: string, who: Who): Promise<DeploymentView | null>;
  get(deploymentUuid: string): Promise<DeploymentView | null>;
  /** Newest first, unless `unfinishedLast` or `only` say otherwise. */
  list(
    filter: DeploymentFilter,
  ): Promise<{ count: number; deployments: readonly DeploymentView[] }>;
  /** The deployment's stream in the log store. */
  log(deploymentUuid: string): string;
  why(applicationUuid: string, commit: string): Promise<WhyView>;
  environmentState(environmentUuid: string): Promise<EnvironmentStateView>;
  releases(environmentUuid: string): Promise<readonly ReleaseView[]>;
  variablesOf(
    deploymentUuid: string,
  ): Promise<readonly { readonly name: string; readonly value: string | null }[]>;
  applicationLog(environmentUuid: string, cursor: string | null, limit: number): Promise<LogPage>;
  deploymentsOfCommit(repositoryUuid: string, sha: string): ReturnType<typeof deploymentsOfCommit>;
  /** To be called when an environment's branch or settings changed. */
  environmentChanged(environmentUuid: string): Promise<void>;
}

export function createDeploy(deps: DeployDeps): Deploy {
  const { store, settings } = deps;
  const engine = createEngine({
    store,
    git: deps.git,
    secrets: deps.secrets,
    applications: deps.applications,
    pipeline: deps.pipeline,
    limits: {
      awaitCommitMs: settings.commitWaitMs,
      awaitBuildMs: settings.buildAbsentMs,
      secondLookMs: settings.secondLookMs ?? DEFAULT_LIMITS.secondLookMs,
    },
    now: deps.now ?? Date.now,
    onError: deps.onError ?? (() => undefined),
    debugPoint: deps.debugPoint,
  });
  const views = createViews(store);
  const view = async (uuid: string): Promise<DeploymentView> => {
    const found = await views.get(uuid);
    if (!found) throw new Error(`deployment ${uuid} is gone`);
    return found;
  };

  return {
    start: engine.start,
    drain: engine.drain,
    stop: engine.stop,
    signal: async (input) => {
      const { deploymentUuid, joined } = await engine.accept(input);
      return { deployment: await view(deploymentUuid), joined };
    },
    cancel: async (deploymentUuid, who) => {
      await engine.cancel(deploymentUuid, who);
      return view(deploymentUuid);
    },
    rollback: async (environmentUuid, to, who) =>
      view(await engine.rollback(environmentUuid, to, who)),
    resume: async (environmentUuid, who) => {
      const uuid = await engine.resume(environmentUuid, who);
      return uuid === null ? null : view(uuid);
    },
    get: views.get,
    list: views.list,
    log: logStream,
    why: createWhy({ store, git: deps.git }),
    environmentState: (environmentUuid) => environmentState(store, environmentUuid),
    releases: (environmentUuid) => keptReleases(store, environmentUuid),
    variablesOf: (deploymentUuid) => openVariables(deps, deploymentUuid),
    applicationLog: deps.runtime.logs,
    deploymentsOfCommit: (repositoryUuid, sha) => deploymentsOfCommit(store, repositoryUuid, sha),
    environmentChanged: engine.observe,
    environmentRemoved: engine.close,
  };
}
