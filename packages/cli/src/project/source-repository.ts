import type { Application, Client, Repository } from '@sluice/contract';
import type { Context } from '../context.ts';
import { selectApplication } from './application.ts';

/** The repository of the application that a command is about, with how its fetching goes. */
export async function selectSource(
  context: Context,
  client: Client,
  remoteId: string | undefined,
): Promise<{ application: Application; source: Repository }> {
  const application = await selectApplication(context, client, remoteId);
  return { application, source: await client.sources.get(application.repository_uuid) };
}
