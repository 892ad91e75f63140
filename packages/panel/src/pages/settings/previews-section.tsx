import type { ApplicationLine, PullRequestSettings } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { previews as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { PreviewVariables } from './preview-variables.tsx';
import { pullSettingsQuery } from './queries.ts';

/** What the server takes. */
const MOST_DAYS = 365;
const MOST_PREVIEWS = 50;

/** Environments of pull requests: whether, how many, for how long, and with which variables. */
export function PreviewsSection({ application }: { application: ApplicationLine }) {
  const { data: settings } = useSuspenseQuery(pullSettingsQuery(application.uuid));
  const { previews, preview_days: days, preview_limit: limit } = settings;
  return (
    <Section title={text.title}>
      <div className="flex flex-col gap-6">
        <Form
          key={JSON.stringify([previews, days, limit])}
          application={application.uuid}
          settings={settings}
        />
        <PreviewVariables application={application.uuid} />
      </div>
    </Section>
  );
}

function Form({ application, settings }: { application: string; settings: PullRequestSettings }) {
  const [isOn, setOn] = useState(settings.previews);
  const [days, setDays] = useState(String(settings.preview_days));
  const [limit, setLimit] = useState(String(settings.preview_limit));
  const say = useToast();
  const save = useControl(
    () =>
      api.pullRequests.changeSettings(application, {
        ...{ previews: isOn, preview_days: Number(days), preview_limit: Number(limit) },
      }),
    () => say(common.saved),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
      <Checkbox label={text.on} hint={text.onHint} checked={isOn} onChange={setOn} />
      <TextField
        label={text.days}
        type="number"
        min={1}
        max={MOST_DAYS}
        value={days}
        onChange={setDays}
        required
      />
      <TextField
        label={text.limit}
        type="number"
        min={1}
        max={MOST_PREVIEWS}
        value={limit}
        onChange={setLimit}
        required
      />
      <ErrorNote error={save.error} />
      <div>
        <Button type="submit" busy={save.isPending}>
          {text.save}
        </Button>
      </div>
    </form>
  );
}
