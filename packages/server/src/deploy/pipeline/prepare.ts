import type { BuiltImage } from '../runtimes/runtime.ts';
import { attachServices } from './attach-services.ts';
import { inStep, type Run } from './context.ts';
import { explainFailure, StepFailure } from './failure.ts';
import { type Claim, claimImage, imageBuilt, imageFailed, readyImage } from './images.ts';

export interface ReadyImage {
  readonly uuid: string;
  readonly image: BuiltImage;
}

/** Steps 1 to 3 of spec/divio.md 3.1: services, check-out, an image of exactly this commit. */
export async function obtainImage(run: Run): Promise<ReadyImage> {
  const claim = await inStep(run, 'PROVISIONING', async () => {
    await attachServices(run);
    await run.log.section('git checkout');
    await describeCommit(run);
    const first = await claimFor(run);
    if (first.kind === 'build') await checkOut(run, first.imageUuid);
    else await run.log.line('No fresh check-out is needed.');
    return first;
  });
  return inStep(run, 'BUILDING', async () => {
    await run.log.section(run.deps.runtime.capabilities.buildTitle);
    return buildOrAdopt(run, claim);
  });
}

/** The image of a release that has one: after a crash, or for a rollback. */
export async function keptImage(run: Run): Promise<ReadyImage> {
  const uuid = run.release.row.image_uuid;
  const image = uuid === null ? null : await readyImage(run.deps.store, uuid);
  if (uuid === null || image === null) {
    throw new StepFailure('image_gone', 'The image of this release is not there any more.');
  }
  const problem = await run.deps.runtime.verify(uuid, image);
  if (problem !== null) throw new StepFailure('image_changed', problem);
  return { uuid, image };
}

async function describeCommit(run: Run): Promise<void> {
  const { repositoryUuid, sha } = run.job;
  const commit = await run.deps.git.commit(repositoryUuid, sha);
  if (commit === null) {
    throw new StepFailure('commit_gone', `Commit ${sha} is not in the repository.`);
  }
  await run.log.line(`Commit ${sha}`);
  await run.log.line(`${commit.subject} (${commit.author.name})`);
}

async function claimFor(run: Run): Promise<Claim> {
  const { job, deps, release } = run;
  const inputs = await deps.runtime.inputs();
  return claimImage(
    deps.store,
    {
      applicationUuid: job.applicationUuid,
      environmentUuid: job.environmentUuid,
      sha: job.sha,
      inputs,
    },
    job.buildMode,
    { deploymentUuid: job.deploymentUuid, releaseUuid: release.row.uuid },
  );
}

async function buildOrAdopt(run: Run, first: Claim): Promise<ReadyImage> {
  const { job, log } = run;
  let announced = '';
  for (let claim = first; ; claim = await claimFor(run)) {
    run.signal.throwIfAborted();
    switch (claim.kind) {
      case 'none':
        throw new StepFailure(
          'no_image',
          `There is no image of commit ${job.sha} to adopt. Deploy with build mode AUTO or FORCE to build one.`,
        );
      case 'coming': {
        const { deploymentUuid } = claim;
        if (announced !== deploymentUuid) {
          await log.line(`Deployment ${deploymentUuid} is about to build this commit; waiting.`);
          announced = deploymentUuid;
        }
        await run.deps.store.events.wait(`deployment:${deploymentUuid}`, 1_000, run.signal);
        break;
      }
      case 'wait':
        await log.line(
          `Deployment ${claim.image.deployment_uuid} is building this commit; waiting.`,
        );
        await waitForImage(run, claim.image.uuid);
        break;
      case 'adopt': {
        const adopted = await adopt(run, claim.image.uuid);
        if (adopted !== null) return adopted;
        break;
      }
      case 'build':
        if (claim !== first) await checkOut(run, claim.imageUuid);
        return build(run, claim.imageUuid);
    }
  }
}

async function waitForImage(run: Run, imageUuid: string): Promise<void> {
  const { store } = run.deps;
  for (;;) {
    const row = await store.db
      .selectFrom('images')
      .select('state')
      .where('uuid', '=', imageUuid)
      .executeTakeFirst();
    if (row?.state !== 'building') return;
    await store.events.wait(`image:${imageUuid}`, 1_000, run.signal);
    run.signal.throwIfAborted();
  }
}

/** Null when its files are not what was built: then nobody may adopt it, and `AUTO` builds anew from the commit. */
async function adopt(run: Run, uuid: string): Promise<ReadyImage | null> {
  const { deps, job, log } = run;
  const image = await readyImage(deps.store, uuid);
  if (image === null) return null;
  const problem = await deps.runtime.verify(uuid, image);
  if (problem === null) {
    await log.line(`Adopting image ${uuid}, built before from the same commit (${image.digest}).`);
    return { uuid, image };
  }
  await imageFailed(deps.store, uuid, problem);
  await log.line(problem);
  if (job.buildMode === 'ADOPT') throw new StepFailure('image_changed', problem);
  await log.line('It is not used; the commit is built again.');
  return null;
}

async function checkOut(run: Run, imageUuid: string): Promise<void> {
  const { deps, job } = run;
  try {
    const directory = await deps.runtime.prepareSource(imageUuid);
    await deps.git.checkout(job.repositoryUuid, job.sha, directory);
    await run.log.line('Checked out.');
  } catch (error) {
    await abandon(run, imageUuid, error);
    throw error;
  }
}

async function build(run: Run, uuid: string): Promise<ReadyImage> {
  const { deps, log } = run;
  try {
    run.signal.throwIfAborted();
    const image = await deps.runtime.build({
      imageUuid: uuid,
      application: run.target.application.slug,
      sha: run.job.sha,
      log: (text) => log.write(text),
      timeoutMs: deps.limits.buildMs,
      signal: run.signal,
    });
    await imageBuilt(deps.store, uuid, image, run.release.row.uuid);
    await log.line(`Built image ${uuid} (${image.digest}).`);
    return { uuid, image };
  } catch (error) {
    await abandon(run, uuid, error);
    throw error;
  }
}

async function abandon(run: Run, imageUuid: string, error: unknown): Promise<void> {
  const { reason } = explainFailure(error);
  await imageFailed(run.deps.store, imageUuid, reason).catch(() => undefined);
  await run.deps.runtime.removeImage(imageUuid).catch(() => undefined);
}
