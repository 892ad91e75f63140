import type { Application } from '../../applications/index.ts';
import type { HttpContext } from '../context.ts';

/** `<env>_status` for each environment, as the divio client reads it (spec/divio.md 4.5 and 5). */
export async function applicationStatuses(
  context: HttpContext,
  application: Application,
): Promise<Record<string, unknown>> {
  const statuses: Record<string, unknown> = {};
  for (const environment of await context.applications.environments(application.uuid)) {
    statuses[`${environment.slug}_status`] = {
      uuid: environment.uuid,
      site_url: context.applications.url(environment),
      last_deployment: { status: await lastOutcome(context, environment.uuid) },
    };
  }
  return statuses;
}

/** How the deployment that ended last in an environment ended; null: none has. */
export async function lastOutcome(
  context: HttpContext,
  environmentUuid: string,
): Promise<'success' | 'failure' | null> {
  const { deployments } = await context.deploy.list({
    environmentUuids: [environmentUuid],
    only: 'ended',
    offset: 0,
    limit: 1,
  });
  const success = deployments[0]?.success ?? null;
  return success === null ? null : success ? 'success' : 'failure';
}
