import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { cron as text } from '../../text/cron.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

export function AddDialog({ environment, onClose }: { environment: string; onClose: () => void }) {
  const [command, setCommand] = useState('');
  const [schedule, setSchedule] = useState('0 3 * * *');
  const say = useToast();
  const add = useControl(
    () => api.cron.create({ environment, command: command.trim(), schedule: schedule.trim() }),
    () => {
      onClose();
      say(text.added);
    },
  );
  const complaint =
    add.error instanceof ApiError ? add.error.fields['schedule']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.add}
      action={text.addAction}
      busy={add.isPending}
      onSubmit={() => add.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.command}
        hint={text.commandHint}
        value={command}
        onChange={setCommand}
        className="font-mono"
        required
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        label={text.schedule}
        hint={text.scheduleHint}
        error={complaint}
        value={schedule}
        onChange={setSchedule}
        className="font-mono"
        required
        autoComplete="off"
        spellCheck={false}
      />
      {complaint === undefined && <ErrorNote error={add.error} />}
    </FormDialog>
  );
}
