import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRepository } from '@sluice/testing';
import { webApplication } from '../../e2e/support/site.ts';
import {
  createApplication,
  removeApplication,
} from '../../packages/cli/src/simulate/application.ts';
import { createDoors } from '../../packages/cli/src/simulate/doors.ts';
import { fetchPage } from '../../packages/cli/src/simulate/watch.ts';
import type { SoakPlace } from './place.ts';

/**
 * An application with one process that is killed. While it is away nobody can answer for it, so its requests are not among
 * those that may not fail; what is promised is that it comes back by itself, whatever happens to the servers.
 */
export interface Victim {
  /** SIGKILL; resolves when its page is there again, with the milliseconds it took. Throws when it does not come back. */
  strike(): Promise<number>;
  remove(): Promise<void>;
}

const BACK_WITHIN_MS = 180_000;

export async function createVictim(place: SoakPlace): Promise<Victim> {
  const { client, url, token } = place;
  const application = await createApplication(client, place.organisation);
  const repository = await createRepository();
  try {
    const [environment] = (
      await client.environments.list({ application: application.uuid, slug: 'test' })
    ).results;
    if (environment === undefined) throw new Error('no environment');
    const doors = createDoors({ client, url, token, websiteId: application.id, environment });
    await client.environments.update(environment.uuid, { require_build: 'off' });
    await repository.commit('one process', webApplication('here'));
    const remote = new URL(application.git_url);
    remote.username = 'admin@example.com';
    remote.password = token;
    await repository.push(remote.toString());
    await doors.signal('v3', { sha: null, key: randomUUID() });
    await answers(environment.url);
    return {
      strike: async () => {
        const instance = await instanceOf(doors, environment.uuid);
        const pid = await processOf(place.dataDir, instance);
        const begun = Date.now();
        process.kill(pid, 'SIGKILL');
        // Until there is another one, children of the one that was killed may still answer.
        await becomes(async () => (await processOf(place.dataDir, instance)) !== pid);
        await answers(environment.url);
        return Date.now() - begun;
      },
      remove: async () => {
        await doors.insist(() => removeApplication(client, application));
      },
    };
  } finally {
    await repository.remove();
  }
}

const answers = (url: string) =>
  becomes(async () => (await fetchPage(new URL(url))).commit === 'here');

/** Throws when it takes too long. */
async function becomes(isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + BACK_WITHIN_MS;
  while (!(await isTrue())) {
    if (Date.now() > end)
      throw new Error(`the application did not come back in ${BACK_WITHIN_MS} ms`);
    await pause(50);
  }
}

async function instanceOf(
  { client, insist }: ReturnType<typeof createDoors>,
  environmentUuid: string,
): Promise<string> {
  const { instances } = await insist(() => client.environments.instances(environmentUuid));
  const serving = instances.find(({ state }) => state === 'serving');
  if (serving === undefined) throw new Error('the application has no instance that serves');
  return serving.uuid;
}

/** As the supervisor wrote it down: the first word of the kernel's line about it. */
async function processOf(dataDir: string, instance: string): Promise<number> {
  const line = await readFile(join(dataDir, 'instances', instance, 'process'), 'latin1');
  return Number.parseInt(line, 10);
}
