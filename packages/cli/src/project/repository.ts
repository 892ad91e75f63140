import type { CiRepository, Client } from '@sluice/contract';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from './application.ts';

/** The repository that a command is about: `--repo SLUG`, else that of the application (see `selectApplication`). */
export async function selectRepository(
  context: Context,
  client: Client,
  options: { readonly repo?: string; readonly remoteId?: string },
): Promise<CiRepository> {
  if (options.repo === undefined) {
    const application = await selectApplication(context, client, options.remoteId);
    return client.repositories.get(application.repository_uuid);
  }
  const { results } = await client.repositories.list({ slug: options.repo });
  const [repository] = results;
  if (repository === undefined) {
    throw new CommandError(exitCodes.notFound, `There is no repository ${options.repo}.`);
  }
  return repository;
}
