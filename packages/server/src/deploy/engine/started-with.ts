import type { DeploymentRow } from '../../store/schema/deploy.ts';
import type { EngineDeps } from './context.ts';

/** The variables that a deployment was started with: what `get` and `get-var` show (spec/divio.md 2). */

const context = (deploymentUuid: string) => `deployment_variables:${deploymentUuid}`;

interface StartedVariable {
  readonly name: string;
  readonly value: string;
  readonly isSensitive: boolean;
}

/** Keeps today's values, once for each deployment. */
export async function sealVariables(
  { store, secrets, applications }: EngineDeps,
  row: DeploymentRow,
): Promise<void> {
  if (row.variables_sealed !== null || row.rollback_release_uuid !== null) return;
  const { variables } = await applications.snapshot(row.environment_uuid);
  await store.db
    .updateTable('deployments')
    .set({ variables_sealed: secrets.seal(JSON.stringify(variables), context(row.uuid)) })
    .where('uuid', '=', row.uuid)
    .execute();
}

/** Sensitive ones come with null. Of a rollback: those of the release that it brought back. */
export async function openVariables(
  { store, secrets }: Pick<EngineDeps, 'store' | 'secrets'>,
  deploymentUuid: string,
): Promise<{ name: string; value: string | null }[]> {
  const row = await store.db
    .selectFrom('deployments')
    .select(['uuid', 'variables_sealed', 'rollback_release_uuid'])
    .where('uuid', '=', deploymentUuid)
    .executeTakeFirst();
  if (!row) return [];
  if (row.rollback_release_uuid !== null) {
    const release = await store.db
      .selectFrom('releases')
      .select('deployment_uuid')
      .where('uuid', '=', row.rollback_release_uuid)
      .executeTakeFirst();
    return release && release.deployment_uuid !== deploymentUuid
      ? openVariables({ store, secrets }, release.deployment_uuid)
      : [];
  }
  if (row.variables_sealed === null) return [];
  const variables = JSON.parse(
    secrets.open(row.variables_sealed, context(row.uuid)),
  ) as StartedVariable[];
  return variables.map(({ name, value, isSensitive }) => ({
    name,
    value: isSensitive ? null : value,
  }));
}
