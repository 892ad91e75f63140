import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { applicationKey, overviewQuery } from '../../api/overview.ts';
import { useSession } from '../../api/session.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote } from '../../ui/notes.tsx';
import { nameCheckQuery } from '../onboarding/queries.ts';

/** Typing is judged once it rests so long. */
const REST_MS = 250;

/** A name that the server finds free, and the organisation that it belongs to. */
export function NameStep({ onMade }: { onMade: (app: string) => void }) {
  const { organisations } = useSession();
  const allowed = organisations.filter(({ actions }) => actions.includes('application:create'));
  const [name, setName] = useState('');
  const [organisation, setOrganisation] = useState(allowed[0]?.uuid ?? '');
  const queryClient = useQueryClient();
  const rested = useRested(name.trim());
  const { data: complaint } = useQuery(nameCheckQuery(rested));
  const create = useMutation({
    mutationFn: async () => {
      const made = await api.applications.create({ name: name.trim(), organisation });
      await queryClient.fetchQuery({ ...overviewQuery, staleTime: 0 });
      return made;
    },
    onSuccess: (made) => onMade(applicationKey(made)),
  });
  if (allowed.length === 0) return <Empty title={text.noOrganisation} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const fields = create.error instanceof ApiError ? create.error.fields : {};
  const refused = fields['name'] ?? fields['slug'];
  const isJudged = rested === name.trim();
  const error = isJudged ? (complaint ?? refused?.join(' ')) : undefined;
  return (
    <Section title={text.nameTitle}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <TextField
          label={text.name}
          hint={text.nameHint}
          value={name}
          onChange={setName}
          error={error}
          autoComplete="off"
          required
        />
        {allowed.length > 1 && (
          <SelectField label={text.organisation} value={organisation} onChange={setOrganisation}>
            {allowed.map(({ uuid, name: title }) => (
              <option key={uuid} value={uuid}>
                {title}
              </option>
            ))}
          </SelectField>
        )}
        {refused === undefined && <ErrorNote error={create.error} />}
        <div>
          <Button
            kind="primary"
            type="submit"
            busy={create.isPending}
            disabled={name.trim() === '' || Boolean(isJudged && complaint)}
          >
            {text.create}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
