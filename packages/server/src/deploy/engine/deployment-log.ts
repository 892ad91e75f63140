import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';

export const logStream = (deploymentUuid: string): string => `deployment-${deploymentUuid}`;

type Ended = Pick<DeploymentRow, 'uuid' | 'status' | 'reason'>;

/** The last lines of a log state the cause: users are told to read from the end (spec/divio.md 3.5). */
export async function closeLog({ logs }: Store, ended: Ended): Promise<void> {
  const stream = logStream(ended.uuid);
  if (await logs.isEnded(stream)) return;
  const why = ended.reason === null ? '' : `: ${ended.reason}`;
  await logs.append(stream, `\nDeployment ${ended.status}${why}\n`);
  await logs.end(stream);
}

/** After a crash: closes the logs of deployments that ended without it. */
export async function closeLogs(store: Store, newest = 500): Promise<void> {
  const rows = await store.db
    .selectFrom('deployments')
    .select(['uuid', 'status', 'reason'])
    .where('ended_at', 'is not', null)
    .orderBy('ended_at', 'desc')
    .limit(newest)
    .execute();
  for (const row of rows) await closeLog(store, row);
}
