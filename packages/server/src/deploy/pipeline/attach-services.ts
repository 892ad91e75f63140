import type { Run } from './context.ts';

/** Step 1 of spec/divio.md 3.1: every service of the environment answers, or the deployment fails. */
export async function attachServices({ deps, job, log, release, signal }: Run): Promise<void> {
  await log.section('services');
  await deps.services.attach(job.environmentUuid, (text) => log.line(text), signal);
  const { variables } = await deps.services.injected(job.environmentUuid);
  const own = new Set(release.variables.map(({ name }) => name));
  for (const name of Object.keys(variables).filter((one) => own.has(one))) {
    await log.line(
      `${name} is set in the environment's variables: that value is used, not the service's.`,
    );
  }
}
