import type { Backup, BackupRestore, Client } from '@sluice/contract';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { patiently, pause } from '../patience.ts';
import { clock } from '../ui/progress-bar.ts';
import { sizeText } from './transfer.ts';

const ASK_EVERY_MS = 1_000;

/** Waits until a backup has ended. Throws (exit 1) with the reason when not all of it is there. */
export async function watchBackup(context: Context, client: Client, uuid: string): Promise<Backup> {
  const backup = await watch(
    context,
    () => client.backups.get(uuid),
    ({ state }) => state === 'COMPLETED',
    (now) => `${now.state} ${sizeText(now.size)}`,
  );
  if (backup.success === 'SUCCESS') return backup;
  const why = backup.parts.filter(({ errors }) => errors !== '');
  throw new CommandError(
    exitCodes.failed,
    `The backup failed: ${why.map(({ kind, errors }) => `${kind}: ${errors}`).join('; ')}`,
  );
}

/** The same for a restore. What failed has changed nothing. */
export async function watchRestore(
  context: Context,
  client: Client,
  uuid: string,
): Promise<BackupRestore> {
  const restore = await watch(
    context,
    () => client.backupRestores.get(uuid),
    ({ finished }) => finished,
    ({ service_instance_restores: parts }) => {
      const ended = parts.filter(({ state }) => state === 'COMPLETED').length;
      const bytes = parts.reduce((sum, { progress }) => sum + progress, 0);
      return `${ended} of ${parts.length} restored, ${sizeText(bytes)} read`;
    },
  );
  if (restore.success === 'SUCCESS') return restore;
  const why = restore.service_instance_restores.map(({ errors }) => errors).filter(Boolean);
  const left = restore.success === 'PARTIAL' ? 'What failed' : 'It';
  throw new CommandError(
    exitCodes.failed,
    `The restore failed: ${why.join('; ')}\n${left} left the data as they were.`,
  );
}

async function watch<T>(
  { terminal }: Context,
  get: () => Promise<T>,
  isEnded: (now: T) => boolean,
  text: (now: T) => string,
): Promise<T> {
  const since = Date.now();
  for (;;) {
    const now = await patiently(get, (error) => terminal.note(error.message));
    if (isEnded(now)) {
      terminal.progress(null);
      return now;
    }
    terminal.progress(`${text(now)}  ${clock(Date.now() - since)}`);
    await pause(ASK_EVERY_MS);
  }
}
