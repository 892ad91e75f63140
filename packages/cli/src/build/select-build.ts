import type { BuildView, Client } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { pause } from '../patience.ts';

const APPEAR_MS = 15_000;

export interface BuildChoice {
  readonly number?: string | undefined;
  readonly commit?: string | undefined;
}

/**
 * The build that a command means: by its number, by commit (waiting a moment for one that was just pushed), or the
 * newest of the application.
 */
export async function selectBuild(
  client: Client,
  applicationUuid: string,
  { number, commit }: BuildChoice,
): Promise<BuildView> {
  if (number !== undefined && !/^\d+$/.test(number)) {
    throw new CommandError(exitCodes.usage, `"${number}" is not the number of a build.`);
  }
  const until = Date.now() + (commit === undefined ? 0 : APPEAR_MS);
  for (;;) {
    const { results } = await client.builds.list({
      application: applicationUuid,
      ...(number === undefined ? {} : { number: Number(number) }),
      ...(commit === undefined ? {} : { sha: commit }),
      pageSize: 1,
    });
    const [newest] = results;
    if (newest !== undefined) return newest;
    if (Date.now() >= until) {
      const what =
        number !== undefined
          ? `There is no build ${number}.`
          : commit !== undefined
            ? `There is no build of ${commit}. "sluice why ${commit}" says what became of it.`
            : 'No builds yet. Push a commit with a .travis.yml to start one.';
      throw new CommandError(exitCodes.notFound, what);
    }
    await pause(300);
  }
}

/** States in which nothing more will happen. */
export function isFinished(state: string): boolean {
  return ['passed', 'failed', 'errored', 'canceled'].includes(state);
}
