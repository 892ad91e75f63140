import type { Application, ApplicationLine } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { detailQuery } from './queries.ts';

type Command = Application['release_commands'][number];
type Row = Command & { readonly key: number };

export function ReleaseCommands({ application }: { application: ApplicationLine }) {
  const { data } = useSuspenseQuery(detailQuery(application.uuid));
  return (
    <Form
      key={JSON.stringify(data.release_commands)}
      uuid={application.uuid}
      commands={data.release_commands}
    />
  );
}

function Form({ uuid, commands }: { uuid: string; commands: readonly Command[] }) {
  const next = useRef(commands.length);
  const [rows, setRows] = useState<readonly Row[]>(
    commands.map((command, key) => ({ ...command, key })),
  );
  const say = useToast();
  const save = useControl(
    () =>
      api.applications.update(uuid, {
        release_commands: rows
          .filter(({ command }) => command.trim() !== '')
          .map(({ label, command }) => ({ label: label.trim() || command, command })),
      }),
    () => say(common.saved),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const change = (index: number, part: Partial<Command>) =>
    setRows(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const isChanged =
    JSON.stringify(rows.map(({ label, command }) => ({ label, command }))) !==
    JSON.stringify(commands.map(({ label, command }) => ({ label, command })));
  return (
    <Section title={text.releaseCommands}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-muted">{text.releaseHint}</p>
        {rows.length === 0 && <p className="text-sm">{text.noCommands}</p>}
        {rows.map((row, index) => (
          <div key={row.key} className="grid items-end gap-3 sm:grid-cols-[12rem_1fr_auto]">
            <TextField
              label={text.commandLabel(index + 1)}
              value={row.label}
              onChange={(label) => change(index, { label })}
            />
            <TextField
              label={text.command(index + 1)}
              value={row.command}
              onChange={(command) => change(index, { command })}
              spellCheck={false}
              className="font-mono"
            />
            <IconButton
              label={text.removeCommand(index + 1)}
              onClick={() => setRows(rows.filter((_, at) => at !== index))}
            >
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
        ))}
        <ErrorNote error={save.error} />
        <div className="flex flex-wrap gap-2">
          <Button
            onClick={() => {
              next.current += 1;
              setRows([...rows, { label: '', command: '', key: next.current }]);
            }}
          >
            <Plus aria-hidden className="size-4" />
            {text.addCommand}
          </Button>
          <Button type="submit" busy={save.isPending} disabled={!isChanged}>
            {text.saveCommands}
          </Button>
        </div>
      </form>
    </Section>
  );
}
