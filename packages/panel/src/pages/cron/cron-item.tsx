import type { CronJob } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { cron as text } from '../../text/cron.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { RunBadge, RunHistory } from './run-history.tsx';

/** One job: when it runs, how it ran last, and what can be done with it. */
export function CronItem({
  job,
  canWrite,
  canRun,
}: {
  job: CronJob;
  canWrite: boolean;
  canRun: boolean;
}) {
  const [isRemoving, setRemoving] = useState(false);
  const say = useToast();
  const run = useControl(
    () => api.cron.run(job.uuid),
    () => say(text.began),
  );
  const { command, last_run: last } = job;
  const isRunning = last !== null && last.ended_at === null;
  return (
    <li className="rounded-md border border-line p-3">
      <div className="mb-3 flex flex-wrap items-start justify-between gap-2">
        <code className="min-w-0 flex-1 basis-64 pt-2 font-mono text-sm break-words whitespace-pre-wrap">
          {command}
        </code>
        <div className="flex flex-wrap gap-2">
          {canRun && (
            <Button
              aria-label={text.runNowOf(command)}
              busy={run.isPending}
              disabled={isRunning}
              onClick={() => run.mutate(undefined)}
            >
              {text.runNow}
            </Button>
          )}
          {canWrite && (
            <Button
              kind="danger"
              aria-label={text.removeOf(command)}
              onClick={() => setRemoving(true)}
            >
              {text.remove}
            </Button>
          )}
        </div>
      </div>
      <ErrorNote error={run.error} />
      <Facts
        facts={[
          [
            text.schedule,
            <span key="schedule">
              <code className="font-mono">{job.schedule}</code> UTC
            </span>,
          ],
          [
            text.next,
            job.next_run_at === null ? (
              text.nextAfterDeployment
            ) : (
              <Time key="next" at={job.next_run_at} />
            ),
          ],
          [
            text.last,
            last === null ? (
              text.neverRan
            ) : (
              <span key="last" className="flex flex-wrap items-center gap-2">
                <RunBadge run={last} />
                <Time at={last.started_at} />
                {last.detail !== null && <span className="text-muted">{last.detail}</span>}
              </span>
            ),
          ],
        ]}
      />
      {last !== null && <RunHistory job={job} />}
      {isRemoving && <RemoveDialog job={job} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ job, onClose }: { job: CronJob; onClose: () => void }) {
  const say = useToast();
  const remove = useControl(
    () => api.cron.remove(job.uuid),
    () => {
      onClose();
      say(text.removed);
    },
  );
  return (
    <Confirm
      title={text.removeTitle}
      action={text.remove}
      busy={remove.isPending}
      error={<ErrorNote error={remove.error} />}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <p className="font-mono break-words">{job.command}</p>
      <p>{text.removeText}</p>
    </Confirm>
  );
}
