import type { ApplicationLine, Job as JobDetail } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { buildQuery } from '../../api/builds.ts';
import { jobQuery } from '../../api/jobs.ts';
import { overviewQuery } from '../../api/overview.ts';
import { NotFound } from '../../shell/broken.tsx';
import { useDocumentState } from '../../shell/document-state.ts';
import { job as text } from '../../text/job.ts';
import { SelectField } from '../../ui/field.tsx';
import type { Outcome } from '../../ui/log/folding.ts';
import { JobLog } from '../../ui/log/index.tsx';
import { Note } from '../../ui/notes.tsx';
import { JobArtifacts } from './artifacts.tsx';
import { JobConfiguration } from './configuration.tsx';
import { JobHeader } from './header.tsx';

export function Page() {
  const { job: id } = useParams({ strict: false });
  return /^\d{1,15}$/.test(id ?? '') ? <Job key={id} id={Number(id)} /> : <NotFound />;
}

/** A job: how it stands, and its log. */
function Job({ id }: { id: number }) {
  const { data: job } = useSuspenseQuery(jobQuery(id));
  const { data: build } = useSuspenseQuery(buildQuery(job.build));
  const { applications } = useSuspenseQuery(overviewQuery).data;
  const application: ApplicationLine | undefined = applications.find(
    ({ repository_uuid }) => repository_uuid === job.repository,
  );
  /** Null: the newest, also after a restart. */
  const [chosen, setChosen] = useState<number | null>(null);
  const attempt = chosen ?? job.attempt;
  useDocumentState(
    [text.title(job.number), job.name, application?.name].filter(Boolean).join(' · '),
    job.state,
  );
  return (
    <>
      <JobHeader job={job} build={build} application={application} />
      {job.reason !== null && (
        <div className="mb-5">
          <Note tone="warn">{job.reason}</Note>
        </div>
      )}
      {job.waiting_for !== null && (
        <div className="mb-5">
          <Note tone="warn">{text.waitsFor(job.waiting_for)}</Note>
        </div>
      )}
      {job.notices.length > 0 && (
        <div className="mb-5">
          <Note tone="warn">
            <ul aria-label={text.notices} className="flex flex-col gap-1">
              {job.notices.map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          </Note>
        </div>
      )}
      {job.attempt > 1 && (
        <div className="mb-3 flex flex-wrap items-end gap-3">
          <SelectField
            label={text.attempt}
            value={String(attempt)}
            onChange={(value) => setChosen(Number(value) === job.attempt ? null : Number(value))}
          >
            {Array.from({ length: job.attempt }, (_, index) => job.attempt - index).map(
              (number) => (
                <option key={number} value={number}>
                  {text.attemptName(number, number === job.attempt)}
                </option>
              ),
            )}
          </SelectField>
          {attempt < job.attempt && (
            <p className="pb-2 text-sm text-muted">{text.attemptNote(attempt)}</p>
          )}
        </div>
      )}
      <div className="mb-5">
        <JobLog job={id} attempt={attempt} outcome={outcomeOf(job, attempt)} />
      </div>
      <JobArtifacts job={id} attempt={attempt} />
      <JobConfiguration job={job} />
    </>
  );
}

function outcomeOf(job: JobDetail, attempt: number): Outcome {
  if (attempt < job.attempt) return 'failed';
  if (job.finished_at === null) return 'running';
  return job.state === 'passed' ? 'passed' : 'failed';
}
