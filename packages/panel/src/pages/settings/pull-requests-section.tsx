import type { ApplicationLine, PullRequestSettings, TravisSettings } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { pulls, pullSettings as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { pullSettingsQuery, travisSettingsQuery } from './queries.ts';

interface Props {
  readonly application: ApplicationLine;
  readonly repositoryId: number;
}

/** How pull requests are built and merged. */
export function PullRequestsSection({ application, repositoryId }: Props) {
  const { uuid } = application;
  const { data: travis } = useSuspenseQuery(travisSettingsQuery(uuid, repositoryId));
  const { data: settings } = useSuspenseQuery(pullSettingsQuery(uuid));
  const { build_pull_requests: builds, auto_cancel_pull_requests: cancels } = travis;
  return (
    <Form
      // What is saved elsewhere takes the place of what was not saved here.
      key={JSON.stringify([builds, cancels, settings])}
      {...{ application, repositoryId, travis, settings }}
    />
  );
}

function Form({
  application,
  repositoryId,
  travis,
  settings,
}: Props & { travis: TravisSettings; settings: PullRequestSettings }) {
  const [builds, setBuilds] = useState(travis.build_pull_requests);
  const [cancels, setCancels] = useState(travis.auto_cancel_pull_requests);
  const [approve, setApprove] = useState(settings.approve_first);
  const [green, setGreen] = useState(settings.require_green);
  const [current, setCurrent] = useState(settings.require_current);
  const [method, setMethod] = useState(settings.merge_method);
  const [deletes, setDeletes] = useState(settings.delete_branch);
  const say = useToast();
  const save = useControl(
    async () => {
      await api.pullRequests.changeSettings(application.uuid, {
        ...{ approve_first: approve, require_green: green, require_current: current },
        ...{ merge_method: method, delete_branch: deletes },
      });
      await api.repositorySettings.update(repositoryId, {
        ...{ build_pull_requests: builds, auto_cancel_pull_requests: cancels },
      });
    },
    () => say(common.saved),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Section title={text.title}>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4">
        <Checkbox label={text.build} checked={builds} onChange={setBuilds} />
        <Checkbox
          label={text.approveFirst}
          hint={text.approveFirstHint}
          checked={approve}
          onChange={setApprove}
        />
        <Checkbox
          label={text.autoCancel}
          hint={text.autoCancelHint}
          checked={cancels}
          onChange={setCancels}
        />
        <SelectField
          label={text.requireGreen}
          value={green}
          onChange={(value) => setGreen(value as PullRequestSettings['require_green'])}
        >
          <Options choices={text.greens} />
        </SelectField>
        {green !== 'off' && (
          <Checkbox
            label={text.requireCurrent}
            hint={text.requireCurrentHint}
            checked={current}
            onChange={setCurrent}
          />
        )}
        <SelectField
          label={text.method}
          hint={text.methodHint}
          value={method}
          onChange={(value) => setMethod(value as PullRequestSettings['merge_method'])}
        >
          <Options choices={pulls.methods} />
        </SelectField>
        <Checkbox label={text.deleteBranch} checked={deletes} onChange={setDeletes} />
        <ErrorNote error={save.error} />
        <div>
          <Button type="submit" busy={save.isPending}>
            {text.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Options({ choices }: { choices: Readonly<Record<string, string>> }) {
  return Object.entries(choices).map(([value, title]) => (
    <option key={value} value={value}>
      {title}
    </option>
  ));
}
