import type { ApplicationLine, CommitStatusTarget } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { commitStatuses as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { CommitStatusesForm } from './commit-statuses-form.tsx';
import { commitStatusesQuery } from './queries.ts';

/** Where builds and deployments are shown as commit statuses, and how sending them goes. */
export function CommitStatusesSection({ application }: { application: ApplicationLine }) {
  const { uuid, organisation } = application;
  const { data: target } = useSuspenseQuery(commitStatusesQuery(uuid));
  const canWrite = useCan()(organisation, 'application:write');
  return (
    <Section
      title={text.title}
      actions={canWrite && target !== null && <RemoveTarget application={uuid} />}
    >
      <div className="flex flex-col gap-4">
        {target === null ? (
          <p className="max-w-prose text-sm text-muted">{text.off}</p>
        ) : (
          <State target={target} />
        )}
        {canWrite && (
          <CommitStatusesForm key={target?.updated_at ?? ''} application={uuid} target={target} />
        )}
      </div>
    </Section>
  );
}

function State({ target }: { target: CommitStatusTarget }) {
  return (
    <>
      <Facts
        facts={[
          [text.sentTo, `${target.slug}, ${target.api_url}`],
          [text.waiting, String(target.waiting)],
        ]}
      />
      {target.last_error !== null && (
        <Note tone="warn">
          {text.failing} {target.last_error}
        </Note>
      )}
    </>
  );
}

function RemoveTarget({ application }: { application: string }) {
  const [isAsking, setAsking] = useState(false);
  const say = useToast();
  const remove = useControl(
    () => api.commitStatuses.remove(application),
    () => say(text.removed),
  );
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {text.remove}
      </Button>
      {isAsking && (
        <Confirm
          title={text.remove}
          action={text.remove}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>{text.removeText}</p>
        </Confirm>
      )}
    </>
  );
}
