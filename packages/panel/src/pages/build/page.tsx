import type { ApplicationLine } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { buildQuery } from '../../api/builds.ts';
import { applicationKey, overviewQuery } from '../../api/overview.ts';
import { NotFound } from '../../shell/broken.tsx';
import { useDocumentState } from '../../shell/document-state.ts';
import { build as text } from '../../text/build.ts';
import { Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Note } from '../../ui/notes.tsx';
import { BuildDeployments } from './deployments.tsx';
import { BuildHeader } from './header.tsx';
import { BuildMessages } from './messages.tsx';
import { BuildSourceView } from './source.tsx';
import { StageGraph } from './stage-graph.tsx';

export function Page() {
  const { build: id } = useParams({ strict: false });
  return /^\d{1,15}$/.test(id ?? '') ? <Build id={Number(id)} /> : <NotFound />;
}

/** A build: its jobs as they go, what there is to say about its configuration, and what its commit came to. */
function Build({ id }: { id: number }) {
  const { data: build } = useSuspenseQuery(buildQuery(id));
  const { applications } = useSuspenseQuery(overviewQuery).data;
  const application: ApplicationLine | undefined = applications.find(
    ({ repository_uuid }) => repository_uuid === build.repository,
  );
  const app = application === undefined ? null : applicationKey(application);
  useDocumentState(
    [text.title(build.number), application?.name].filter(Boolean).join(' · '),
    build.state,
  );
  return (
    <>
      <BuildHeader build={build} application={application} />
      {build.error !== null && (
        <div className="mb-5">
          <ErrorNote error={new Error(build.error)} />
        </div>
      )}
      {build.notices.length > 0 && (
        <div className="mb-5">
          <Note tone="warn">
            <ul aria-label={text.notices} className="flex flex-col gap-1">
              {build.notices.map((notice) => (
                <li key={notice}>{notice}</li>
              ))}
            </ul>
          </Note>
        </div>
      )}
      <Section title={text.jobs}>
        {build.jobs.length === 0 ? (
          <Empty title={text.noJobs}>{text.noJobsText}</Empty>
        ) : (
          <StageGraph stages={build.stages} jobs={build.jobs} />
        )}
      </Section>
      <BuildDeployments app={app} sha={build.sha} deployments={build.deployments} />
      <BuildMessages messages={build.messages} />
      <BuildSourceView build={build} />
    </>
  );
}
