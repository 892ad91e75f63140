import type { Client, PullRequest } from '@sluice/contract';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { selectApplication } from '../project/application.ts';

/** A pull request by what people call it, `7` or `#7`; exit 2 for what is no number, 4 where there is none. */
export async function findPull(
  context: Context,
  number: string,
  remoteId: string | undefined,
): Promise<{ client: Client; pull: PullRequest }> {
  const text = number.replace(/^#/, '');
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new CommandError(exitCodes.usage, `"${number}" is not the number of a pull request.`);
  }
  const client = await context.client();
  const { uuid } = await selectApplication(context, client, remoteId);
  const { results } = await client.pullRequests.list({ application: uuid, number: Number(text) });
  const [pull] = results;
  if (pull === undefined) {
    throw new CommandError(exitCodes.notFound, `There is no pull request ${text}.`);
  }
  return { client, pull };
}
