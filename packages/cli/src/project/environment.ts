import type { Client, Environment } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** An application's environment by its slug; exit 4 naming those that exist. */
export async function selectEnvironment(
  client: Client,
  applicationUuid: string,
  slug: string,
): Promise<Environment> {
  const { results } = await client.environments.list({ application: applicationUuid });
  const found = results.find((environment) => environment.slug === slug);
  if (found !== undefined) return found;
  const known = results.map((environment) => environment.slug).join(', ');
  throw new CommandError(
    exitCodes.notFound,
    `There is no environment "${slug}". This application has: ${known || 'none'}.`,
  );
}
