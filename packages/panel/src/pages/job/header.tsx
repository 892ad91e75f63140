import type { ApplicationLine, BuildDetail, Job } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, RotateCw } from 'lucide-react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { applicationKey } from '../../api/overview.ts';
import { useCan } from '../../api/session.ts';
import { job as text } from '../../text/job.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Duration } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';

const LINK = 'text-accent underline underline-offset-2';

/** Which job it is, how it stands, and what can be done about it. */
export function JobHeader({
  job,
  build,
  application,
}: {
  job: Job;
  build: BuildDetail;
  application: ApplicationLine | undefined;
}) {
  return (
    <PageHeader
      title={[text.title(job.number), job.name].filter(Boolean).join(' · ')}
      trail={
        <>
          {application !== undefined && (
            <>
              <Link
                to="/applications/$app"
                params={{ app: applicationKey(application) }}
                className={LINK}
              >
                {application.name}
              </Link>
              <span aria-hidden>/</span>
            </>
          )}
          <Link to="/builds/$build" params={{ build: String(build.id) }} className={LINK}>
            {text.ofBuild(build.number)}
          </Link>
        </>
      }
      meta={
        <>
          <StateBadge state={job.state} />
          {job.allow_failure && <span title={text.mayFailHint}>{text.mayFail}</span>}
          {job.stage !== null && <span>{text.stage(job.stage)}</span>}
          <span>{build.tag ?? build.branch}</span>
          <Times job={job} />
          {job.exit_code !== null && job.exit_code !== 0 && <span>{text.exit(job.exit_code)}</span>}
        </>
      }
      actions={<Actions job={job} organisation={application?.organisation} />}
    />
  );
}

/** How long it waited, and how long it ran. */
function Times({ job }: { job: Job }) {
  const { queued_at, started_at, finished_at } = job;
  return (
    <>
      {queued_at !== null && (started_at !== null || finished_at === null) && (
        <span>
          {started_at === null ? text.waits : text.waited}{' '}
          <Duration from={queued_at} to={started_at} />
        </span>
      )}
      {started_at !== null && (
        <span>
          {finished_at === null ? text.runs : text.ran}{' '}
          <Duration from={started_at} to={finished_at} />
        </span>
      )}
    </>
  );
}

function Actions({ job, organisation }: { job: Job; organisation: string | undefined }) {
  const queryClient = useQueryClient();
  const say = useToast();
  const may = useCan();
  const show = (answer: Job) => queryClient.setQueryData(keys.job(job.id), answer);
  const restart = useMutation({
    mutationFn: () => api.jobs.restart(job.id),
    onSuccess: (answer) => {
      show(answer);
      say(text.restarted);
    },
  });
  const cancel = useMutation({
    mutationFn: () => api.jobs.cancel(job.id),
    onSuccess: (answer) => {
      show(answer);
      // One that was cancelled by mistake runs again at a click.
      say(text.cancelled);
    },
  });
  if (organisation === undefined || !may(organisation, 'build:write')) return null;
  return (
    <div className="flex flex-col items-end gap-2">
      {job.finished_at === null ? (
        <Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <Ban aria-hidden className="size-4" />
          {text.cancel}
        </Button>
      ) : (
        <Button busy={restart.isPending} title={text.restartText} onClick={() => restart.mutate()}>
          <RotateCw aria-hidden className="size-4" />
          {text.restart}
        </Button>
      )}
      <ErrorNote error={restart.error ?? cancel.error} />
    </div>
  );
}
