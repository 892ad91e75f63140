import type { RunnerView } from '@sluice/contract';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The runner of that name, uuid or beginning of a uuid. Throws unless there is exactly one. */
export async function selectRunner(context: Context, text: string): Promise<RunnerView> {
  const { results } = await (await context.client()).runners.list();
  const exact = results.filter((one) => one.uuid === text || one.name === text);
  const found = exact.length > 0 ? exact : results.filter((one) => one.uuid.startsWith(text));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = results.map(({ name }) => name).join(', ');
  throw new CommandError(
    exitCodes.notFound,
    found.length > 1
      ? `Several runners are called ${text}. Name one by its uuid: ${found.map(({ uuid }) => uuid).join(', ')}.`
      : `There is no runner ${text}.${names === '' ? '' : ` There are: ${names}.`}`,
  );
}
