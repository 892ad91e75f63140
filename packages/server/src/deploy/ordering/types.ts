import type { BuildMode, StepName } from '../pipeline-types.ts';

/**
 * The values of the ordering decision (ordering.md). Everything is plain data: the decision takes
 * them in and hands new ones out; no clock, no database, no git. Times are milliseconds since 1970.
 */

type AwaitingStatus = 'AWAITING_COMMIT' | 'AWAITING_BUILD';
export type EndStatus = 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'SUPERSEDED' | 'SKIPPED' | 'HELD';
export type Status = AwaitingStatus | 'QUEUED' | StepName | EndStatus;

/** Everything that decides, by name; the glossary is in README.md beside this file. */
export type RuleName =
  | 'accepted'
  | 'joined'
  | 'same_as_live'
  | 'unknown_target'
  | 'awaiting_commit'
  | 'awaiting_commit_deadline'
  | 'not_on_branch'
  | 'removed_from_branch'
  | 'awaiting_build'
  | 'untested'
  | 'red_head'
  | 'on_branch'
  | 'descendant'
  | 'later_merge'
  | 'acceptance_number'
  | 'named_override'
  | 'wins_place'
  | 'place_free'
  | 'superseder_failed'
  | 'branch_rewritten'
  | 'stands_behind'
  | 'mirrored'
  | 'superseder_cancelled'
  | 'no_image'
  | 'on_hold'
  | 'rollback'
  | 'cancelled'
  | 'step'
  | 'switch_committed'
  | 'went_live'
  | 'pipeline_failed'
  | 'restarted_from_checkout'
  | 'resumed_at_step';

export interface Deployment {
  /** Acceptance number: strictly rising within the environment, its identity here (3.4). */
  readonly number: number;
  /** As named by the signal; null means the environment's branch. */
  readonly target: string | null;
  /** Null while a branch or tag could not be resolved because no fetch succeeded yet (2.1). */
  readonly sha: string | null;
  readonly mode: BuildMode;
  readonly configVersion: number;
  readonly acceptedAt: number;
  /** Who asked, as shown to people. */
  readonly by: string;
  /** At least one of its signals named no commit (2.6, 3: deploys again). */
  readonly headSignal: boolean;
  readonly allowOffBranch: boolean;
  /** A person overrode the hold by naming this commit (4.2). */
  readonly overrideHold: boolean;
  /** A person named this very commit: passes the gate where the commit can make no build (2.3). */
  readonly explicit: boolean;
  /** A rollback's release; null for everything else (4.1). */
  readonly rollbackRelease: string | null;

  readonly status: Status;
  /** Seen present / on the branch at least once. */
  readonly presentSince: number | null;
  readonly seenOnBranch: boolean;
  /** First look that found it off the branch of a mirror; the second comes 15 s later (2.2). */
  readonly offBranchSince: number | null;
  readonly fetchAttempts: number;
  readonly nextFetchAt: number | null;
  readonly supersededBy: number | null;
  readonly cancelRequestedBy: string | null;
  /** Its switch is committed: it cannot be cancelled any more (4.3). */
  readonly switched: boolean;
  readonly releaseUuid: string | null;
  /** Null exactly while `success` is null. A superseded one mirrors: ended when its superseder is. */
  readonly endedAt: number | null;
  readonly success: boolean | null;
  readonly rule: RuleName;
  readonly reasonCode: string | null;
  readonly reason: string | null;
}

/** What the router serves. */
export interface Live {
  readonly number: number;
  readonly sha: string;
  readonly configVersion: number;
  readonly releaseUuid: string;
}

export interface Hold {
  readonly since: number;
  readonly by: string;
  readonly reason: string;
}

/** A commit that was asked for while the environment was on hold (4.2). */
export interface Remembered {
  readonly number: number;
  readonly target: string | null;
  readonly sha: string | null;
  readonly mode: BuildMode;
  readonly headSignal: boolean;
  readonly allowOffBranch: boolean;
  readonly explicit: boolean;
}

export interface EnvironmentState {
  readonly nextNumber: number;
  readonly live: Live | null;
  /** What was live before the running deployment switched; it is live again if that one fails. */
  readonly previousLive: Live | null;
  readonly hold: Hold | null;
  readonly remembered: readonly Remembered[];
  /** The winner among `remembered`: what resume deploys. */
  readonly candidate: number | null;
  /** All that have not ended, by acceptance number. */
  readonly deployments: ReadonlyMap<number, Deployment>;
}

export const EMPTY_STATE: EnvironmentState = {
  nextNumber: 1,
  live: null,
  previousLive: null,
  hold: null,
  remembered: [],
  candidate: null,
  deployments: new Map(),
};

/** The deciding build of a commit (1, 2.3). `failed` stands for every end that is not a pass. */
export type Verdict =
  | { readonly state: 'none' }
  | { readonly state: 'impossible'; readonly why: string }
  | { readonly state: 'unfinished'; readonly url: string | null }
  | { readonly state: 'passed'; readonly url: string | null }
  | { readonly state: 'failed'; readonly result: string; readonly url: string | null };

export interface CommitFacts {
  readonly present: boolean;
  /** Position on the branch's first-parent line where it became reachable; null: not on the branch. */
  readonly mergedAt: number | null;
  readonly verdict: Verdict;
  /** Whether an image of it can be adopted: built, being built by another deployment, or neither. */
  readonly image: 'built' | 'building' | 'none';
}

export type TargetFacts =
  | { readonly kind: 'commit'; readonly sha: string }
  | { readonly kind: 'unknown'; readonly exists: readonly string[] };

/** What must be known of the repository, collected before the transaction for one branch head. */
export interface Facts {
  readonly repository: string;
  readonly branch: string;
  readonly mirror: boolean;
  /** `require_build` is in force (2.3). */
  readonly gate: boolean;
  readonly configVersion: number;
  /** When the last successful fetch of a mirror began; and what went wrong last. */
  readonly fetchBegan: number | null;
  readonly fetchError: string | null;
  readonly commits: ReadonlyMap<string, CommitFacts>;
  /** `ancestor descendant` -> is it (a commit is no ancestor of itself here). */
  readonly ancestry: ReadonlyMap<string, boolean>;
  readonly targets: ReadonlyMap<string, TargetFacts>;
  /** For the head of a signal without a commit: tested commits at or before it (2.6). */
  readonly testedUpTo: ReadonlyMap<string, readonly string[]>;
  readonly limits: Limits;
}

export interface Limits {
  readonly awaitCommitMs: number;
  readonly awaitBuildMs: number;
  readonly secondLookMs: number;
  /** Waiting counts from here on at the earliest: while no server ran nothing could come. */
  readonly upSince: number;
}

export const DEFAULT_LIMITS: Limits = {
  awaitCommitMs: 120_000,
  awaitBuildMs: 120_000,
  secondLookMs: 15_000,
  upSince: 0,
};

export interface SignalEvent {
  readonly kind: 'signal';
  /** When it reached the server; a fetch that counts for it began after this (2.1, 2.2). */
  readonly arrivedAt: number;
  readonly target: string | null;
  readonly sha: string | null;
  readonly mode: BuildMode;
  readonly by: string;
  readonly allowOffBranch: boolean;
  readonly overrideHold: boolean;
  readonly explicit: boolean;
}

export type Outcome =
  | { readonly ok: true; readonly releaseUuid: string }
  | { readonly ok: false; readonly reasonCode: string; readonly reason: string };

export type OrderingEvent =
  | SignalEvent
  /** Something may have changed outside: a push, a build, a fetch, a deadline, a setting. */
  | { readonly kind: 'observe' }
  | { readonly kind: 'step'; readonly number: number; readonly status: StepName }
  | { readonly kind: 'switch'; readonly number: number; readonly releaseUuid: string }
  | { readonly kind: 'ended'; readonly number: number; readonly outcome: Outcome }
  | { readonly kind: 'cancel'; readonly number: number; readonly by: string }
  | {
      readonly kind: 'rollback';
      readonly releaseUuid: string;
      readonly sha: string;
      readonly configVersion: number;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: 'resume'; readonly by: string }
  /** The server starts: whatever was running has lost its process (6). */
  | { readonly kind: 'recover' };

export type Command =
  | { readonly kind: 'start'; readonly number: number; readonly resumeFrom: StepName | null }
  | { readonly kind: 'abort'; readonly number: number }
  | { readonly kind: 'fetch' }
  /** Observe again no later than this. */
  | { readonly kind: 'wake'; readonly at: number };

/** One line of an environment's history. */
export interface Decision {
  readonly number: number;
  readonly from: Status | null;
  readonly to: Status;
  readonly rule: RuleName;
  readonly supersededBy: number | null;
  readonly reason: string | null;
}

export type Answer =
  | { readonly kind: 'none' }
  | { readonly kind: 'created'; readonly number: number }
  | { readonly kind: 'joined'; readonly number: number }
  | { readonly kind: 'live'; readonly number: number }
  | { readonly kind: 'cancelled'; readonly number: number }
  | { readonly kind: 'already_live'; readonly number: number }
  | { readonly kind: 'already_ended'; readonly number: number }
  | { readonly kind: 'switch'; readonly committed: boolean }
  | { readonly kind: 'resumed'; readonly number: number | null };

export interface Decided {
  readonly state: EnvironmentState;
  /** Every deployment that is new or changed, as it now is, the ended ones included. */
  readonly changed: readonly Deployment[];
  readonly decisions: readonly Decision[];
  readonly commands: readonly Command[];
  readonly answer: Answer;
}
