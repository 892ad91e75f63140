import { expect } from 'vitest';
import { createServicesKit } from '../../test/kit.ts';
import { type Backup, type Backups, createBackups, isEnded, type Restore } from '../index.ts';

const WITHIN = { timeout: 120_000, interval: 100 };
export const PATIENTLY = 240_000;

/** The backups over real services of the machine's engine. */
export async function createBackupsKit(images: { postgresql: string; redis: string }) {
  const kit = await createServicesKit(images);
  const { store, secrets, backing, clock } = kit;
  let backups: Backups;
  const open = () => {
    backups = createBackups({
      ...{ store, secrets, backing },
      ready: (uuid) => kit.services.use(uuid, async () => undefined),
      settings: {
        ...{ concurrency: 2, uploadBytes: 2_000_000, addressMs: 60_000 },
        toolImage: images.redis,
      },
      onError: (error) => kit.errors.push(error),
      now: () => clock.now(),
    });
    backups.start();
    return backups;
  };
  backups = open();

  const ended = async <T extends Backup | Restore>(get: () => Promise<T | null>): Promise<T> => {
    await expect.poll(async () => (await get())?.parts.every(isEnded), WITHIN).toBe(true);
    const found = await get();
    if (found === null) throw new Error('it is gone');
    return found;
  };

  return {
    ...kit,
    get backups() {
      return backups;
    },
    reopen: open,
    backUp: async (environmentUuid = kit.test.uuid): Promise<Backup> => {
      const { uuid } = await backups.create({ environmentUuid, by: 'test' });
      return ended(() => backups.get(uuid));
    },
    ended: (backup: Backup) => ended(() => backups.get(backup.uuid)),
    restored: ({ uuid }: Restore) => ended(() => backups.restoreOf(uuid)),
    destroy: async () => {
      await backups.stop();
      await kit.destroy();
    },
  };
}

export type BackupsKit = Awaited<ReturnType<typeof createBackupsKit>>;
