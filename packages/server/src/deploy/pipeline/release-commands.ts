import { inStep, type Run } from './context.ts';
import { StepFailure } from './failure.ts';
import type { ReadyImage } from './prepare.ts';

/**
 * Step 5: one command after the other, the image's own first. Each has a task of its own, named by deployment and
 * position, so that after a crash the ones that ended are not run again and the one at work is adopted.
 */
export async function runReleaseCommands(run: Run, { uuid, image }: ReadyImage): Promise<void> {
  const { deps, job, log, release } = run;
  await inStep(run, 'RELEASING', async (note) => {
    await log.section(deps.runtime.capabilities.releaseTitle);
    if (job.rollbackReleaseUuid !== null) {
      await log.line('A rollback runs no release commands: this release has run its own before.');
      return;
    }
    const commands = [...deps.runtime.releaseCommands(image), ...release.commands];
    if (commands.length === 0) await log.line('There are none.');
    for (const [index, { label, command }] of commands.entries()) {
      run.signal.throwIfAborted();
      await log.line(`${label}: ${command}`);
      run.ranCommands.push(label);
      const begun = Date.now();
      try {
        await deps.runtime.release({
          taskId: `${job.deploymentUuid}-release-${index + 1}`,
          environmentUuid: job.environmentUuid,
          imageUuid: uuid,
          image,
          command,
          variables: run.target.variables,
          mounts: run.target.mounts,
          limits: run.target.environment.limits,
          log: (text) => log.write(text),
          timeoutMs: deps.limits.releaseCommandMs,
          signal: run.signal,
        });
        note(`${label}: done in ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
      } catch (error) {
        if (run.signal.aborted || !(error instanceof Error) || !('reasonCode' in error))
          throw error;
        throw new StepFailure(
          String(error.reasonCode),
          `Release command "${label}" failed. ${error.message}`,
          error,
        );
      }
    }
  });
}
