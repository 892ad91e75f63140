import type { BackupSchedule } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { backupActions, schedulesQuery } from '../../api/backups.ts';
import { backups as text } from '../../text/backups.ts';
import { Button } from '../../ui/button.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** When backups are made by themselves, and how many are kept. */
export function ScheduleSection({
  environment,
  canWrite,
}: {
  environment: string;
  canWrite: boolean;
}) {
  const { data } = useSuspenseQuery(schedulesQuery(environment));
  const [isAdding, setAdding] = useState(false);
  return (
    <Section
      title={text.schedule}
      actions={canWrite && <Button onClick={() => setAdding(true)}>{text.scheduleAdd}</Button>}
    >
      {data.results.length === 0 ? (
        <p className="text-sm text-muted">{text.scheduleNone}</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {data.results.map((schedule) => (
            <Line key={schedule.uuid} schedule={schedule} canWrite={canWrite} />
          ))}
        </ul>
      )}
      {isAdding && <AddDialog environment={environment} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function Line({ schedule, canWrite }: { schedule: BackupSchedule; canWrite: boolean }) {
  const say = useToast();
  const end = useControl(
    () => backupActions.endSchedule(schedule.uuid),
    () => say(text.scheduleEnded),
  );
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 text-sm">
      <p>
        {text.scheduleText(schedule.cron)};{' '}
        {text.scheduleKeeps(schedule.keep_count, schedule.keep_days)}; {text.next}{' '}
        <Time at={schedule.next_at} />
      </p>
      {canWrite && (
        <Button busy={end.isPending} onClick={() => end.mutate(undefined)}>
          {text.scheduleEnd}
        </Button>
      )}
      <ErrorNote error={end.error} />
    </li>
  );
}

function AddDialog({ environment, onClose }: { environment: string; onClose: () => void }) {
  const [cron, setCron] = useState('0 3 * * *');
  const [keep, setKeep] = useState('7');
  const say = useToast();
  const add = useControl(
    () => backupActions.addSchedule({ environment, cron, keep_count: Number(keep) }),
    () => {
      onClose();
      say(text.scheduleAdded);
    },
  );
  return (
    <FormDialog
      title={text.scheduleAdd}
      action={text.scheduleAdd}
      busy={add.isPending}
      onSubmit={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.cron}
        hint={text.cronHint}
        value={cron}
        onChange={setCron}
        spellCheck={false}
        required
      />
      <TextField
        label={text.keepCount}
        type="number"
        min={1}
        value={keep}
        onChange={setKeep}
        required
      />
      <ErrorNote error={add.error} />
    </FormDialog>
  );
}
