import type { ApplicationLine, TravisEnvVar } from '@sluice/contract';
import { isTooShortToMask } from '@sluice/contract/masking';
import { useSuspenseQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { settings as text } from '../../text/settings.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { buildVariablesQuery } from './queries.ts';

/** Variables that the settings give to jobs, as Travis has them. */
export function BuildVariables({
  application,
  repositoryId,
}: {
  application: ApplicationLine;
  repositoryId: number;
}) {
  const { data } = useSuspenseQuery(buildVariablesQuery(application.uuid, repositoryId));
  const say = useToast();
  const remove = useControl(
    async (variable: TravisEnvVar) => {
      await api.repositoryVariables.remove(repositoryId, variable.id);
      return variable;
    },
    ({ name }) => say(text.variableRemoved(name)),
  );
  return (
    <Section title={text.variables}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-muted">{text.variablesHint}</p>
        {data.length === 0 ? (
          <p className="text-sm">{text.noVariables}</p>
        ) : (
          <Table
            caption={text.variablesTable}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              { title: text.variable, cell: ({ name }) => <code>{name}</code> },
              {
                title: text.value,
                cell: ({ value }) =>
                  value === null ? (
                    <span className="text-muted">{text.private}</span>
                  ) : (
                    <code className="break-all">{value}</code>
                  ),
              },
              { title: text.branch, cell: ({ branch }) => branch ?? text.everyBranch, wide: true },
              {
                title: text.actions,
                cell: (variable) => (
                  <IconButton
                    label={text.removeVariable(variable.name)}
                    onClick={() => remove.mutate(variable)}
                  >
                    <X aria-hidden className="size-4" />
                  </IconButton>
                ),
              },
            ]}
          />
        )}
        <ErrorNote error={remove.error} />
        <AddVariable repositoryId={repositoryId} />
      </div>
    </Section>
  );
}

function AddVariable({ repositoryId }: { repositoryId: number }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [branch, setBranch] = useState('');
  const [isPublic, setPublic] = useState(false);
  const say = useToast();
  const add = useControl(
    () =>
      api.repositoryVariables.create(repositoryId, {
        ...{ name: name.trim(), value, public: isPublic },
        branch: branch.trim() === '' ? null : branch.trim(),
      }),
    (made) => {
      setName('');
      setValue('');
      setBranch('');
      say(text.variableAdded(made.name));
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 md:grid-cols-3">
        <TextField
          label={text.variable}
          value={name}
          onChange={setName}
          autoComplete="off"
          spellCheck={false}
          required
        />
        <TextField
          label={text.value}
          hint={!isPublic && isTooShortToMask(value) ? text.tooShort : undefined}
          type={isPublic ? 'text' : 'password'}
          value={value}
          onChange={setValue}
          autoComplete="new-password"
        />
        <TextField
          label={text.branch}
          hint={text.branchHint}
          value={branch}
          onChange={setBranch}
          autoComplete="off"
        />
      </div>
      <Checkbox
        label={text.public}
        hint={text.publicHint}
        checked={isPublic}
        onChange={setPublic}
      />
      <ErrorNote error={add.error} />
      <div>
        <Button type="submit" busy={add.isPending} disabled={name.trim() === ''}>
          {text.addVariable}
        </Button>
      </div>
    </form>
  );
}
