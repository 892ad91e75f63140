import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createRouter } from '../../router/index.ts';
import { endTask, shutDownSupervisor } from '../supervisor/index.ts';

const GRACE_MS = 10_000;

/**
 * Ends everything of an installation that outlives its server: applications, commands at work, supervisor, router.
 * Resolves when they are gone; nothing there is no error. The server must not be running, for it would start
 * them again.
 */
export async function down(dataDir: string): Promise<void> {
  const root = resolve(dataDir);
  const there = await stat(root).catch(() => null);
  if (there === null) return;
  const router = createRouter({ dataDir: root, port: 0, host: '127.0.0.1', logger: silent });
  // The router first: it answers what it has in hand while the applications still run.
  await router.shutdown();
  await shutDownSupervisor(root, GRACE_MS);
  for (const id of await taskIds(root)) await endTask(id, GRACE_MS);
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function taskIds(root: string): Promise<string[]> {
  const names = async (path: string) => readdir(path).catch(() => []);
  const released = (await names(join(root, 'tasks'))).filter((name) => !name.endsWith('.home'));
  const building = await Promise.all(
    (await names(join(root, 'builds'))).map(async (image) =>
      (await names(join(root, 'builds', image, 'tasks'))).map((task) => `${image}-build-${task}`),
    ),
  );
  return [...released, ...building.flat()];
}
