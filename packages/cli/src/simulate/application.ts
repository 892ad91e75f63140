import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type Application, type Client } from '@sluice/contract';
import { isAway } from './doors.ts';

const TRIES = 60;

/**
 * An application of the storm's own. A server that is killed after it made one and before it said so is asked whether
 * it is there, instead of being asked for a second one of the same name.
 */
export async function createApplication(
  client: Client,
  organisation: string,
): Promise<Application> {
  const name = `storm-${Date.now().toString(36)}-${Math.floor(Math.random() * 46_656).toString(36)}`;
  for (let tries = 1; ; tries += 1) {
    try {
      const found =
        tries === 1 ? null : (await client.applications.list({ slug: name })).results[0];
      return (
        found ??
        (await client.applications.create({ name, slug: name, organisation, branch: 'main' }))
      );
    } catch (error) {
      if (!isAway(error) || tries >= TRIES) throw error;
      await pause(500);
    }
  }
}

/** One that is gone was removed by a try whose answer was lost. */
export const removeApplication = (client: Client, { uuid }: Application): Promise<unknown> =>
  client.applications.remove(uuid).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
