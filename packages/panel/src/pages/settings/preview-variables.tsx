import { useSuspenseQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { previews as text } from '../../text/pulls.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { previewVariablesQuery } from './queries.ts';

/** The set of variables that all previews of an application have to themselves. */
export function PreviewVariables({ application }: { application: string }) {
  const { data } = useSuspenseQuery(previewVariablesQuery(application));
  const say = useToast();
  const remove = useControl(
    async (name: string) => {
      await api.previewVariables.remove(application, name);
      return name;
    },
    (name) => say(text.removed(name)),
  );
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h3 className="text-sm font-semibold">{text.variables}</h3>
        <p className="mt-1 max-w-prose text-sm text-muted">{text.variablesHint}</p>
      </div>
      {data.length === 0 ? (
        <p className="text-sm">{text.none}</p>
      ) : (
        <Table
          caption={text.variables}
          rows={data}
          rowKey={({ name }) => name}
          columns={[
            { title: text.name, cell: ({ name }) => <code>{name}</code> },
            {
              title: text.value,
              cell: ({ value }) =>
                value === null ? (
                  <span className="text-muted">{text.notShown}</span>
                ) : (
                  <code className="break-all">{value}</code>
                ),
            },
            {
              title: text.actions,
              cell: ({ name }) => (
                <IconButton label={text.removeOf(name)} onClick={() => remove.mutate(name)}>
                  <X aria-hidden className="size-4" />
                </IconButton>
              ),
            },
          ]}
        />
      )}
      <ErrorNote error={remove.error} />
      <SetVariable application={application} />
    </div>
  );
}

function SetVariable({ application }: { application: string }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [isSensitive, setSensitive] = useState(true);
  const say = useToast();
  const set = useControl(
    async () => {
      await api.previewVariables.set(application, name.trim(), {
        ...{ value, is_sensitive: isSensitive },
      });
      return name.trim();
    },
    (made) => {
      setName('');
      setValue('');
      say(text.wasSet(made));
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 md:grid-cols-2">
        <TextField
          label={text.name}
          value={name}
          onChange={setName}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <TextField
          label={text.value}
          type={isSensitive ? 'password' : 'text'}
          value={value}
          onChange={setValue}
          autoComplete="new-password"
        />
      </div>
      <Checkbox
        label={text.sensitive}
        hint={text.sensitiveHint}
        checked={isSensitive}
        onChange={setSensitive}
      />
      <ErrorNote error={set.error} />
      <div>
        <Button type="submit" busy={set.isPending}>
          {text.set}
        </Button>
      </div>
    </form>
  );
}
