import type { Application, Environment } from '../../applications/index.ts';
import type { PipelineJob, PipelineReporter, StepName } from '../pipeline-types.ts';
import type { ServiceMount } from '../runtimes/runtime.ts';
import type { PipelineDeps } from './deps.ts';
import { explainFailure, StepFailure } from './failure.ts';
import { createDeploymentLog, type DeploymentLog } from './log.ts';
import { type Release, releaseOf } from './releases.ts';
import { namesOf, processVariables, secretValues } from './variables.ts';

/** One run of the pipeline: what every step needs. */
export interface Run {
  readonly deps: PipelineDeps;
  readonly job: PipelineJob;
  readonly reporter: PipelineReporter;
  readonly signal: AbortSignal;
  readonly log: DeploymentLog;
  readonly release: Release;
  readonly target: Target;
  /** Labels of release commands that ran; the log of a failure names them, for they are not undone. */
  readonly ranCommands: string[];
  /** Whether the point of no return is behind. */
  readonly switch: { committed: boolean };
}

/** Where a release runs, and with what. */
export interface Target {
  readonly application: Application;
  readonly environment: Environment;
  /** All host names, the fixed one first. */
  readonly hosts: readonly string[];
  /** What people know it by: the primary domain, else the fixed name. */
  readonly mainHost: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Volumes of its services. */
  readonly mounts: readonly ServiceMount[];
}

export async function beginRun(
  deps: PipelineDeps,
  job: PipelineJob,
  reporter: PipelineReporter,
  signal: AbortSignal,
): Promise<Run> {
  const release = await releaseOf(deps, job);
  const { target, secrets } = await targetOf(deps, job.environmentUuid, release);
  const log = createDeploymentLog(secrets, (text) => reporter.log(text));
  return {
    deps,
    job,
    reporter,
    signal,
    log,
    release,
    target,
    ranCommands: [],
    switch: { committed: false },
  };
}

export async function targetOf(
  deps: PipelineDeps,
  environmentUuid: string,
  release: Release,
): Promise<{ target: Target; secrets: string[] }> {
  const environment = await deps.applications.environment(environmentUuid);
  const application = await deps.applications.get(release.row.application_uuid);
  if (environment === null || application === null) {
    throw new StepFailure('environment_gone', 'The environment was removed.');
  }
  const secretKey = await deps.applications.secretKey(environmentUuid);
  const hosts = await deps.routing.hosts(environment);
  const names = namesOf(
    deps.applications.host(environment),
    await deps.applications.domains.list([environmentUuid]),
  );
  const injected = await deps.services.injected(environmentUuid);
  const variables = processVariables(
    { application, environment, secretKey, names, services: injected.variables },
    release,
  );
  const { mounts } = injected;
  const target = { application, environment, hosts, mainHost: names.main, variables, mounts };
  return { target, secrets: [secretKey, ...injected.secrets, ...secretValues(release)] };
}

/** Characters that are kept beside a step; everything is in the log. */
const MOST_DETAIL = 2_000;

/** How far the bar is when a step begins. It never falls, and 100 is the engine's. */
const PERCENT: Readonly<Record<StepName, number>> = {
  PROVISIONING: 5,
  BUILDING: 15,
  RELEASING: 50,
  SCALING: 65,
  CHECKING: 75,
  FINALIZING: 90,
};

/** Keeps a line that is worth telling of a step beside it, besides the log. */
export type Note = (text: string) => void;

/** Runs a step between two rows, so that a restart knows where it was. */
export async function inStep<T>(
  run: Run,
  step: StepName,
  work: (note: Note) => Promise<T>,
): Promise<T> {
  const { db } = run.deps.store;
  await run.reporter.step(step, PERCENT[step]);
  // What a server that died was at has no other end.
  await db
    .updateTable('deployment_steps')
    .set({ ended_at: new Date().toISOString(), outcome: 'interrupted' })
    .where('deployment_uuid', '=', run.job.deploymentUuid)
    .where('ended_at', 'is', null)
    .execute();
  const row = await db
    .insertInto('deployment_steps')
    .values({
      deployment_uuid: run.job.deploymentUuid,
      step,
      started_at: new Date().toISOString(),
      ended_at: null,
      outcome: null,
      detail: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const notes: string[] = [];
  const close = (outcome: 'done' | 'failed' | 'cancelled', detail: string | null) =>
    db
      .updateTable('deployment_steps')
      .set({ ended_at: new Date().toISOString(), outcome, detail })
      .where('id', '=', row.id)
      .execute();
  try {
    run.signal.throwIfAborted();
    const result = await work((text) => notes.push(run.log.mask(text)));
    await close('done', notes.length === 0 ? null : notes.join('\n').slice(0, MOST_DETAIL));
    return result;
  } catch (error) {
    const reason = run.log.mask(explainFailure(error).reason.slice(0, MOST_DETAIL));
    const detail = [...notes, reason].join('\n').slice(-MOST_DETAIL);
    // A full disk must not hide the first error.
    await close(run.signal.aborted ? 'cancelled' : 'failed', detail).catch(() => undefined);
    throw error;
  }
}
