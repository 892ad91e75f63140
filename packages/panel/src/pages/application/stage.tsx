import type { EnvironmentLine } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, ChevronRight, ExternalLink, Rocket } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { overview as text } from '../../text/overview.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { Hold, LastFailure, LiveCommit, Moving } from '../dashboard/environment-card.tsx';
import { DeployDialog } from './deploy-dialog.tsx';

/** What a click is to deploy, and where. */
interface Asked {
  readonly environment: EnvironmentLine;
  readonly commit: string;
}

/** One environment of the pipeline, with what can be done: deploy here, promote what is live here, resume. */
export function Stage({
  app,
  environment,
  next,
  mayDeploy,
}: {
  app: string;
  environment: EnvironmentLine;
  /** The environment after it; undefined for the last one. */
  next: EnvironmentLine | undefined;
  mayDeploy: boolean;
}) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const say = useToast();
  const resume = useMutation({
    mutationFn: () => api.environments.resume(environment.uuid),
    onSuccess: () => say(text.resumed),
  });
  const { live, slug } = environment;
  const promotes =
    next !== undefined && live !== null && next.live?.commit.sha !== live.commit.sha
      ? { environment: next, commit: live.commit.sha }
      : null;
  return (
    <li className="relative flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-4">
      {next !== undefined && (
        <ChevronRight
          aria-hidden
          className="absolute top-1/2 -right-7 hidden size-6 -translate-y-1/2 text-muted md:block"
        />
      )}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-base font-semibold">
          <Link
            to="/applications/$app/environments/$env"
            params={{ app, env: slug }}
            className="text-ink underline-offset-2 hover:underline"
          >
            {slug}
          </Link>
        </h3>
        <StateBadge state={environment.health} />
      </div>
      <LiveCommit app={app} environment={environment} />
      <Moving environment={environment} />
      <LastFailure environment={environment} />
      <Hold environment={environment} />
      {environment.hold === null && (
        <p data-testid="summary" className="text-sm text-muted break-words">
          {environment.summary}
        </p>
      )}
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-xs text-muted">
        <dt>{text.branch}</dt>
        <dd className="min-w-0 break-words">
          {environment.branch} · {environment.auto_deploy ? text.auto : text.manual}
        </dd>
        {live !== null && (
          <>
            <dt>{text.address}</dt>
            <dd className="min-w-0">
              <a
                href={environment.url}
                target="_blank"
                rel="noreferrer"
                className="inline-flex max-w-full items-center gap-1 text-accent underline underline-offset-2"
              >
                <span className="truncate">{environment.url.replace(/^https?:\/\//, '')}</span>
                <ExternalLink aria-hidden className="size-3 shrink-0" />
              </a>
            </dd>
          </>
        )}
      </dl>
      <ErrorNote error={resume.error} />
      {mayDeploy && (
        <div className="mt-auto flex flex-wrap gap-2 pt-1">
          <Button onClick={() => setAsked({ environment, commit: '' })}>
            <Rocket aria-hidden className="size-4" />
            {text.deploy}
            <span className="sr-only"> {slug}</span>
          </Button>
          {promotes !== null && (
            <Button onClick={() => setAsked(promotes)}>
              {text.promote(promotes.environment.slug)}
              <ArrowRight aria-hidden className="size-4" />
            </Button>
          )}
          {environment.hold !== null && (
            <Button busy={resume.isPending} onClick={() => resume.mutate()}>
              {text.resume}
              <span className="sr-only"> {slug}</span>
            </Button>
          )}
        </div>
      )}
      {asked !== null && <DeployDialog {...asked} onClose={() => setAsked(null)} />}
    </li>
  );
}
