import type { InstanceRow } from '../../store/schema/deploy-pipeline.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { PipelineJob, PipelineReporter, PipelineResult, StepName } from '../pipeline-types.ts';
import { STEP_NAMES } from '../pipeline-types.ts';
import { RuntimeFailure } from '../runtimes/runtime.ts';
import { attachServices } from './attach-services.ts';
import { beginRun, inStep, type Run } from './context.ts';
import type { PipelineDeps } from './deps.ts';
import { explainFailure, isFenceLost } from './failure.ts';
import { imageFailed } from './images.ts';
import { keptImage, obtainImage, type ReadyImage } from './prepare.ts';
import { prune } from './prune.ts';
import { runReleaseCommands } from './release-commands.ts';
import {
  checkInstances,
  instancesOf,
  type Scaling,
  startInstances,
  stopInstances,
} from './scale.ts';
import { routeTo, settleOn } from './switch.ts';

/** Thrown when the engine says, right before the switch, that somebody has cancelled. */
class CancelledBeforeSwitch extends Error {
  override readonly name = 'CancelledBeforeSwitch';
}

/** Performs one deployment, from wherever it has come. Any failure leaves the old release serving. */
export async function runDeployment(
  deps: PipelineDeps,
  job: PipelineJob,
  reporter: PipelineReporter,
  signal: AbortSignal,
  isStopping: () => boolean,
): Promise<PipelineResult> {
  let run: Run | null = null;
  try {
    run = await beginRun(deps, job, reporter, signal);
    await sayWhereItGoesOn(run);
    const image = await imageFor(run);
    if (isAhead(job, 'RELEASING')) await runReleaseCommands(run, image);
    const instances = await instancesFor(run, image);
    await finalize(run, instances);
    await run.log.end();
    return { ok: true, releaseUuid: run.release.row.uuid };
  } catch (error) {
    // A database that is away takes no end either: whoever has it back first goes on.
    if (isFenceLost(error) || troubleOf(error) !== null) throw error;
    const committed = run?.switch.committed === true;
    const cancelled = error instanceof CancelledBeforeSwitch || (signal.aborted && !committed);
    const { reasonCode, reason } = cancelled
      ? { reasonCode: 'cancelled', reason: 'It was cancelled.' }
      : explainFailure(error);
    if (!cancelled) deps.logger.warn({ deployment: job.deploymentUuid, reasonCode }, 'it failed');
    await cleanUp(deps, job).catch((trouble: unknown) => {
      deps.logger.error({ err: trouble, deployment: job.deploymentUuid }, 'clean-up failed');
    });
    if (run !== null) {
      const going = cancelled && isStopping();
      await (going ? sayGoingOn(run) : sayWhatIsLeft(run, error)).catch(() => undefined);
    }
    const told = { reasonCode, reason: run?.log.mask(reason) ?? reason };
    return { ok: false, ...told, ...(cancelled ? { cancelled } : {}) };
  }
}

/** Whether a step is still to be done: always, unless an earlier server died beyond it. */
function isAhead(job: PipelineJob, step: StepName): boolean {
  return job.resumeFrom === null || STEP_NAMES.indexOf(job.resumeFrom) <= STEP_NAMES.indexOf(step);
}

async function sayWhereItGoesOn(run: Run): Promise<void> {
  if (run.job.resumeFrom === null) return;
  await run.log.line(`\nThe server was restarted; going on with ${run.job.resumeFrom}.\n`);
}

async function imageFor(run: Run): Promise<ReadyImage> {
  const { job, log, deps } = run;
  if (!isAhead(job, 'BUILDING')) return keptImage(run);
  if (job.rollbackReleaseUuid === null) return obtainImage(run);
  await inStep(run, 'PROVISIONING', async () => {
    await attachServices(run);
    await log.section('git checkout');
    await log.line(
      `Rolling back to release ${run.release.row.uuid}, commit ${run.release.row.sha}.`,
    );
  });
  return inStep(run, 'BUILDING', async () => {
    await log.section(deps.runtime.capabilities.buildTitle);
    const image = await keptImage(run);
    await log.line(`The release's own image is used (${image.image.digest}).`);
    return image;
  });
}

/** New, healthy instances; after a crash beyond the health check those that passed it, if they still run. */
async function instancesFor(run: Run, image: ReadyImage): Promise<InstanceRow[]> {
  const { deps, job, log } = run;
  const left = (await instancesOf(deps, job.environmentUuid)).filter(
    (row) => row.deployment_uuid === job.deploymentUuid && row.state !== 'retiring',
  );
  if (job.resumeFrom === 'FINALIZING' && left.length > 0) {
    const running = new Set((await deps.runtime.instances()).map((one) => one.instanceUuid));
    if (left.every((row) => running.has(row.uuid))) return left;
  }
  await stopInstances(deps, left);
  const scaling: Scaling = {
    deps,
    target: run.target,
    imageUuid: image.uuid,
    image: image.image,
    releaseUuid: run.release.row.uuid,
    deploymentUuid: job.deploymentUuid,
    signal: run.signal,
    say: (text) => log.line(text),
  };
  const started = await inStep(run, 'SCALING', async () => {
    await log.section('scaling');
    return startInstances(scaling);
  });
  return inStep(run, 'CHECKING', async (note) => {
    await log.section('sanity tests');
    const say = async (text: string) => {
      note(text);
      await log.line(text);
    };
    return checkInstances({ ...scaling, say }, started);
  });
}

/** Step 8. Once the switch is committed nothing can cancel it. */
async function finalize(run: Run, instances: readonly InstanceRow[]): Promise<void> {
  const { deps, job, log, release } = run;
  await inStep(run, 'FINALIZING', async () => {
    await log.section('finalizing');
    if (!(await run.reporter.commitSwitch(release.row.uuid))) throw new CancelledBeforeSwitch();
    run.switch.committed = true;
    const { environmentUuid, fence } = job;
    await routeTo(deps, fence, instances, environmentUuid, release.row.uuid);
    // The new release serves. Whatever fails from here on is tidied up at the next start and is no failed deployment.
    try {
      await log.line(`Requests for ${run.target.hosts.join(', ')} go to the new release.`);
      const retired = await settleOn(deps, environmentUuid, release.row.uuid, instances);
      if (retired > 0)
        await log.line(`Stopped ${retired} old instance${retired === 1 ? '' : 's'}.`);
      await prune(deps, job.applicationUuid, environmentUuid, job.deploymentUuid);
    } catch (error) {
      if (isFenceLost(error)) throw error;
      deps.logger.error({ err: error, environment: environmentUuid }, 'finalizing is incomplete');
    }
  });
}

/** Ends the new instances and gives up an unfinished image, for others may wait for it. What serves is not touched. */
async function cleanUp(deps: PipelineDeps, job: PipelineJob): Promise<void> {
  const building = await deps.store.db
    .selectFrom('images')
    .select('uuid')
    .where('deployment_uuid', '=', job.deploymentUuid)
    .where('state', '=', 'building')
    .execute();
  for (const { uuid } of building) {
    await imageFailed(deps.store, uuid, 'the deployment ended before it was built');
    await deps.runtime.removeImage(uuid);
  }
  const started = (await instancesOf(deps, job.environmentUuid)).filter(
    (row) => row.deployment_uuid === job.deploymentUuid && row.state === 'starting',
  );
  await stopInstances(deps, started);
}

async function sayGoingOn({ log }: Run): Promise<void> {
  await log.line('The server is stopping. This deployment goes on when it is back.');
  await log.end();
}

/** The engine closes the log with the cause itself, so that it stands last whoever found it. */
async function sayWhatIsLeft({ log, ranCommands }: Run, error: unknown): Promise<void> {
  if (error instanceof RuntimeFailure && error.details !== null) await log.line(error.details);
  await log.line('');
  if (ranCommands.length > 0) {
    await log.line(`Release commands that ran are not undone: ${ranCommands.join(', ')}.`);
  }
  await log.line('What was live before goes on serving.');
  await log.end();
}
