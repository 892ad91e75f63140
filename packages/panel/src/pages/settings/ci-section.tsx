import type { ApplicationLine, CiRepository, TravisSettings } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, SelectField, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { travisSettingsQuery } from './queries.ts';

interface Props {
  readonly application: ApplicationLine;
  readonly repository: CiRepository;
}

export function CiSection({ application, repository }: Props) {
  const { data } = useSuspenseQuery(travisSettingsQuery(application.uuid, repository.id));
  return <Form key={JSON.stringify([repository, data])} repository={repository} travis={data} />;
}

type Strict = keyof typeof text.strictChoices;

function Form({ repository, travis }: { repository: CiRepository; travis: TravisSettings }) {
  const { uuid, id, strict_toolchains: wasStrict } = repository;
  const [active, setActive] = useState(repository.active);
  const [pushes, setPushes] = useState(travis.build_pushes);
  const [autoCancel, setAutoCancel] = useState(travis.auto_cancel_pushes);
  const [strict, setStrict] = useState<Strict>(
    wasStrict === null ? 'inherit' : wasStrict ? 'yes' : 'no',
  );
  const [jobs, setJobs] = useState(String(repository.maximum_number_of_builds ?? ''));
  const say = useToast();
  const save = useControl(
    async () => {
      await api.repositories.update(uuid, {
        active,
        strict_toolchains: strict === 'inherit' ? null : strict === 'yes',
        maximum_number_of_builds: jobs.trim() === '' ? null : jobs.trim(),
      });
      await api.repositorySettings.update(id, {
        build_pushes: pushes,
        auto_cancel_pushes: autoCancel,
      });
    },
    () => say(common.saved),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const complaint =
    save.error instanceof ApiError
      ? save.error.fields['maximum_number_of_builds']?.join(' ')
      : undefined;
  return (
    <Section title={text.ci}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <Checkbox
          label={text.active}
          hint={text.activeHint}
          checked={active}
          onChange={setActive}
        />
        <Checkbox label={text.pushes} checked={pushes} onChange={setPushes} disabled={!active} />
        <Checkbox
          label={text.autoCancel}
          checked={autoCancel}
          onChange={setAutoCancel}
          disabled={!active}
        />
        <SelectField
          label={text.strict}
          hint={text.strictHint}
          value={strict}
          onChange={(value) => setStrict(value as Strict)}
        >
          {Object.entries(text.strictChoices).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </SelectField>
        <TextField
          label={text.concurrency}
          hint={text.concurrencyHint}
          value={jobs}
          onChange={setJobs}
          error={complaint}
          inputMode="numeric"
        />
        {complaint === undefined && <ErrorNote error={save.error} />}
        <div>
          <Button type="submit" busy={save.isPending}>
            {text.saveCi}
          </Button>
        </div>
      </form>
    </Section>
  );
}
