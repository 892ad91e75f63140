import type { ApplicationLine, BuildDetail } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, RotateCw } from 'lucide-react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { applicationKey } from '../../api/overview.ts';
import { useCan } from '../../api/session.ts';
import { application as applicationText } from '../../text/application.ts';
import { build as text } from '../../text/build.ts';
import { Button } from '../../ui/button.tsx';
import { CommitLink } from '../../ui/commit.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Duration, Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';

/** Where one is, what was built, how it stands, and what can be done about it. */
export function BuildHeader({
  build,
  application,
}: {
  build: BuildDetail;
  application: ApplicationLine | undefined;
}) {
  const app = application === undefined ? null : applicationKey(application);
  const [subject = '', ...body] = build.message.split('\n');
  const rest = body.join('\n').trim();
  return (
    <>
      <PageHeader
        title={text.title(build.number)}
        trail={app === null ? null : <Trail app={app} name={application?.name ?? ''} />}
        meta={
          <>
            <StateBadge state={build.state} />
            <span>{build.tag === null ? build.branch : text.tag(build.tag)}</span>
            {app === null ? (
              <code className="font-mono text-xs">{build.sha.slice(0, 10)}</code>
            ) : (
              <CommitLink app={app} sha={build.sha} />
            )}
            {build.author !== null && <span>{text.by(build.author)}</span>}
            <Time at={build.created_at} />
            {build.started_at !== null && (
              <Duration from={build.started_at} to={build.finished_at} />
            )}
            {build.canceled_by !== null && <span>{text.cancelledBy(build.canceled_by)}</span>}
            {build.restarted_by !== null && <span>{text.restartedBy(build.restarted_by)}</span>}
          </>
        }
        actions={<Actions build={build} organisation={application?.organisation} />}
      />
      <div className="mb-5">
        <p className="font-medium break-words">{subject}</p>
        {rest !== '' && (
          <p className="mt-1 max-w-prose text-sm whitespace-pre-line text-muted break-words">
            {rest}
          </p>
        )}
      </div>
    </>
  );
}

const LINK = 'text-accent underline underline-offset-2';

function Trail({ app, name }: { app: string; name: string }) {
  return (
    <>
      <Link to="/" className={LINK}>
        {applicationText.applications}
      </Link>
      <span aria-hidden>/</span>
      <Link to="/applications/$app" params={{ app }} className={LINK}>
        {name}
      </Link>
      <span aria-hidden>/</span>
      <Link to="/applications/$app/builds" params={{ app }} className={LINK}>
        {applicationText.builds}
      </Link>
    </>
  );
}

function Actions({
  build,
  organisation,
}: {
  build: BuildDetail;
  organisation: string | undefined;
}) {
  const queryClient = useQueryClient();
  const say = useToast();
  const may = useCan();
  const show = (answer: BuildDetail) => queryClient.setQueryData(keys.build(build.id), answer);
  const restart = useMutation({
    mutationFn: () => api.builds.restart(build.id),
    onSuccess: (answer) => {
      show(answer);
      say(text.restarted);
    },
  });
  const cancel = useMutation({
    mutationFn: () => api.builds.cancel(build.id),
    onSuccess: (answer) => {
      show(answer);
      // What was cancelled by mistake runs again at a click; what it had done until then is in its former logs.
      say(text.cancelled);
    },
  });
  if (organisation === undefined || !may(organisation, 'build:write')) return null;
  const hasEnded = build.finished_at !== null;
  return (
    <div className="flex flex-col items-end gap-2">
      {hasEnded && build.jobs.length > 0 && (
        <Button busy={restart.isPending} title={text.restartText} onClick={() => restart.mutate()}>
          <RotateCw aria-hidden className="size-4" />
          {text.restart}
        </Button>
      )}
      {!hasEnded && (
        <Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <Ban aria-hidden className="size-4" />
          {text.cancel}
        </Button>
      )}
      <ErrorNote error={restart.error ?? cancel.error} />
    </div>
  );
}
