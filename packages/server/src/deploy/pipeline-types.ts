/**
 * The joint between the engine (which decides and records) and the pipeline (which performs).
 *
 * Life cycle: the engine calls `pipeline.start()` once before it hands over anything, then
 * `run(job)` for each deployment that the ordering starts, never two at once for one environment.
 * The pipeline reports through the `reporter`; each report is a durable row before it returns.
 * `abort` fires when somebody cancels before the switch was committed: the pipeline then cleans up and
 * answers `{ ok: false, cancelled: true }`. A run whose reporter throws `FenceLost` must stop at once
 * and touch nothing more: another server owns the environment.
 */

export type BuildMode = 'AUTO' | 'ADOPT' | 'FORCE';

/** The statuses of a running deployment, in their order (ordering.md 2.5). */
export const STEP_NAMES = [
  'PROVISIONING',
  'BUILDING',
  'RELEASING',
  'SCALING',
  'CHECKING',
  'FINALIZING',
] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** What is to be performed. Values only: everything else the pipeline looks up by these ids. */
export interface PipelineJob {
  readonly deploymentUuid: string;
  readonly applicationUuid: string;
  readonly environmentUuid: string;
  readonly repositoryUuid: string;
  readonly sha: string;
  readonly buildMode: BuildMode;
  /** Set for a rollback: this kept release goes live again, nothing is built. */
  readonly rollbackReleaseUuid: string | null;
  /** Strictly rising within an environment; also the version of its route. */
  readonly fence: number;
  /**
   * Null: from the beginning. Otherwise the step in which an earlier server died, `RELEASING` or
   * later: the pipeline adopts what it finds (release commands, instances) or answers `interrupted`.
   */
  readonly resumeFrom: StepName | null;
}

export interface PipelineReporter {
  /** Records that a step begins. Throws `FenceLost` when the environment went to another server. */
  step(status: StepName, percent: number): Promise<void>;
  /**
   * The durable point of no return, right before the router switches. False: it was cancelled
   * before, stop and clean up. Answers true again when it is asked again after a crash.
   */
  commitSwitch(releaseUuid: string): Promise<boolean>;
  /** Appends to the deployment's log, stream `deployment-<uuid>`. */
  log(text: string): Promise<void>;
}

export type PipelineResult =
  | { readonly ok: true; readonly releaseUuid: string }
  | {
      readonly ok: false;
      readonly reasonCode: string;
      readonly reason: string;
      readonly cancelled?: boolean;
    };

export interface Pipeline {
  run(job: PipelineJob, reporter: PipelineReporter, abort: AbortSignal): Promise<PipelineResult>;
  /** Adopts running applications and heals what a crash left behind. */
  start(): Promise<void>;
  /** Stops taking part; applications go on serving. */
  stop(): Promise<void>;
}

/** Thrown by the reporter when another server took the environment over. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}
