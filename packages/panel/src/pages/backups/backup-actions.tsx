import type { Backup, EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { backupActions, downloadAddress } from '../../api/backups.ts';
import { backups as text } from '../../text/backups.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { exactTime } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** What can be done with a backup that has ended. */
export function BackupActions({
  backup,
  environment,
}: {
  backup: Backup;
  environment: EnvironmentLine;
}) {
  const [asked, setAsked] = useState<'restore' | 'remove' | null>(null);
  const say = useToast();
  const close = () => setAsked(null);
  const at = exactTime(new Date(backup.created_at));
  const restore = useControl(
    () => backupActions.restore(backup.uuid),
    () => {
      close();
      say(text.restoring);
    },
  );
  const remove = useControl(
    () => backupActions.remove(backup.uuid),
    () => {
      close();
      say(text.removed);
    },
  );
  if (backup.state !== 'COMPLETED') return null;
  const good = backup.parts.filter(({ success }) => success === 'SUCCESS');
  return (
    <div className="flex flex-wrap gap-2">
      {good.length > 0 && (
        <Button aria-label={text.restoreOf(at)} onClick={() => setAsked('restore')}>
          {text.restore}
        </Button>
      )}
      {good.map((part) => (
        <Download
          key={part.uuid}
          backup={backup.uuid}
          part={part.uuid}
          label={text.downloadOf(part.kind, at)}
          title={good.length === 1 ? text.download : `${text.download}: ${part.kind}`}
        />
      ))}
      <Button kind="danger" aria-label={text.removeOf(at)} onClick={() => setAsked('remove')}>
        {text.remove}
      </Button>
      {asked === 'restore' && (
        <Confirm
          title={text.restoreTitle(environment.slug)}
          name={environment.slug}
          action={text.restore}
          busy={restore.isPending}
          error={<ErrorNote error={restore.error} />}
          onConfirm={() => restore.mutate(undefined)}
          onClose={close}
        >
          <p>{text.restoreText(environment.slug)}</p>
        </Confirm>
      )}
      {asked === 'remove' && (
        <Confirm
          title={text.removeTitle}
          action={text.remove}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(undefined)}
          onClose={close}
        >
          <p>{text.removeText}</p>
        </Confirm>
      )}
    </div>
  );
}

function Download({
  backup,
  part,
  label,
  title,
}: {
  backup: string;
  part: string;
  label: string;
  title: string;
}) {
  const download = useControl(
    () => downloadAddress(backup, part),
    // The answer is an attachment: the page stays.
    (address) => window.location.assign(address),
  );
  return (
    <>
      <Button
        aria-label={label}
        busy={download.isPending}
        onClick={() => download.mutate(undefined)}
      >
        {title}
      </Button>
      <ErrorNote error={download.error} />
    </>
  );
}
