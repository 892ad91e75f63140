import type { ReleaseCommand } from '@sluice/contract';

export type { ReleaseCommand };

export interface Application {
  readonly uuid: string;
  /** Positive, unique, never reused. */
  readonly websiteId: number;
  readonly slug: string;
  readonly name: string;
  readonly organisationUuid: string;
  readonly repositoryUuid: string;
  readonly planGroup: string | null;
  readonly region: string | null;
  readonly appTemplate: string | null;
  readonly releaseCommands: readonly ReleaseCommand[];
  readonly createdAt: string;
  /** Set while it is removed and can still be restored. */
  readonly deletedAt: string | null;
}

/** `auto`: a build is required where Sluice's CI is switched on for the repository (spec/ordering.md 2.3). */
export type RequireBuild = 'auto' | 'on' | 'off';

/** What an environment itself asks for; null: the administrator's default, 0: no limit. */
export interface EnvironmentLimits {
  /** Thousandths of a processor. */
  readonly milliCpus: number | null;
  readonly memoryBytes: number | null;
  readonly processes: number | null;
}

export interface Environment {
  readonly uuid: string;
  readonly applicationUuid: string;
  readonly slug: string;
  readonly position: number;
  readonly branch: string;
  readonly autoDeploy: boolean;
  readonly requireBuild: RequireBuild;
  /** Rises with every change of variables, settings or release commands. */
  readonly configVersion: number;
  /** How many take requests. */
  readonly instances: number;
  readonly limits: EnvironmentLimits;
  /** First label of its host name. */
  readonly hostLabel: string;
  readonly createdAt: string;
}

export interface Variable {
  readonly uuid: string;
  readonly environmentUuid: string;
  readonly name: string;
  /** Null when it is sensitive: such values are write-only. */
  readonly value: string | null;
  readonly isSensitive: boolean;
}

/** A host name of the user's own, under which an environment answers besides its fixed one. */
export interface Domain {
  readonly uuid: string;
  readonly environmentUuid: string;
  /** Lower case, in its ASCII form. */
  readonly name: string;
  /** What the injected `DOMAIN` names; without one that is the fixed host name. */
  readonly isPrimary: boolean;
  /** Requests are sent on to the primary domain, else the fixed name. */
  readonly isRedirect: boolean;
  readonly createdAt: string;
}

/** All values in the clear, for the pipeline alone. */
export interface Snapshot {
  readonly configVersion: number;
  readonly variables: readonly {
    readonly name: string;
    readonly value: string;
    readonly isSensitive: boolean;
  }[];
}

export interface Page {
  readonly offset: number;
  readonly limit: number;
}
