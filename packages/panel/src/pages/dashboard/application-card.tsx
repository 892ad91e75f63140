import type { ApplicationLine } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import { applicationKey } from '../../api/overview.ts';
import { overview as text } from '../../text/overview.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';
import { EnvironmentCard } from './environment-card.tsx';

/** Builds beside an application's name: the newest, and those that run besides. */
function Builds({ application }: { application: ApplicationLine }) {
  const [newest] = application.builds;
  if (!application.ci_active && newest === undefined) return <span>{text.ciOff}</span>;
  if (newest === undefined) return <span>{text.noBuilds}</span>;
  const running = application.builds.filter(({ finished_at }) => finished_at === null).length;
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Link
        to="/builds/$build"
        params={{ build: String(newest.id) }}
        className="text-accent underline underline-offset-2"
      >
        {text.build(newest.number)}
      </Link>
      <StateBadge state={newest.state} />
      <Time at={newest.finished_at ?? newest.started_at ?? newest.created_at} />
      {running > 1 && <span>{text.runningBuilds(running)}</span>}
    </span>
  );
}

/** One application with its environments, as the dashboard shows it. */
export function ApplicationCard({ application }: { application: ApplicationLine }) {
  const heading = useId();
  const app = applicationKey(application);
  return (
    <section aria-labelledby={heading} className="rounded-lg border border-line bg-surface p-4">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id={heading} className="min-w-0 text-base font-semibold break-words">
          <Link
            to="/applications/$app"
            params={{ app }}
            className="text-ink underline-offset-2 hover:underline"
          >
            {application.name}
          </Link>
        </h2>
        <div className="text-sm text-muted">
          <Builds application={application} />
        </div>
      </div>
      <ul
        aria-label={text.environments(application.name)}
        className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,18rem),1fr))] gap-3"
      >
        {application.environments.map((environment) => (
          <EnvironmentCard key={environment.uuid} app={app} environment={environment} />
        ))}
      </ul>
    </section>
  );
}
