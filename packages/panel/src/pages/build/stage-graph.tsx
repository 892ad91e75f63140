import type { BuildDetail } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowRight } from 'lucide-react';
import { Fragment } from 'react';
import { build as text } from '../../text/build.ts';
import { StateBadge, StateIcon } from '../../ui/state-badge.tsx';
import { Duration } from '../../ui/time.tsx';

type Job = BuildDetail['jobs'][number];
type Stage = BuildDetail['stages'][number];

/**
 * Stages from left to right (on a phone from top to bottom), the jobs of each below one another: they run side by side,
 * and the next stage begins when all have ended well. It is a list of lists, and read as one.
 */
export function StageGraph({ stages, jobs }: { stages: readonly Stage[]; jobs: readonly Job[] }) {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return (
    <ol aria-label={text.stages} className="flex flex-col gap-2 lg:flex-row lg:flex-wrap">
      {stages.map((stage, index) => (
        <Fragment key={stage.jobs[0] ?? index}>
          <li className="min-w-0 flex-1 lg:min-w-56 lg:max-w-sm">
            <StageColumn
              stage={stage}
              name={stage.name ?? (stages.length > 1 ? text.stage(index + 1) : null)}
              jobs={stage.jobs.flatMap((id) => byId.get(id) ?? [])}
            />
          </li>
          {index < stages.length - 1 && (
            <li aria-hidden className="flex items-center justify-center text-muted">
              <ArrowRight className="hidden size-5 lg:block" />
              <ArrowDown className="size-5 lg:hidden" />
            </li>
          )}
        </Fragment>
      ))}
    </ol>
  );
}

function StageColumn({
  stage,
  name,
  jobs,
}: {
  stage: Stage;
  /** Null where the build has no named stages. */
  name: string | null;
  jobs: readonly Job[];
}) {
  return (
    <div className="h-full rounded-md border border-line">
      {name !== null && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2">
          <h3 className="text-sm font-semibold break-words">{name}</h3>
          <StateBadge state={stage.state} />
        </div>
      )}
      <ul aria-label={name === null ? text.jobs : text.jobsOf(name)} className="p-1">
        {jobs.map((job) => (
          <li key={job.id}>
            <JobRow job={job} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function JobRow({ job }: { job: Job }) {
  return (
    <Link
      to="/jobs/$job"
      params={{ job: String(job.id) }}
      className="flex items-start gap-2 rounded-md px-2 py-2 text-sm text-ink no-underline hover:bg-raised"
    >
      <span className="mt-0.5">
        <StateIcon state={job.state} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block break-words">
          <span className="text-muted">{job.number}</span> {job.name ?? describe(job)}
        </span>
        <span className="flex flex-wrap gap-x-2 text-xs text-muted">
          {job.started_at !== null && <Duration from={job.started_at} to={job.finished_at} />}
          {job.started_at === null && job.queued_at !== null && job.finished_at === null && (
            <span>
              {text.queuedFor} <Duration from={job.queued_at} to={null} />
            </span>
          )}
          {job.allow_failure && <span title={text.mayFailHint}>{text.mayFail}</span>}
          {job.attempt > 1 && <span>{text.attempt(job.attempt)}</span>}
        </span>
        {job.reason !== null && (
          <span className="block text-xs break-words text-muted">{job.reason}</span>
        )}
      </span>
    </Link>
  );
}

/** A job of a matrix has no name: its language, version and variables tell it from its neighbours. */
function describe({ config }: Job): string {
  const language = typeof config['language'] === 'string' ? config['language'] : null;
  const version = language === null ? undefined : config[VERSION_KEYS[language] ?? language];
  const env = config['env'];
  const variables = Array.isArray(env) ? env.map(plain).filter((one) => one !== '') : [plain(env)];
  return [language, plain(version), ...variables].filter(Boolean).join(' ');
}

const VERSION_KEYS: Readonly<Record<string, string>> = {
  ...{ javascript: 'node_js', ruby: 'rvm', java: 'jdk' },
};

function plain(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  return Object.entries(value)
    .flatMap(([name, one]) => (typeof one === 'object' ? [] : [`${name}=${String(one)}`]))
    .join(' ');
}
