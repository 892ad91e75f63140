import type { Client } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

export interface ServiceLine {
  readonly uuid: string;
  /** DATABASE | CACHE | STORAGE */
  readonly type: string;
  readonly prefix: string;
}

/** The one service of that type and prefix in an environment. Throws (exit 4) where there is none. */
export async function findService(
  client: Client,
  environment: { readonly uuid: string; readonly slug: string },
  type: string,
  prefix: string,
): Promise<ServiceLine> {
  const { results } = await client.send<{ results: ServiceLine[] }>(
    'GET',
    '/apps/v3/service-instances/',
    { query: { environment: environment.uuid } },
  );
  const found = results.find(
    (one) => one.type === type && one.prefix.toUpperCase() === prefix.toUpperCase(),
  );
  if (found !== undefined) return found;
  const there = results.map((one) => `${one.type} ${one.prefix}`).join(', ') || 'none';
  throw new CommandError(
    exitCodes.notFound,
    `The environment ${environment.slug} has no ${type} service with the prefix ${prefix}. There are: ${there}.`,
  );
}
