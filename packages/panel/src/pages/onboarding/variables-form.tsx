import type { ApplicationLine, Proposal } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';

const SECRET = /SECRET|TOKEN|PASSWORD|KEY|_URL$|_URI$|DSN$/;

/** The variables that a project names, to be set in every environment. */
export function VariablesForm({
  application,
  variables,
}: {
  application: ApplicationLine;
  variables: Proposal['variables'];
}) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(variables.map(({ name, value }) => [name, value ?? ''])),
  );
  const set = useMutation({
    mutationFn: async () => {
      const there = (await api.variables.list({ application: application.uuid, pageSize: 1_000 }))
        .results;
      for (const { uuid: environment } of application.environments) {
        for (const { name, is_generated } of variables) {
          const typed = values[name] ?? '';
          const value = typed === '' && is_generated ? randomSecret() : typed;
          if (value === '') continue;
          const old = there.find((one) => one.environment === environment && one.name === name);
          const is_sensitive = is_generated || SECRET.test(name);
          if (old === undefined) {
            await api.variables.create({ environment, name, value, is_sensitive });
          } else await api.variables.update(old.uuid, { value, is_sensitive });
        }
      }
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <Section title={text.variables}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-sm text-muted">{text.variablesHint}</p>
        <div className="grid gap-4 md:grid-cols-2">
          {variables.map(({ name, description, required, is_generated }) => (
            <TextField
              key={name}
              label={text.variableValue(name)}
              hint={[
                description,
                required && !is_generated ? `(${text.required})` : null,
                is_generated ? text.generated : null,
                is_generated || SECRET.test(name) ? `(${text.sensitive})` : null,
              ]
                .filter(Boolean)
                .join(' ')}
              value={values[name] ?? ''}
              onChange={(value) => setValues({ ...values, [name]: value })}
              autoComplete="off"
              spellCheck={false}
            />
          ))}
        </div>
        <ErrorNote error={set.error} />
        {set.isSuccess && <Note tone="good">{text.variablesSet}</Note>}
        <div>
          <Button type="submit" busy={set.isPending}>
            {text.setVariables}
          </Button>
        </div>
      </form>
    </Section>
  );
}

/** 64 hexadecimal digits, as Heroku makes them. */
function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
