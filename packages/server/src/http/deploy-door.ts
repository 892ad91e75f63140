/**
 * What the HTTP door asks of the deploy room. Times are ISO 8601; `endedAt` is null exactly while `success` is;
 * a superseded deployment mirrors the one that took its place (spec/divio.md 3.5).
 */
export interface DeploymentView {
  readonly uuid: string;
  readonly applicationUuid: string;
  readonly environmentUuid: string;
  /** Upper case, spec/ordering.md 2.5. */
  readonly status: string;
  readonly percent: number;
  readonly success: boolean | null;
  readonly startedAt: string;
  readonly queuedAt: string | null;
  readonly runningAt: string | null;
  readonly endedAt: string | null;
  readonly buildMode: string;
  readonly target: string | null;
  readonly sha: string | null;
  readonly branch: string | null;
  readonly requestedBy: string | null;
  readonly supersededBy: string | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly imageAdoptedFrom: string | null;
  readonly releaseUuid: string | null;
}

/** A person or machine as the deploy room records it. */
export interface Who {
  readonly userUuid: string;
  readonly email: string;
  /** A person who names a commit answers for it where it can make no build (spec/ordering.md 2.3). */
  readonly isMachine: boolean;
}

/** Who asks, for the deploy room. */
export const whoIs = (identity: Who): Who => ({
  userUuid: identity.userUuid,
  email: identity.email,
  isMachine: identity.isMachine,
});

export interface SignalInput {
  readonly environmentUuid: string;
  /** Absent: the environment's branch. */
  readonly target?: string;
  readonly buildMode?: 'AUTO' | 'ADOPT' | 'FORCE';
  readonly via: 'v1' | 'v3' | 'cli' | 'auto' | 'resume';
  readonly identity: Who;
  readonly idempotencyKey?: string;
  readonly allowOffBranch?: boolean;
  readonly overrideHold?: boolean;
}

export interface DeploymentFilter {
  readonly applicationUuids?: readonly string[];
  readonly environmentUuids?: readonly string[];
  /** Rule R6 (spec/divio.md 6.1): unfinished ones after the finished, and not at all where none has finished. */
  readonly unfinishedLast?: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface EnvironmentStateView {
  readonly liveDeploymentUuid: string | null;
  readonly liveCommit: string | null;
  readonly hold: {
    readonly since: string;
    readonly by: string | null;
    readonly reason: string | null;
  } | null;
}

export interface ReleaseView {
  readonly uuid: string;
  readonly environmentUuid: string;
  readonly deploymentUuid: string | null;
  readonly sha: string;
  readonly createdAt: string;
  readonly isLive: boolean;
}

export interface WhyView {
  readonly commit: string;
  readonly build: { readonly state: string | null; readonly url: string | null } | null;
  readonly environments: readonly {
    readonly slug: string;
    readonly state: string;
    readonly reason: string | null;
    readonly rule: string | null;
    readonly deployment: string | null;
    readonly supersededBy: string | null;
  }[];
  readonly events: readonly unknown[];
}

export interface DeployDoor {
  signal(
    input: SignalInput,
  ): Promise<{ readonly deployment: DeploymentView; readonly joined: boolean }>;
  /** Throws `conflict` (`already_live`) past the switch. */
  cancel(deploymentUuid: string, who: Who): Promise<DeploymentView>;
  rollback(
    environmentUuid: string,
    to: {
      readonly releaseUuid?: string;
      readonly deploymentUuid?: string;
      readonly reason?: string;
    },
    who: Who,
  ): Promise<DeploymentView>;
  /** Null: only the hold was lifted. */
  resume(environmentUuid: string, who: Who): Promise<DeploymentView | null>;
  get(deploymentUuid: string): Promise<DeploymentView | null>;
  /** Newest first. */
  list(
    filter: DeploymentFilter,
  ): Promise<{ readonly count: number; readonly deployments: readonly DeploymentView[] }>;
  /** Its stream in the log store. */
  log(deploymentUuid: string): string;
  why(applicationUuid: string, commit: string): Promise<WhyView>;
  environmentState(environmentUuid: string): Promise<EnvironmentStateView>;
  releases(environmentUuid: string): Promise<readonly ReleaseView[]>;
  /** As the deployment was started with; null for sensitive ones. */
  variablesOf(
    deploymentUuid: string,
  ): Promise<readonly { readonly name: string; readonly value: string | null }[]>;
  /** To be told after a change of branch or settings, which may decide differently about what waits. */
  environmentChanged(environmentUuid: string): Promise<void>;
  /** The application's own output, oldest first; `cursor` null: the newest lines. */
  applicationLog(
    environmentUuid: string,
    cursor: string | null,
    limit: number,
  ): Promise<{
    readonly entries: readonly {
      readonly timestamp: string;
      readonly service: string;
      readonly message: string;
    }[];
    readonly cursor: string;
  }>;
}

/** What the HTTP door asks of whoever runs the instances. */
export interface RunningDoor {
  /** New instances of the live release by the zero-downtime switch. */
  restartEnvironment(
    environmentUuid: string,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  /** Ends the instances; the address answers 503 until somebody deploys or restarts. */
  stopEnvironment(
    environmentUuid: string,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  /** Instances and routes of an environment that was removed. */
  removeEnvironment(environmentUuid: string): Promise<void>;
}
